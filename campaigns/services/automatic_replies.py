"""Texts that answer by themselves: queued like any other, urgently, at most one an hour to a number for each cause, never to names and short codes.

They keep quiet hours like all that the console writes by itself; that somebody is opted out, or in again, is confirmed at any hour.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now
from django.utils import translation
from django.utils.translation import gettext

from campaigns import tokens
from campaigns.automatic_texts import DEFAULTS
from campaigns.models import AutomaticReply, AutomaticText, InboundMessage, KeywordRule, Message, OptInQuestion
from campaigns.models.template import CODES
from campaigns.pipeline.number_rules import NumberRules
from campaigns.pipeline.writing import measured
from campaigns.services import quick_send, routes
from campaigns.services.hearing import Heard
from campaigns.vocabulary import Occasion, Vocabulary
from contacts.models import Contact, Suppression
from providers import registry
from providers.models import Provider
from providers.senders import answering
from smsapp.common.models import Organisation

log = logging.getLogger(__name__)

STOP, START, HELP, RULE = "stop", "start", "help", "rule"
PAUSE = timedelta(hours=1)  # between two answers to a number with one cause: machines that answer each other stop there


@dataclass(frozen=True, slots=True)
class _Reply:
    """What is answered, and why."""

    row: InboundMessage
    provider: Provider
    cause: str
    text: str
    subject: str
    block: Suppression | None = None
    at_once: bool = False  # also in quiet hours


def answer(row: InboundMessage, provider: Provider, cause: str, heard: Heard, *, block: Suppression | None = None) -> None:
    """Answer a received text in its person's language: a rule's own words, else the organisation's for this cause.

    Nothing where the gateway itself answers STOP and START. `block` is what a confirmation may pass. That an answer
    cannot be written never undoes what the text asked for.
    """
    rule = heard.rule
    if cause in (STOP, START) and registry.get(provider.kind).confirms_opt_out:
        return
    text = rule.reply if rule and rule.reply else wording(cause, language_of(row, heard))
    if text:
        _send_surely(_Reply(row, provider, _cause(cause, rule), text, _subject(cause, rule), block, at_once=cause in (STOP, START)))


def ask(row: InboundMessage, provider: Provider, heard: Heard) -> None:
    """Ask whether they agree, in the rule's words; a yes within a week is the answer."""
    rule = heard.rule
    assert rule is not None  # only rules ask
    message = _send_surely(_Reply(row, provider, _cause(RULE, rule), rule.reply, _subject(RULE, rule)))
    if message:
        OptInQuestion.objects.create(number=row.number, wording=message.text, rule=rule, message=message.pk)


def language_of(row: InboundMessage, heard: Heard) -> str:
    """The person's, else that of the word, else the organisation's: one in which there are texts."""
    wanted = (row.contact.language if row.contact else "", heard.language, Organisation.current().language)
    return next((code for code in wanted if code in CODES), CODES[0])


def wording(cause: str, language: str) -> str:
    """The organisation's words for a cause; none for a rule without its own."""
    own = AutomaticText.objects.filter(event=cause, language=language).values_list("text", flat=True).first()
    return own or DEFAULTS.get((cause, language), "")


def write_down_defaults() -> None:
    """A row for each event and language that has none, so that administrators see and change what is answered."""
    rows = [AutomaticText(event=event, language=language, text=text) for (event, language), text in DEFAULTS.items()]
    AutomaticText.objects.bulk_create(rows, ignore_conflicts=True)


def _cause(cause: str, rule: KeywordRule | None) -> str:
    return f"rule {rule.pk}" if rule and (rule.reply or cause == RULE) else cause


def _subject(cause: str, rule: KeywordRule | None) -> str:
    """What the text is called in the history, in the organisation's language."""
    with translation.override(Organisation.current().language):
        names = {STOP: gettext("Confirmation of STOP"), START: gettext("Confirmation of START"), HELP: gettext("Answer to HELP")}
        return names[cause] if cause in names else gettext("Answer to %(word)s") % {"word": rule}


def _send_surely(reply: _Reply) -> Message | None:
    try:
        with transaction.atomic():
            return _send(reply)
    except Exception:
        log.exception("automatic answer not queued", extra={"inbound": reply.row.pk, "cause": reply.cause})
        return None


def _send(reply: _Reply) -> Message | None:
    row = reply.row
    if not row.number.startswith("+") or not reply.provider.active or _was_answered(row.number, reply.cause):
        return None
    message = _message(reply)
    routes.lead([message])
    if message.provider is None or (why_not := _refusal(message, message.provider)):
        log.warning("automatic answer not sent", extra={"inbound": row.pk, "cause": reply.cause, "reason": why_not})
        return None
    (message,) = quick_send.store([message], f"inbound{row.pk}", keep_hours=not reply.at_once)
    block = reply.block.pk if reply.block else None
    AutomaticReply.objects.create(number=row.number, cause=reply.cause, inbound=row.pk, message=message.pk, suppression=block)
    return message


def _was_answered(number: str, cause: str) -> bool:
    """Within the hour. The number's conversation is held, so nobody else answers it at this moment."""
    return AutomaticReply.objects.filter(number=number, cause=cause, at__gt=Now() - PAUSE).exists()


def _refusal(message: Message, provider: Provider) -> str:
    if not message.text or message.segments > provider.max_segments:
        return "too_long" if message.text else "empty_text"
    return NumberRules.of(provider).refusal(message.number)


def _message(reply: _Reply) -> Message:
    row, sender = reply.row, answering(reply.provider.senders, reply.row.recipient)
    words = Vocabulary.of(reply.text, Occasion(reply.subject, sender))
    filled = tokens.render(reply.text, words.values(row.contact or Contact(), number=row.number))
    text, encoding, segments = measured("\n".join(" ".join(line.split()) for line in filled.strip().splitlines()))
    return Message(
        kind=Message.Kind.AUTOMATIC, provider=reply.provider, sender=sender, subject=reply.subject[:120], text=text, contact=row.contact,
        number=row.number, encoding=encoding, segments=segments, idempotency_key=f"inbound{row.pk}:{row.number}",
    )  # fmt: skip
