"""Texts that are only tried out: marked as test, on no contact's history, in no report."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from campaigns import opt_out_links, tokens, vocabulary, wording
from campaigns.models import Kind, Mailing, Message, SmsTemplate, TestNumber, TestSend
from campaigns.services import routes
from campaigns.services.errors import CampaignError
from campaigns.services.quick_send import check_gateways, check_numbers, store
from campaigns.texts import Texts
from contacts import lone_numbers
from contacts.models import Contact, PhoneNumber
from providers.charset import normalise
from providers.models import Provider
from providers.segments import Measure, measure
from smsapp.common import phone

MOST = 10  # numbers at once
REMEMBERED = 20  # numbers a person


@dataclass(frozen=True, slots=True)
class Shown:
    """A text as one person would read it; `empty` are its tokens with neither value nor fallback."""

    raw: str
    text: str
    size: Measure
    language: str
    empty: list[str]


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried: a mailing's text or a template's, through whom it goes, and how long it may be."""

    texts: Texts
    provider: Provider
    sender: str
    most_segments: int
    mailing: Mailing | None = None
    template: SmsTemplate | None = None
    version: int | None = None  # of the template
    author: Any = None  # who tries it

    def shown_to(self, reader: Contact | None) -> Shown:
        """As `reader` would get it; without anybody the tokens of people have no values."""
        language = reader.language if reader else ""
        raw = self.texts.said_to(language)
        words = vocabulary.Vocabulary.of(raw, self.occasion)
        values = words.values(reader or Contact())
        if tokens.OPT_OUT_LINK in values:  # a test opts nobody out
            values[tokens.OPT_OUT_LINK] = opt_out_links.address(0)
        text = normalise(tokens.render(raw, values))
        spoken = language if self.texts.translations.get(language) else self.texts.language
        return Shown(raw, text, measure(text), spoken, tokens.empty_in(raw, values))

    @property
    def occasion(self) -> vocabulary.Occasion:
        """That of the mailing; of a template, as if it were sent now."""
        return vocabulary.Occasion.of(self.mailing) if self.mailing else vocabulary.Occasion(self.name, self.sender, self.author)

    @property
    def limit(self) -> int:
        """Segments that may be sent."""
        return min(self.most_segments, self.provider.max_segments)

    def cost(self, shown: Shown) -> Decimal:
        """Of one text."""
        return self.provider.price_per_segment * shown.size.segments

    @property
    def name(self) -> str:
        """What it is a test of."""
        return str(self.mailing or self.template or "Test")

    @property
    def advertises(self) -> bool:
        """Whether it is marketing, which nobody who opted out should get."""
        return getattr(self.mailing or self.template, "kind", "") == Kind.MARKETING


def unwilling(trial: Trial, numbers: Sequence[str]) -> list[str]:
    """Numbers of people who want no texts, or none such as this; a test is allowed to them, for it can be one's own number."""
    people = Contact.objects.filter(Q(do_not_sms=True) | Q(opted_out=True) if trial.advertises else Q(do_not_sms=True), deleted_at__isnull=True)
    theirs = set(PhoneNumber.objects.filter(number__in=numbers, contact__in=people).values_list("number", flat=True))
    return [number for number in numbers if number in theirs]


@transaction.atomic
def send_as(trial: Trial, reader: Contact | None, numbers: Sequence[str], author: Any, *, key: str) -> TestSend:
    """Queue what `reader` would read to E.164 numbers, urgently; pressed twice with one key, sent once.

    Raises CampaignError with a sentence; `already_sent` when something else went with this key.
    """
    wanted = list(dict.fromkeys(numbers))
    shown = trial.shown_to(reader)
    _check(trial, shown, reader, wanted)
    rows = [_message(trial, shown, number, author, key) for number in wanted]
    routes.lead(rows)
    check_gateways(rows)
    store(rows, key)
    facts = {"mailing": trial.mailing, "template": trial.template, "rendered_as": reader, "author": author, "text": shown.raw}
    return TestSend.objects.get_or_create(key=key, defaults=facts)[0]


def _check(trial: Trial, shown: Shown, reader: Contact | None, numbers: list[str]) -> None:
    provider = trial.provider
    if not provider.active:
        raise CampaignError("provider_off", _("%(provider)s was switched off. Choose another provider.") % {"provider": provider})
    if trial.sender not in provider.senders and (trial.sender or provider.senders):
        raise CampaignError("no_sender", _("Choose one of the provider's senders."))
    if not shown.raw.strip():
        raise CampaignError("no_text", _("Write the text first."))
    if not shown.text.strip():
        raise CampaignError("empty_text", wording.empty_text(_reader(reader), shown.raw))
    if problems := vocabulary.check(shown.raw, trial.mailing):
        raise CampaignError("unknown_token", problems[0].message)
    if shown.size.segments > trial.limit:
        words = _("For %(person)s the text has %(segments)s segments, at most %(limit)s may be sent. Shorten it, or try it as somebody else.")
        raise CampaignError("too_long", words % {"person": _reader(reader), "segments": shown.size.segments, "limit": trial.limit})
    check_amount(numbers)
    check_lone(numbers)


def _reader(reader: Contact | None) -> str:
    return reader.name if reader else _("nobody in particular")


def check_amount(numbers: Sequence[str]) -> None:
    """At least one, at most MOST."""
    if not numbers:
        raise CampaignError("no_number", _("Choose or write at least one number."))
    if len(numbers) > MOST:
        raise CampaignError("too_many", _("A test goes to %(most)s numbers at most; these are %(n)s.") % {"most": MOST, "n": len(numbers)})


def check_lone(numbers: Sequence[str]) -> None:
    """A number that gets no text gets no test either, and is named."""
    for number, reason in lone_numbers.refusals(numbers).items():
        words = _("%(number)s gets no test: %(reason)s. Choose another number.")
        raise CampaignError(reason, words % {"number": phone.display(number), "reason": wording.reason(reason)})


def _message(trial: Trial, shown: Shown, number: str, author: Any, key: str) -> Message:
    return Message(
        kind=Message.Kind.TEST, author=author, provider=trial.provider, sender=trial.sender, subject=trial.name[:120], text=shown.text, number=number,
        encoding=_encoding(shown.size), segments=shown.size.segments, template=trial.template, template_version=trial.version,
        idempotency_key=f"{key}:{number}",
    )  # fmt: skip


def _encoding(size: Measure) -> Message.Encoding:
    return Message.Encoding.GSM_7 if size.encoding == "GSM-7" else Message.Encoding.UCS_2


def remember(user: Any, numbers: Sequence[str]) -> None:
    """Offer these numbers to this person next time; the ones used longest ago are forgotten."""
    for number in numbers:
        TestNumber.objects.update_or_create(user=user, number=number)
    old = TestNumber.objects.filter(user=user).order_by("-used_at", "-id").values("id")[REMEMBERED:]
    TestNumber.objects.filter(id__in=list(old.values_list("id", flat=True))).delete()


def send(provider: Provider, number: str, text: str, author: Any, *, key: str) -> Message:
    """Try the provider itself: a text as it is to an E.164 number, urgently."""
    body = normalise(text)
    size = measure(body)
    if not body.strip():
        raise CampaignError("no_text", _("Write the text first."))
    if size.segments > provider.max_segments:
        words = _("The text has %(segments)s segments, at most %(limit)s may be sent. Shorten it.")
        raise CampaignError("too_long", words % {"segments": size.segments, "limit": provider.max_segments})
    check_lone([number])
    check_numbers(provider, [number])
    row = Message(
        kind=Message.Kind.TEST, author=author, provider=provider, sender=provider.senders[0] if provider.senders else "", subject="Test",
        text=body, number=number, encoding=_encoding(size), segments=size.segments, idempotency_key=f"{key}:{number}", routing_id=routes.only_here(),
    )  # fmt: skip
    return store([row], key)[0]
