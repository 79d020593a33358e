"""Who will read what is being written: a mailing's audience, the numbers of a one-off, or a few people to try a template on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest

from campaigns.audience import Choice
from campaigns.composing.written import Written
from campaigns.models import Mailing, Message
from campaigns.models.template import Kind
from campaigns.pipeline import number_rules, rest
from campaigns.services.quick_send import MOST_AT_ONCE
from campaigns.statuses import MailingStatus
from campaigns.texts import Texts
from campaigns.views.recipients import Refused, refused_by
from campaigns.vocabulary import Occasion, Vocabulary
from campaigns.wizard.picker import ids
from contacts import eligibility, selection
from contacts.models import Contact, PhoneNumber
from contacts.smart.patience import TookTooLong, patience
from providers.models import Provider

TRIED_ON = 200  # people for whom a template is tried
A_MOMENT, A_WHILE = timedelta(milliseconds=60), timedelta(seconds=4)
LATER, NEVER = -1, -2  # instead of a number: it takes longer than a moment, than a while
KEPT = 300  # seconds
UNPREPARED = (MailingStatus.DRAFT, MailingStatus.PREPARING, MailingStatus.ERROR)


class Readers:
    """`key` is how the form names them; `scope` names the same people in the cache, "" when they are not kept there."""

    key = ""
    scope = ""
    occasion = Occasion()

    def everybody(self) -> QuerySet[Contact]:
        """Those who would be texted, in no order."""
        raise NotImplementedError

    def total(self, *, wait: bool = False) -> int | None:
        """Texts that would be sent; None when nobody knows, or would have to `wait` for it."""
        raise NotImplementedError

    def is_counted_later(self) -> bool:
        """Whether it is worth waiting."""
        return False

    def limit(self, written: Written) -> int:
        """Most segments of a text."""
        return written.most or 1

    def refused(self, provider: Provider | None) -> list[Refused] | None:
        """What the provider may not text of chosen numbers; None where nobody chose numbers."""
        return None

    def words(self, text: str) -> Vocabulary:
        """What fills the tokens of a text for them."""
        return Vocabulary.of(text, self.occasion)

    def stored(self, contact: Contact, texts: Texts) -> str | None:
        """What was prepared for this person, if it was made of these texts."""
        return None


@dataclass
class OfMailing(Readers):
    """The eligible part of a draft's audience: also of a prepared one, whose recipients are only those whose text was not too long."""

    mailing: Mailing
    kind: str = ""
    provider: Provider | None = None
    sender: str = ""

    def __post_init__(self) -> None:
        self.occasion = Occasion(self.mailing.name, self.sender, mailing=self.mailing)
        self.key = f"mailing-{self.mailing.pk}"
        self.scope = f"{self.key}-{self.mailing.version}-{self.kind}-{self.provider.pk if self.provider else 0}"

    @classmethod
    def of(cls, mailing: Mailing, written: Written) -> "OfMailing":
        """As it would be with what is being written."""
        return cls(mailing, written.kind, written.provider(), written.sender)

    def everybody(self) -> QuerySet[Contact]:
        marketing = (self.kind or self.mailing.kind) == Kind.MARKETING
        chosen = Choice.of(self.mailing).audience().contacts()
        extra = [*number_rules.reasons_of(self.provider), *rest.resting(self.mailing)]
        return eligibility.judge(chosen, marketing=marketing, extra=extra).filter(reason__isnull=True)

    def total(self, *, wait: bool = False) -> int | None:
        found = cache.get(f"readers-{self.scope}")
        if found is None or (found == LATER and wait):
            try:
                with patience(A_WHILE if wait else A_MOMENT):
                    found = self.everybody().order_by().values("sms_number").distinct().count()
            except TookTooLong:
                found = NEVER if wait else LATER
            cache.set(f"readers-{self.scope}", found, KEPT)
        return None if found < 0 else found

    def is_counted_later(self) -> bool:
        return cache.get(f"readers-{self.scope}") == LATER

    def limit(self, written: Written) -> int:
        return written.most or self.mailing.max_segments

    def stored(self, contact: Contact, texts: Texts) -> str | None:
        if self.mailing.status in UNPREPARED or texts != Texts.of(self.mailing):
            return None
        return Message.objects.filter(mailing=self.mailing, contact=contact, again_of__isnull=True).values_list("text", flat=True).first()


@dataclass
class OfNumbers(Readers):
    """The numbers of a one-off, as far as this person may see them."""

    numbers: Sequence[int]
    user: Any
    occasion: Occasion
    key = "numbers"

    @classmethod
    def of(cls, numbers: Sequence[int], user: Any, written: Written) -> "OfNumbers":
        """As it would be with what is being written."""
        return cls(numbers, user, Occasion(written.subject.strip(), written.sender, user))

    def everybody(self) -> QuerySet[Contact]:
        rows = PhoneNumber.objects.filter(id__in=self.numbers)
        return selection.visible_to(self.user).filter(id__in=rows.values("contact_id"))

    def total(self, *, wait: bool = False) -> int | None:
        return len(self.numbers)

    def refused(self, provider: Provider | None) -> list[Refused] | None:
        rows = PhoneNumber.objects.filter(id__in=self.numbers, contact__in=selection.visible_to(self.user)).select_related("contact")
        return refused_by(provider if provider and provider.active else None, list(rows.order_by("contact__sort_name", "id")))

    def limit(self, written: Written) -> int:
        return limit_for(self.user, written.provider())


@dataclass
class OfTemplate(Readers):
    """A few people who can be texted and whom this person may see."""

    user: Any
    occasion: Occasion
    key = "template"

    @classmethod
    def of(cls, user: Any, written: Written) -> "OfTemplate":
        """As if this person sent it."""
        return cls(user, Occasion(sender=written.sender, user=user))

    def everybody(self) -> QuerySet[Contact]:
        some = selection.visible_to(self.user).filter(reach=Contact.Reach.MOBILE).order_by("id").values("id")[:TRIED_ON]
        return Contact.objects.filter(id__in=some)

    def total(self, *, wait: bool = False) -> int | None:
        return None


def limit_for(user: Any, provider: Provider | None) -> int:
    """Segments that this person may send through a provider."""
    return provider.max_segments if provider and user.has_perm("campaigns.long_texts") else 1


RIGHTS = {
    "mailing": ("campaigns.change_mailing",),
    "numbers": ("campaigns.add_message",),
    "template": ("campaigns.add_smstemplate", "campaigns.change_smstemplate"),
}


def read(request: HttpRequest, written: Written) -> Readers:
    """Those whom a posted form names. Raises PermissionDenied when they are none of this person's business."""
    kind, _dash, number = request.POST.get("readers", "").partition("-")
    if not may_write(request.user, kind):
        raise PermissionDenied
    if kind == "mailing" and (mailing := Mailing.objects.filter(id__in=ids([number])).first()):
        return OfMailing.of(mailing, written)
    if kind == "template":
        return OfTemplate.of(request.user, written)
    return OfNumbers.of(ids(request.POST.getlist("to"))[:MOST_AT_ONCE] if kind == "numbers" else [], request.user, written)


def may_write(user: Any, kind: str = "") -> bool:
    """Whether somebody writes texts of this kind, or any."""
    return any(user.has_perm(right) for right in RIGHTS.get(kind, sum(RIGHTS.values(), ())))
