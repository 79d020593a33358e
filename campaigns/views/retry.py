"""Retry only these: texts that failed, sent once more from wherever failures are listed, after a question with their number and cost."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from campaigns import troubles, wording
from campaigns.models import Mailing, Message
from campaigns.services import again, quiet_hours, retries
from campaigns.troubles import Trouble
from campaigns.views.actions import Question
from campaigns.wizard.picker import id_in
from smsapp.common.readable import money, number, person_time

RIGHT, ONE_OFFS = "campaigns.settle_unknown", "campaigns.add_message"
ANY_CAUSE = "any"


def may(user: Any, message: Message) -> bool:
    """Texts of mailings by those who may send again; a one-off also by whoever may write one."""
    return user.has_perm(RIGHT) or (message.mailing_id is None and user.has_perm(ONE_OFFS))


@dataclass
class Asked:
    """The texts that a form means: one, or those of a mailing in a state and with a cause. Causes that a retry hardly helps take part when
    nothing else was asked for, or when somebody added them."""

    texts: QuerySet[Message]
    back: str
    pairs: list[tuple[str, str]]
    added: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, posted: Mapping[str, Any], user: Any) -> "Asked":
        added = posted.getlist("also")  # type: ignore[attr-defined]
        if only := id_in(posted.get("text", "")):
            message = get_object_or_404(Message, pk=only)
            if not may(user, message):
                raise PermissionDenied
            return cls(retries.failed().filter(pk=only), reverse("campaigns:message", args=[only]), [("text", str(only))], added)
        mailing = get_object_or_404(Mailing, pk=id_in(posted.get("mailing", "")))
        if not user.has_perm(RIGHT):
            raise PermissionDenied
        stage, reason = posted.get("stage", ""), posted.get("reason", ANY_CAUSE)
        if (stage and stage not in troubles.STAGES) or "\0" in reason:
            raise Http404
        pairs = [("mailing", str(mailing.pk)), *([("stage", stage)] if stage else []), *([("reason", reason)] if reason != ANY_CAUSE else [])]
        texts = retries.of_mailing(mailing, stage, None if reason == ANY_CAUSE else reason)
        shown = [("stage", stage or "arrived-not"), *([("reason", reason)] if reason not in ("", ANY_CAUSE) else [])]
        return cls(texts, f"{reverse('campaigns:messages', args=[mailing.pk])}?{urlencode(shown)}", pairs, added)

    @cached_property
    def causes(self) -> list[tuple[Trouble, int]]:
        """With how many texts each."""
        return retries.by_cause(self.texts)

    def takes_part(self, cause: Trouble) -> bool:
        """Whether texts with this cause go again."""
        return cause.helps or len(self.causes) == 1 or cause.reason in self.added

    @cached_property
    def ids(self) -> list[int]:
        """Of the texts that go again, oldest first, no more than can be done at once."""
        reasons = {cause.reason for cause, _n in self.causes if self.takes_part(cause)}
        return list(self.texts.filter(reason__in=reasons).order_by("id").values_list("id", flat=True)[: retries.MOST])


@require_POST
@login_required
def retry(request: HttpRequest) -> HttpResponse:
    """Ask with number and cost; with the answer, queue them once more."""
    if not any(map(request.user.has_perm, (RIGHT, ONE_OFFS))):
        raise PermissionDenied
    asked = Asked.of(request.POST, request.user)
    if not asked.causes:
        messages.warning(request, _("There is nothing to send again: these texts were sent again already, or their states have changed."))
        return redirect(asked.back)
    if request.POST.get("sure") != "1":
        return render(request, "campaigns/retry_question.html", _context(asked))
    _tell(request, retries.send(asked.ids, request.user))
    if left := asked.texts.filter(Q(reason__in={cause.reason for cause, _n in asked.causes if asked.takes_part(cause)})).count():
        _tell_rest(request, left)
    return redirect(asked.back)


def _context(asked: Asked) -> dict[str, Any]:
    texts = again.with_their_own(Message.objects.filter(id__in=asked.ids).defer("text"))
    why_not = again.refusals(texts)
    return {
        "asked": asked,
        "question": _question([text for text in texts if text.pk not in why_not], Counter(why_not.values())),
        "causes": [(cause, n, asked.takes_part(cause)) for cause, n in asked.causes],
        "mailing": texts[0].mailing if texts else None,
    }


def _question(going: list[Message], refused: Counter[str]) -> Question:
    n, segments = len(going), sum(text.segments for text in going)
    shown = {"n": number(n)}
    cost = ", ".join(money(amount, currency) for currency, amount in _cost(going).items() if amount)
    charged = ngettext("segment is charged", "segments are charged", segments)
    return Question(
        title=ngettext("Send %(n)s text again?", "Send %(n)s texts again?", n) % shown if n else _("None of these texts can be sent again"),
        yes=ngettext("Send %(n)s text again", "Send %(n)s texts again", n) % shown if n else "",
        no=_("Leave them as they are"),
        sentence=_("Each becomes a new text that is linked to the old one. Everybody is checked once more just before it leaves.") if n else "",
        consequences=[
            (n, ngettext("text is queued", "texts are queued", n)),
            (segments, f"{charged} ({cost})" if cost else charged),
            *_waiting(going),
            *((count, _("cannot be sent again: %(why)s") % {"why": wording.reason(reason)}) for reason, count in refused.most_common()),
        ],
    )


def _waiting(going: list[Message]) -> list[tuple[int, str]]:
    """Those that stay in the queue until their quiet hours end."""
    now = timezone.now()
    ends = [end for text in going if (end := quiet_hours.opens_at(text.number, text.kind, now)) > now]
    words = ngettext("waits for the end of quiet hours, until %(time)s", "wait for the end of quiet hours, until %(time)s at the latest", len(ends))
    return [(len(ends), words % {"time": person_time(max(ends))})] if ends else []


def _cost(going: list[Message]) -> dict[str, Decimal]:
    """By currency, at what the providers ask now."""
    found: dict[str, Decimal] = {}
    for text in going:
        assert text.provider is not None  # else it is refused
        found[text.provider.currency] = found.get(text.provider.currency, Decimal()) + text.provider.price_per_segment * text.segments
    return found


def _tell(request: HttpRequest, found: retries.Done) -> None:
    if found.done:
        words = ngettext("%(n)s text is queued once more.", "%(n)s texts are queued once more.", found.done)
        messages.success(request, words % {"n": number(found.done)})
    for reason, count in found.refused.most_common():
        words = ngettext("%(n)s text cannot be sent again: %(why)s.", "%(n)s texts cannot be sent again: %(why)s.", count)
        messages.warning(request, words % {"n": number(count), "why": wording.reason(reason)})
    if n := found.late:
        words = ngettext("%(n)s text had been sent again by somebody else meanwhile.", "%(n)s texts had been sent again by somebody else meanwhile.", n)
        messages.warning(request, words % {"n": number(n)})


def _tell_rest(request: HttpRequest, left: int) -> None:
    words = ngettext("%(n)s of these texts was not sent again.", "%(n)s of these texts were not sent again.", left)
    messages.info(request, words % {"n": number(left)})
