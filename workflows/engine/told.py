"""What a workflow's log says of the mailings that its runs made: each of their moves, with who made it. What went wrong is told by their step."""

from collections.abc import Mapping
from typing import Any

from campaigns.models import Mailing, MailingEvent
from campaigns.plans import Plan
from campaigns.services import figures
from campaigns.statuses import MailingStatus as S
from smsapp.common.bidi import isolated
from smsapp.common.sentences import Count, Sentence
from smsapp.common.sentences import say as _
from workflows.engine import log as lines
from workflows.models import Send


def tell(mailing_id: int) -> None:
    """The last move of a mailing, in the transaction that makes it; nothing of one that no workflow made."""
    send = Send.objects.select_related("workflow", "run", "mailing").filter(mailing=mailing_id).first()
    if send is None:
        return
    last, *before = send.mailing.events.select_related("author").order_by("-id")[:2]
    by_itself = not before or (last.status == S.SENDING and not send.confirm)
    if words := said(send, last, before[0].status if before else S.DRAFT, _facts(send.mailing, last)):
        lines.note(send.workflow, words, run=send.run, step=send.step, by=None if by_itself else last.author)


def said(send: Send, move: MailingEvent, before: str, facts: Mapping[str, Any]) -> Sentence | None:
    """A move in words, with the figures that it has; None where nobody needs to read of it."""
    sentence = _sentence(send, move, before)
    return sentence % {"name": isolated(send.mailing.name), **facts} if sentence else None


def _sentence(send: Send, move: MailingEvent, before: str) -> Sentence | None:
    if before == S.PAUSED and move.status in (S.SCHEDULED, S.SENDING):
        return _("“%(name)s” goes on.")
    match move.status:
        case S.PREPARING:
            return _("“%(name)s” is being prepared.")
        case S.READY:
            return _prepared(send, move)
        case S.SCHEDULED:
            return _("“%(name)s” was confirmed. It goes out at %(when)s.")
        case S.SENDING:
            return _begun(send, move)
        case S.PAUSED:
            return _("“%(name)s” was paused.")
        case S.FINISHED:
            return _("“%(name)s” is finished. Texts: %(texts)s, sent: %(sent)s, did not arrive so far: %(missed)s.")
        case S.CANCELLED:
            return _("“%(name)s” was cancelled.")
        case S.DRAFT:
            return _("“%(name)s” was taken back: it is a draft again.")
    return None


def _prepared(send: Send, move: MailingEvent) -> Sentence | None:
    """One that was confirmed before its recipients were looked at once more goes on by itself."""
    if (confirmed := send.mailing.confirmed_at) and confirmed <= move.at:
        return None
    if send.confirm:
        return _("“%(name)s” is prepared and waits for confirmation. Recipients: %(recipients)s, left out: %(left_out)s.")
    return _("“%(name)s” is prepared. Recipients: %(recipients)s, left out: %(left_out)s.")


def _begun(send: Send, move: MailingEvent) -> Sentence:
    if not send.confirm:
        return _("“%(name)s” is being sent. Nobody was to be asked.")
    return _("“%(name)s” was confirmed and is being sent.") if move.author_id else _("“%(name)s” is being sent.")


def _facts(mailing: Mailing, move: MailingEvent) -> dict[str, Any]:
    if move.status == S.READY:
        plan = Plan.read(mailing.plan)
        return {"recipients": Count(plan.recipients if plan else 0), "left_out": Count(plan.left_out if plan else 0)}
    if move.status == S.FINISHED:
        found = figures.of(mailing)
        return {"texts": Count(found.total), "sent": Count(found.texted), "missed": Count(found.troubled)}
    return {"when": move.scheduled_for} if move.status == S.SCHEDULED else {}
