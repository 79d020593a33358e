"""Unknown texts: the list of what waits, and the three answers, for one, for some, for all that match."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from campaigns import wording
from campaigns.forms.unknown import UnknownFilters, asked_at
from campaigns.models import Message, UnknownText
from campaigns.services import again, look_ups, unknowns
from campaigns.services.unknowns import Choice, Settled
from campaigns.views.actions import Question
from campaigns.views.people import decorate_messages
from campaigns.wizard.picker import ids as numbers_in
from contacts import eligibility
from smsapp.common import listing
from smsapp.common.readable import number, person_time
from smsapp.common.secrets import sign_reference

RIGHT = "campaigns.settle_unknown"
ICONS = {Choice.SENT: "check2", Choice.AGAIN: "arrow-repeat", Choice.GIVE_UP: "x-octagon"}


@require_GET
@permission_required("campaigns.view_message", raise_exception=True)
def unknown(request: HttpRequest) -> HttpResponse:
    """What waits, newest first: who, of which mailing, since when, why, and what the gateway said."""
    filters = UnknownFilters(request.GET)
    texts = filters.texts()
    page = listing.paginate(texts.select_related("mailing", "provider"), request, order=("-since", "-message_id"), label=lambda text: person_time(text.since))
    _decorate(page.items)
    count = texts[: unknowns.MOST + 1].count()
    context = {
        "page": page, "filters": filters, "count": min(count, unknowns.MOST), "more": count > unknowns.MOST, "most": unknowns.MOST, "asked_at": asked_at(),
        "choices": offered(), "may_settle": request.user.has_perm(RIGHT), "may_look": look_ups.possible(),
        "any_at_all": bool(page) or UnknownText.objects.exists(),
    }  # fmt: skip
    return render(request, "campaigns/unknown.html", context)


def offered() -> list[tuple[Choice, str]]:
    """The answers with their icons."""
    return list(ICONS.items())


def _decorate(texts: list[UnknownText]) -> None:
    """Give each its message with person, words and reference; two queries for all."""
    found = Message.objects.with_stage().in_bulk([text.message_id for text in texts])
    decorate_messages(list(found.values()))
    for text in texts:
        message = found.get(text.message_id)
        text.shown = message  # type: ignore[attr-defined]
        text.why = wording.reason(text.reason, "unknown") if text.reason else _("Nobody knows")  # type: ignore[attr-defined]
        text.reference = sign_reference(text.message_id)  # type: ignore[attr-defined]
        text.who = message.person.name if message and message.person else message.number if message else ""  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Asked:
    """The texts that a form means: one, those ticked, or all that matched its filter when it was shown."""

    texts: QuerySet[UnknownText]
    ids: list[int]
    pairs: list[tuple[str, str]]  # to ask for the same once more

    @classmethod
    def of(cls, posted: Mapping[str, Any]) -> "Asked":
        filters = UnknownFilters(posted)
        if posted.get("all") == "1" and not posted.get("only"):
            moment = str(posted.get("asked_at", ""))
            texts = filters.texts().filter(since__lte=_moment(moment))
            ids = list(texts.order_by("message_id").values_list("message_id", flat=True)[: unknowns.MOST])
            return cls(texts, ids, [*filters.pairs, ("all", "1"), ("asked_at", moment)])
        ids = sorted(numbers_in([posted["only"]] if posted.get("only") else posted.getlist("text")))[: unknowns.MOST]  # type: ignore[attr-defined]
        return cls(UnknownText.objects.filter(message__in=ids), ids, [*filters.pairs, *(("text", str(pk)) for pk in ids)])


def _moment(text: str) -> Any:
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    return found if found and found.tzinfo else timezone.now()


@require_POST
@permission_required(RIGHT, raise_exception=True)
def settle(request: HttpRequest, choice: str) -> HttpResponse:
    """Give an answer. One that repeats texts, is for good, or concerns several, is asked about first."""
    if choice not in Choice.values:
        raise Http404
    answer, asked = Choice(choice), Asked.of(request.POST)
    back = _back(request)
    if not asked.ids:
        messages.error(request, _("No text is ticked, or somebody has settled those that were. Tick at least one."))
        return redirect(back)
    if request.POST.get("sure") != "1" and (answer is not Choice.SENT or len(asked.ids) > 1):
        context = {"question": _question(answer, asked.ids), "choice": answer, "icon": ICONS[answer], "pairs": asked.pairs, "back": back}
        return render(request, "campaigns/unknown_question.html", context)
    _tell(request, answer, unknowns.settle(asked.ids, answer, request.user))
    if left := asked.texts[: unknowns.MOST + 1].count():
        _tell_rest(request, left, asked)
    return redirect(back)


def _tell_rest(request: HttpRequest, left: int, asked: Asked) -> None:
    if ("all", "1") in asked.pairs:
        words = ngettext("%(n)s text that matches is left.", "%(n)s texts that match are left.", left)
        messages.warning(request, f"{words % {'n': number(left)}} {_('Choose all that match once more to go on.')}")


def _back(request: HttpRequest) -> str:
    """To the page that somebody came from: the list with its filter, or a text's own page."""
    wanted = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and wanted.startswith("/"):
        return wanted
    pairs = UnknownFilters(request.POST).pairs
    return reverse("campaigns:unknown") + (f"?{urlencode(pairs)}" if pairs else "")


def _question(choice: Choice, ids: list[int]) -> Question:
    if choice is Choice.AGAIN:
        return _ask_again(ids)
    n = len(ids)
    shown = {"n": number(n)}
    if choice is Choice.SENT:
        return Question(
            title=ngettext("Was %(n)s text sent?", "Were %(n)s texts sent?", n) % shown,
            yes=ngettext("Settle %(n)s text as sent", "Settle %(n)s texts as sent", n) % shown,
            no=_("Leave them unknown"),
            sentence=_("They count as accepted by the gateway. A delivery report that comes later still moves them on."),
            consequences=[(n, ngettext("text counts as sent", "texts count as sent", n))],
        )
    return Question(
        title=ngettext("Give %(n)s text up?", "Give %(n)s texts up?", n) % shown,
        yes=ngettext("Give %(n)s text up", "Give %(n)s texts up", n) % shown,
        no=_("Leave them unknown"),
        sentence=_("They count as failed, and nothing changes that any more, not even a late report. Nobody is texted."),
        consequences=[(n, ngettext("text counts as failed", "texts count as failed", n))],
    )


def _ask_again(ids: list[int]) -> Question:
    waiting = UnknownText.objects.filter(message__in=ids).values_list("message_id", flat=True)
    texts = again.with_their_own(Message.objects.filter(id__in=list(waiting)).defer("text"))
    why_not = again.refusals(texts)
    going = [text for text in texts if text.pk not in why_not]
    n, segments = len(going), sum(text.segments for text in going)
    reasons = eligibility.by_volume(Counter(why_not.values()))
    return Question(
        title=ngettext("Send %(n)s text again?", "Send %(n)s texts again?", n) % {"n": number(n)},
        yes=ngettext("Send %(n)s text again", "Send %(n)s texts again", n) % {"n": number(n)} if n else "",
        no=_("Leave them unknown"),
        sentence=_("The first text may have arrived: then the same person gets it twice. Everybody is checked once more just before it leaves.")
        if n
        else _("None of them can be sent again. You can still say that they were sent, or give them up."),
        consequences=[
            (n, ngettext("person may get the text a second time", "people may get the text a second time", n)),
            (segments, ngettext("segment is charged once more", "segments are charged once more", segments)),
            *((count, _("cannot be sent again: %(why)s") % {"why": wording.reason(reason)}) for reason, count in reasons.items()),
        ],
    )


def _tell(request: HttpRequest, choice: Choice, found: Settled) -> None:
    """What was done, and what was not, with the reasons."""
    if found.done:
        messages.success(request, _done(choice, found.done) % {"n": number(found.done)})
    for reason, count in eligibility.by_volume(found.refused).items():
        words = ngettext("%(n)s text cannot be sent again: %(why)s.", "%(n)s texts cannot be sent again: %(why)s.", count)
        messages.warning(request, words % {"n": number(count), "why": wording.reason(reason)})
    for status, count in found.meanwhile.items():
        words = ngettext("%(n)s text had been settled meanwhile: it is %(state)s.", "%(n)s texts had been settled meanwhile: they are %(state)s.", count)
        messages.warning(request, words % {"n": number(count), "state": str(wording.STAGES[status.name.lower()].label).lower()})
    if found.sent_again:
        n = found.sent_again
        words = ngettext("%(n)s text had been sent again by somebody else meanwhile.", "%(n)s texts had been sent again by somebody else meanwhile.", n)
        messages.warning(request, words % {"n": number(n)})


def _done(choice: Choice, n: int) -> str:
    if choice is Choice.SENT:
        return ngettext("%(n)s text is settled as sent.", "%(n)s texts are settled as sent.", n)
    if choice is Choice.AGAIN:
        return ngettext("%(n)s text is queued once more.", "%(n)s texts are queued once more.", n)
    return ngettext("%(n)s text is given up.", "%(n)s texts are given up.", n)


@require_POST
@permission_required(RIGHT, raise_exception=True)
def look_up(request: HttpRequest) -> HttpResponse:
    """Ask the gateways in the background; the answer is on the page as soon as it is there."""
    asked = Asked.of(request.POST)
    if n := look_ups.ask_for(asked.ids):
        words = ngettext("The gateway is asked about %(n)s text.", "The gateways are asked about %(n)s texts.", n)
        messages.success(request, f"{words % {'n': number(n)}} {_('Reload this page in a moment.')}")
    else:
        messages.warning(request, _("No gateway of these texts can be asked. Ask its support, then settle them here."))
    return redirect(_back(request))
