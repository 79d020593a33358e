"""The people behind each number: recipients by status, those left out by reason."""

from collections.abc import Iterable
from dataclasses import replace

from django.contrib.auth.decorators import permission_required
from django.db.models import Case, SmallIntegerField, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext

from campaigns import logs, troubles, wording
from campaigns.models import Mailing, Message
from campaigns.services import figures, retries
from campaigns.services.figures import Figures
from campaigns.statuses import MessageStatus
from campaigns.views import retry
from campaigns.views.narrowing import narrow
from contacts import explanations, number_facts
from contacts.models import Contact
from smsapp.common import listing, phone


@permission_required("campaigns.view_mailing", raise_exception=True)
def messages_of(request: HttpRequest, pk: int) -> HttpResponse:
    """Recipients of a mailing, by status and reason."""
    mailing = get_object_or_404(Mailing, pk=pk)
    stage, reason = request.GET.get("stage", ""), _reason(request)
    if stage not in logs.STAGES:
        raise Http404
    chosen, narrowed = narrow(logs.texts([mailing.pk], stage, reason), mailing, request.GET)
    page = listing.paginate(chosen, request, order=("contact_id", "id"), label=lambda message: phone.display(message.number))
    decorate_messages(page.items)
    counts = figures.of(mailing)
    states = [wording.of_message(state.code, mailing.finished_at, timezone.now()) for state in wording.STAGES.values()]
    stages = [(state, getattr(counts, state.code)) for state in states if getattr(counts, state.code) or state.code == stage]
    context = {
        "mailing": mailing,
        "page": page,
        "stage": stage,
        "reason": reason,
        "reason_label": wording.reason(reason, stage) if reason else "",
        "stages": stages,
        "narrowed": narrowed,
    }
    if stage in ("arrived-not", *troubles.STAGES) and not narrowed and retries.possible(mailing) and request.user.has_perm(retry.RIGHT):
        context |= {"retryable": _retryable(mailing, counts, stage, reason), "retry_stage": stage if stage in troubles.STAGES else ""}
    context |= {"state": wording.MAILINGS[mailing.status], "counts": counts, "stage_label": wording.STAGES[stage].label if stage in wording.STAGES else ""}
    return render(request, "campaigns/messages.html", context)


def _retryable(mailing: Mailing, counts: Figures, stage: str, reason: str) -> int:
    """How many texts of the list would be sent again without further words: those whose cause may have passed, or all of a single cause."""
    left = retries.left_of(mailing, figures.causes(mailing, counts)).items()
    asked = [(troubles.of(why, name), n) for (status, why), n in left if stage in ("arrived-not", name := MessageStatus(status).name.lower())]
    asked = [(trouble, n) for trouble, n in asked if n and not trouble.hard and trouble.reason == (reason or trouble.reason)]
    return sum(n for trouble, n in asked if trouble.helps or len(asked) == 1)


def _reason(request: HttpRequest) -> str:
    """The reason that an address asks for; only those that have words exist."""
    reason = request.GET.get("reason", "")
    if reason and wording.reason(reason) == reason:
        raise Http404
    return reason


def decorate_messages(messages: list[Message]) -> None:
    """Give each message its contact (None when it was erased), state and reason in words; one query for all."""
    people = Contact.objects.in_bulk([message.contact_id for message in messages if message.contact_id])
    now = timezone.now()
    for message in messages:
        message.person = people.get(message.contact_id)  # type: ignore[attr-defined]
        message.state = wording.of_message(message.stage, message.sent_at, now)  # type: ignore[attr-defined]
        message.why = wording.reason(message.reason, message.stage) if message.reason else ""  # type: ignore[attr-defined]


def between_people(page: listing.Page) -> listing.Page:
    """Its foot names the first and the last person of it, whose rows have their `person`."""
    names = [row.person.name if row.person else gettext("Erased contact") for row in page]
    return replace(page, first=names[0], last=names[-1]) if names else page


def _place(reasons: Iterable[str]) -> Case:
    """Where people stand in the list of all: reasons in the order of the figures above it."""
    return Case(*(When(reason=reason, then=place) for place, reason in enumerate(reasons)), default=-1, output_field=SmallIntegerField())


@permission_required("campaigns.view_mailing", raise_exception=True)
def left_out(request: HttpRequest, pk: int) -> HttpResponse:
    """People whom preparation left out of a mailing, by reason."""
    mailing = get_object_or_404(Mailing, pk=pk)
    reason = _reason(request)
    counts = figures.excluded(mailing)
    rows = logs.left_out([mailing.pk], reason).annotate(place=_place(counts))
    page = listing.paginate(rows, request, order=("reason" if reason else "place", "contact_id"))
    people = Contact.objects.in_bulk([row.contact_id for row in page])
    numbers = number_facts.by_contact(people[row.contact_id] for row in page if not row.number and row.contact_id in people)
    for row in page:
        row.person, row.why = people.get(row.contact_id), wording.reason(row.reason)
        row.number = row.number or numbers.get(row.contact_id, "")
    reasons = [(code, wording.reason(code), count) for code, count in counts.items()]
    context = {"mailing": mailing, "page": between_people(page), "reason": reason, "reasons": reasons}
    context["reason_label"] = wording.reason(reason) if reason else ""
    words = {"reason_meaning": explanations.meaning(reason), "reason_remedy": explanations.remedy(reason)}
    return render(request, "campaigns/left_out.html", context | words | {"total": sum(count for _code, _label, count in reasons)})
