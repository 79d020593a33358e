"""Send test: a mailing's or a template's text to a few numbers, as one person would read it; and what became of it."""

import uuid
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns import composer, trials, wording
from campaigns.composing.home import home_of
from campaigns.forms.keys import renew_key
from campaigns.forms.try_text import LONGEST, TryForm, Typed, read
from campaigns.models import TestNumber, TestSend
from campaigns.services import test_send
from campaigns.services.errors import CampaignError
from campaigns.services.test_send import Trial
from campaigns.views import recipients as chosen_numbers
from campaigns.views.recipients import Recipients
from campaigns.views.try_subject import Subject
from campaigns.wizard.picker import id_in, ids
from contacts import filters, selection
from contacts.models import Contact
from contacts.smart import finding
from providers.models import Provider
from smsapp.common import phone

READERS = 8  # suggested at once
FOLLOW = timedelta(minutes=10)  # so long the result asks for news


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("campaigns.add_message", raise_exception=True)
def new(request: HttpRequest) -> HttpResponse:
    """The form; its own buttons look for people or show the text, the last one sends."""
    subject = Subject.of(request)
    if request.method != "POST":
        return _page(request, subject, _form(subject, initial=_beginning(subject)), Recipients())
    form, chosen = _form(subject, data=request.POST), _test_contacts(request)
    if request.POST.get("do") != "send" or subject.problems:
        return _page(request, subject, _form(subject, initial=request.POST.dict()), chosen)
    return _send(request, subject, form, chosen)


def _form(subject: Subject, *, data: Any = None, **values: Any) -> TryForm:
    return TryForm(data, provider=subject.mailing.provider if subject.mailing else None, **values)


def _beginning(subject: Subject) -> dict[str, Any]:
    """The template's own sender, else the default one."""
    template = subject.template
    origin = f"{template.provider_id}:{template.sender or next(iter(template.provider.senders), '')}" if template and template.provider else ""
    if not origin and (default := Provider.objects.active().first()):
        origin = f"{default.pk}:{next(iter(default.senders), '')}"
    return {"key": uuid.uuid4(), "origin": origin, "seen": subject.row.version}


def _test_contacts(request: HttpRequest) -> Recipients:
    return chosen_numbers.of_numbers(ids(request.POST.getlist("to"))[: test_send.MOST + 1], selection.nobody(), request.user)


def _send(request: HttpRequest, subject: Subject, form: TryForm, chosen: Recipients) -> HttpResponse:
    valid = form.is_valid()
    ticked = [number for number in request.POST.getlist("number") if number in dict(_offered(request.user))]
    numbers = form.add_numbers(ticked, [row.number for row in chosen.numbers])
    for _code, words, people in chosen.left_out:
        form.add_error(None, _("%(people)s: no test, because of “%(reason)s”.") % {"people": ", ".join(person.name for person in people), "reason": words})
    _check_still_so(request, subject, form)
    trial = subject.trial(request.user, form.cleaned_data.get("origin"))
    if not valid or form.errors or trial is None:
        return _page(request, subject, form, chosen)
    if "sure" not in request.POST and (unwilling := test_send.unwilling(trial, numbers)):
        return _page(request, subject, form, chosen, unwilling=unwilling, advertises=trial.advertises)
    try:
        sent = test_send.send_as(trial, _reader(request, subject), numbers, request.user, key=str(form.cleaned_data["key"]))
    except CampaignError as error:
        if error.code == "already_sent":
            renew_key(form)
        form.add_error(None, error.message)
        return _page(request, subject, form, chosen)
    test_send.remember(request.user, form.cleaned_data["typed"])
    url = reverse("campaigns:test_sent", args=[sent.key])
    return HttpResponse(headers={"HX-Redirect": url}) if request.htmx else redirect(url)  # type: ignore[attr-defined]


def _check_still_so(request: HttpRequest, subject: Subject, form: TryForm) -> None:
    """What is sent is what the person saw: the same text, as the same reader."""
    if form.cleaned_data.get("seen") not in (None, subject.row.version):
        form.add_error(None, _("Somebody changed this text since the page was shown. Look at it once more, then send the test."))
        form.data = {**form.data, "seen": subject.row.version}
    reader = _reader(request, subject)
    if request.POST.get("reader") and (reader is None or str(reader.pk) != request.POST["reader"]):
        form.add_error(None, _("The person whose text was shown is gone. Look at the text of somebody else, then send the test."))


def _reader(request: HttpRequest, subject: Subject) -> Contact | None:
    """Whom the form or the address names, else the first who would read it."""
    data = request.POST if request.method == "POST" else request.GET
    wanted = ids([data.get("reader", "")])
    return selection.visible_to(request.user).filter(pk__in=wanted).first() or subject.first_reader(request.user)


def _offered(user: Any) -> list[tuple[str, str]]:
    """(number, words): this person's own first, then those used before."""
    own = [(user.mobile, _("your own"))] if user.mobile else []
    kept = TestNumber.objects.filter(user=user).exclude(number=user.mobile)[: test_send.REMEMBERED]
    return [*own, *((row.number, row.label) for row in kept)]


def _page(request: HttpRequest, subject: Subject, form: TryForm, chosen: Recipients, **context: Any) -> HttpResponse:
    data = request.POST if request.method == "POST" else request.GET
    reader = None if subject.problems else _reader(request, subject)
    trial = None if subject.problems else subject.trial(request.user, _origin(form))
    context |= {
        "subject": subject,
        "home": home_of(subject.mailing),
        "form": form,
        "recipients": chosen,
        "offered": _offered(request.user),
        "kept": list(TestNumber.objects.filter(user=request.user).exclude(number=request.user.mobile)),  # type: ignore[union-attr]
        "ticked": request.POST.getlist("number") if request.method == "POST" else [number for number, _words in _offered(request.user)[:1]],
        "reader": reader,
        "readers": _found_readers(data.get("rq", ""), request.user, reader) if data.get("rq") else [],
        "rq": data.get("rq", ""),
        "most": test_send.MOST,
        "typed": _typed(form),
        **_shown(trial, reader),
    }
    if request.POST.get("do") == "find":
        context |= {"found": chosen_numbers.suggest(data.get("q", ""), request.user, without=list(chosen.ids)), "q": data.get("q", "")}
    fragment = request.htmx and request.POST.get("do") == "show"  # type: ignore[attr-defined]
    return render(request, "campaigns/_try_follows.html" if fragment else "campaigns/try_text.html", context)


def _origin(form: TryForm) -> tuple[Provider, str] | None:
    """Through whom it would go as the form stands."""
    if "origin" not in form.fields:
        return None
    number, _colon, sender = str(form["origin"].value() or "").partition(":")
    provider = Provider.objects.active().filter(pk=id_in(number)).first()
    return (provider, sender) if provider else None


def _typed(form: TryForm) -> Typed:
    """What can be read of the numbers that were typed so far."""
    provider, _sender = _origin(form) or (form.provider, "")
    return read(str(form["typed"].value() or "").replace("\0", "")[:LONGEST], provider)


def _shown(trial: Trial | None, reader: Contact | None) -> dict[str, Any]:
    if trial is None:
        return {}
    shown = trial.shown_to(reader)
    return {
        "trial": trial, "shown": shown, "pieces": composer.cut(shown.text), "cost": trial.cost(shown), "currency": trial.provider.currency,
        "language": wording.language(shown.language) if shown.language else "", "too_long": shown.size.segments > trial.limit,
    }  # fmt: skip


def _found_readers(q: str, user: Any, but: Contact | None) -> list[Contact]:
    q = q.replace("\0", "").strip()[: filters.LONGEST]
    if len(q) < 2:
        return []
    people = finding.first(filters.Filters(q=q).people(selection.visible_to(user)), READERS + 1)
    return [person for person in people if person != but][:READERS]


@require_POST
@permission_required("campaigns.add_message", raise_exception=True)
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer one of one's own test numbers no longer."""
    kept = get_object_or_404(TestNumber, pk=pk, user=request.user)
    kept.delete()
    messages.success(request, _("%(number)s is no longer offered for tests.") % {"number": phone.display(kept.number)})
    subject = next(((name, number) for name in ("mailing", "template") for number in ids([request.POST.get(name, "")])), None)
    return redirect(f"{reverse('campaigns:test_new')}?{subject[0]}={subject[1]}" if subject else "home")


@require_safe
@permission_required("campaigns.view_message", raise_exception=True)
def sent(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """What was queued, as whom it was rendered; the states change by themselves until nothing moves."""
    test = get_object_or_404(TestSend.objects.select_related("mailing", "template", "rendered_as", "author"), key=key)
    queued = trials.messages_of(test, request.user)
    moving = any(message.stage in wording.MOVING for message in queued)  # type: ignore[attr-defined]
    context = {"test": test, "queued": queued, "poll": moving and timezone.now() - test.sent_at < FOLLOW, "first": queued[0] if queued else None}
    context["cost"] = trials.cost(queued)
    return render(request, "campaigns/_try_sent.html" if request.htmx else "campaigns/try_sent.html", context)  # type: ignore[attr-defined]
