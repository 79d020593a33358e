"""One-off texts: staff text one person, or a few chosen ones. They take the same road as any text, urgently."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import tokens, vocabulary, wording
from campaigns.models import Chunk, Message
from campaigns.pipeline.message_rows import place
from campaigns.pipeline.number_rules import NumberRules
from campaigns.pipeline.record import RECORD
from campaigns.services import bells, moments, repeats, routes, templates
from campaigns.services.errors import CampaignError
from campaigns.statuses import ChunkState
from campaigns.texts import Texts
from contacts import eligibility
from contacts.models import Contact, PhoneNumber
from providers.charset import normalise
from providers.models import Provider
from providers.segments import measure
from smsapp.common import phone

MOST_AT_ONCE = 1_000  # more is a mailing
MOST_NAMED = 5  # numbers in a sentence


@dataclass(slots=True)
class Plan:
    """Who of the chosen contacts can be texted, at which number, and why the others cannot."""

    textable: list[tuple[Contact, str]] = field(default_factory=list)
    left_out: dict[str, list[Contact]] = field(default_factory=dict)
    opted_out: list[Contact] = field(default_factory=list)  # textable one by one, yet said to the author

    @property
    def left_out_total(self) -> int:
        """Contacts who get no text."""
        return sum(len(people) for people in self.left_out.values())

    @property
    def total(self) -> int:
        """All chosen contacts."""
        return len(self.textable) + self.left_out_total


def plan(contacts: Any) -> Plan:
    """Judge chosen contacts (a ContactQuerySet) for a one-off text; two people with one number get one text."""
    found, seen = Plan(), set[str]()
    for contact in eligibility.judge(contacts, marketing=False).order_by("id")[: MOST_AT_ONCE + 1]:
        number = contact.sms_number or ""
        reason = contact.reason or ("duplicate_number" if number in seen else "")
        if reason:
            found.left_out.setdefault(reason, []).append(contact)
            continue
        seen.add(number)
        found.textable.append((contact, number))
        if contact.opted_out:
            found.opted_out.append(contact)
    return found


def why_not(recipients: Iterable[tuple[int, str]]) -> dict[tuple[int, str], str]:
    """Reasons against texting these (contact id, number) pairs; pairs that may be texted are absent."""
    wanted = list(dict.fromkeys(recipients))
    rows = PhoneNumber.objects.filter(contact_id__in=[contact for contact, _number in wanted])
    judged = {(row.contact_id, row.number): row.reason for row in eligibility.judge_numbers(rows, marketing=False)}
    return {pair: reason for pair in wanted if (reason := judged.get(pair, "no_number"))}


def queue(
    *,
    author: Any,
    provider: Provider,
    sender: str,
    subject: str,
    texts: Texts,
    recipients: Sequence[tuple[int, str]],
    key: str,
    template: Any = None,
    most_segments: int | None = None,
    at: datetime | None = None,
    repeat: bool = True,
) -> list[Message]:
    """Queue a text to (contact id, number) pairs, urgently, to each in their language; the messages, also when the same `key` was queued before.

    `at` is the moment when it leaves, without one that is now. Everybody is judged once more just before.
    Without `repeat`, a text that somebody there got within a day is refused as `said_before`.
    `most_segments` is what the author may send, without it only the provider's limit holds. Raises CampaignError with a
    sentence when something has changed since the form was shown.
    """
    check(provider, sender, subject, texts)
    moments.check_to_come(at)
    pairs = _one_per_number(recipients)
    refused = why_not(pairs)
    allowed = [pair for pair in pairs if pair not in refused]
    if not allowed:
        raise CampaignError("nobody", _("None of these people can be texted. Choose others."))
    people = Contact.objects.in_bulk([contact for contact, _number in allowed])
    occasion = vocabulary.Occasion(subject.strip(), sender, author, at)
    words = {text: vocabulary.Vocabulary.of(text, occasion) for text in texts.all.values()}
    said = {contact: texts.said_to(people[contact].language) for contact, _number in allowed}
    bodies = [normalise(tokens.render(said[contact], words[said[contact]].values(people[contact], number=number))) for contact, number in allowed]
    _check_words({contact: body for (contact, _number), body in zip(allowed, bodies, strict=True)}, people, said)
    version = templates.number_of(template, texts)
    rows = [
        _message(author, provider, sender, subject, body, template, version, people[contact], number, key)
        for (contact, number), body in zip(allowed, bodies, strict=True)
    ]
    routes.lead(rows)
    check_gateways(rows)
    _check_sizes(rows, people)
    if most_segments is not None:
        _check_limit(rows, people, most_segments)
    if not repeat:
        _check_repeats(repeats.among(rows, key), people)
    return store(rows, key, at=at)


def check_gateways(rows: Sequence[Message]) -> None:
    """Raise a CampaignError that names the numbers which their own providers may not text."""
    for provider in {row.provider_id: row.provider for row in rows}.values():
        assert provider is not None  # each of them was given one
        check_numbers(provider, [row.number for row in rows if row.provider_id == provider.pk])


def _check_sizes(rows: Sequence[Message], people: Mapping[int, Contact]) -> None:
    for row in rows:
        if row.provider and row.segments > row.provider.max_segments:
            facts = {"person": people[row.contact_id].name, "segments": row.segments, "provider": row.provider, "most": row.provider.max_segments}  # type: ignore[index]
            words = _("For %(person)s the text has %(segments)d segments; %(provider)s allows %(most)d. Shorten it.")
            raise CampaignError("too_long", words % facts)


def _check_words(bodies: Mapping[int, str], people: Mapping[int, Contact], said: Mapping[int, str]) -> None:
    """A text of nothing but tokens says nothing to somebody without a value."""
    empty = [contact for contact, body in bodies.items() if not body.strip()]
    if empty:
        names = _some([people[contact].name for contact in empty])
        raise CampaignError("empty_text", wording.empty_text(names, said[empty[0]]))


def _check_limit(rows: Sequence[Message], people: Mapping[int, Contact], most: int) -> None:
    longest = max(rows, key=lambda row: row.segments)
    if longest.segments > most:
        facts = {"person": people[longest.contact_id].name, "segments": longest.segments, "most": most}  # type: ignore[index]
        raise CampaignError("too_long", _("For %(person)s the text has %(segments)s segments; you may send %(most)s. Shorten it.") % facts)


def _check_repeats(again: Sequence[Message], people: Mapping[int, Contact]) -> None:
    if again:
        words = ngettext(
            "%(people)s was sent this text within the last 24 hours, or it waits for its time.",
            "%(n)s of these people were sent this text within the last 24 hours, or it waits for its time: %(people)s.", len(again),
        )  # fmt: skip
        names = _some([people[row.contact_id].name for row in again])  # type: ignore[index]
        raise CampaignError("said_before", words % {"n": len(again), "people": names})


def _some(names: Sequence[str]) -> str:
    """The first of them, for a sentence."""
    return ", ".join(names[:MOST_NAMED]) + (" …" if len(names) > MOST_NAMED else "")


def _one_per_number(recipients: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    return [(contact, number) for number, contact in {number: contact for contact, number in reversed(recipients)}.items()][::-1]


def check_numbers(provider: Provider, numbers: Iterable[str]) -> None:
    """Raise a CampaignError that names the numbers which this provider may not text."""
    rules, refused = NumberRules.of(provider), dict[str, list[str]]()
    for number in sorted(numbers):
        if reason := rules.refusal(number):
            refused.setdefault(reason, []).append(phone.display(number))
    for reason, which in refused.items():
        facts = {"provider": provider, "n": len(which), "number": _some(which)}
        raise CampaignError(reason, _refusal(reason, len(which)) % facts)


def _refusal(reason: str, n: int) -> str:
    if reason == "fictional_number":
        return ngettext(
            "%(number)s is a number for examples: only the simulator can text it.",
            "%(n)s of these are numbers for examples, which only the simulator can text: %(number)s. Leave them out.",
            n,
        )
    return ngettext(
        "%(provider)s may not text %(number)s: its country is not among the allowed ones. Choose another provider.",
        "%(provider)s may not text %(n)s of these numbers, for their countries are not among the allowed ones: %(number)s. "
        "Choose another provider, or leave them out.",
        n,
    )


def check(provider: Provider, sender: str, subject: str, texts: Texts) -> None:
    """Raise a CampaignError about what is missing before anybody is looked at."""
    if not provider.active:
        raise CampaignError("provider_off", _("%(provider)s was switched off. Choose another provider.") % {"provider": provider})
    if sender not in provider.senders and (sender or provider.senders):
        raise CampaignError("no_sender", _("Choose one of the provider's senders."))
    if not subject.strip():
        raise CampaignError("no_name", _("Give the SMS a name. It becomes the subject in each contact's history."))
    if not texts.text.strip():
        raise CampaignError("no_text", _("Write the text first."))
    if problems := [problem for text in texts.all.values() for problem in vocabulary.check(text)]:
        raise CampaignError("unknown_token", problems[0].message)


def _message(
    author: Any, provider: Provider, sender: str, subject: str, body: str, template: Any, version: int | None, contact: Contact, number: str, key: str
) -> Message:
    size = measure(body)
    encoding = Message.Encoding.GSM_7 if size.encoding == "GSM-7" else Message.Encoding.UCS_2
    return Message(
        kind=Message.Kind.ONE_OFF, author=author, provider=provider, sender=sender, subject=subject.strip(), text=body, template=template,
        template_version=version,
        contact=contact, number=number, encoding=encoding, segments=size.segments, idempotency_key=f"{key}:{number}",
    )  # fmt: skip


@transaction.atomic
def store(rows: list[Message], key: str, *, at: datetime | None = None, keep_hours: bool = False) -> list[Message]:
    """Queue new messages in urgent chunks, once per key, for now or later; CampaignError `already_sent` when other ones went with it.

    With `keep_hours` they wait for the hours of their countries, which a person's own texts do not.
    """
    wait_for(key)
    for row in rows:
        row.scheduled_at = at
    if known := list(was_queued(key)):
        _check_same(known, rows)
        return known
    with connection.cursor() as cursor:
        place(rows, priority=Chunk.Priority.URGENT, state=ChunkState.READY, due=at, keep_hours=keep_hours)
        for row in rows:
            row.created_at = timezone.now()
        saved = Message.objects.bulk_create(rows)
        if at is None:
            cursor.execute(RECORD, [[row.id for row in saved]])
    if at is None:
        for provider_id in {row.provider_id for row in saved if row.provider_id}:
            bells.ring_urgent(provider_id)
    return saved


def wait_for(key: str) -> None:
    """A double click waits here for the first one, until its transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def was_queued(key: str) -> QuerySet[Message]:
    """What went with this key before."""
    return Message.objects.filter(idempotency_key__startswith=f"{key}:")


def _check_same(known: Sequence[Message], rows: Sequence[Message]) -> None:
    """The same form twice is a double click; a changed one is something new, which nobody should believe sent."""
    if {(row.number, row.text, row.scheduled_at) for row in known} != {(row.number, row.text, row.scheduled_at) for row in rows}:
        raise CampaignError("already_sent", _("A text was already sent from this page. What you changed since was not sent: check it, then send again."))
