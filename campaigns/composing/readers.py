"""Who will read what is being written: a mailing's audience, the numbers of a one-off, somebody in the inbox, or a few people to try a template on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Q, QuerySet

from campaigns import slots, vocabulary
from campaigns.audience import Choice
from campaigns.composing.written import Written
from campaigns.models import Conversation, Mailing, Message
from campaigns.models.mailing import Role
from campaigns.models.template import Kind
from campaigns.pipeline import rest
from campaigns.plans import Plan
from campaigns.services import routes
from campaigns.statuses import MailingStatus
from campaigns.token_problems import Problem
from campaigns.views.recipients import Refused, refused_by
from campaigns.vocabulary import Occasion, Vocabulary
from contacts import eligibility, selection
from contacts.models import Contact, PhoneNumber
from contacts.smart.patience import TookTooLong, patience
from providers.models import Provider

TRIED_ON = 200  # people for whom a template is tried
A_MOMENT, A_WHILE = timedelta(milliseconds=60), timedelta(seconds=4)
LATER, NEVER = -1, -2  # instead of a number: it takes longer than a moment, than a while
KEPT = 300  # seconds
AT_ONCE = 20  # recipients to look at for one who was not erased meanwhile
UNPREPARED = (MailingStatus.DRAFT, MailingStatus.PREPARING, MailingStatus.ERROR)


class Readers:
    """`key` is how the form names them; `scope` names the same people in the cache, "" when they are not kept there."""

    key = ""
    scope = ""
    occasion = Occasion()
    provider: Provider | None = None  # through whom it would go, where that was looked up already

    def everybody(self) -> QuerySet[Contact]:
        """Those who would be texted, in no order."""
        raise NotImplementedError

    def ids(self) -> QuerySet[Any, int | None]:
        """Theirs, in order."""
        return self.everybody().order_by("id").values_list("id", flat=True)

    def nearest(self, among: Q, *, backwards: bool = False, **bounds: int) -> Contact | None:
        """The first, or the last, of those who fulfil `among`, within bounds of their ids (gt=5)."""
        found = self.everybody().filter(among, **{f"id__{name}": value for name, value in bounds.items()})
        return found.order_by("-id" if backwards else "id").first()

    def may_take_long(self, among: Q) -> bool:
        """Whether going from one of these people to the next may mean looking at all of them."""
        return True

    def extreme(self, what: str) -> Contact | None:
        """The person with the "longest", "shortest" or "dearest" text, where a plan says who that is."""
        return None

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

    def check(self, text: str) -> list[Problem]:
        """What is wrong with the tokens of a text to them."""
        return vocabulary.check(text, self.occasion.mailing)

    def stored(self, contact: Contact) -> str | None:
        """The text that was prepared for this person."""
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
        of = f"{type(self).__name__}-{self.mailing.pk}-{self.mailing.version}-{self.mailing.preparation}"
        self.scope = f"{of}-{self.kind}-{self.provider.pk if self.provider else 0}"

    @classmethod
    def of(cls, mailing: Mailing, written: Written) -> "OfMailing":
        """As it would be with what is being written."""
        kind = OfContent if mailing.role == Role.CONTENT else cls
        return kind(mailing, written.kind, written.provider(), written.sender)

    def chosen(self) -> QuerySet[Contact]:
        """The audience."""
        return Choice.of(self.mailing).audience().contacts()

    def everybody(self) -> QuerySet[Contact]:
        marketing = (self.kind or self.mailing.kind) == Kind.MARKETING
        extra = [*routes.reasons_of(self.provider, self.sender, self.mailing.max_segments), *rest.resting(self.mailing)]
        return eligibility.judge(self.chosen(), marketing=marketing, extra=extra).filter(reason__isnull=True)

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


class OfContent(OfMailing):
    """Who may read a text of a workflow: the people who came to its step last; before there are any, a few who can be texted."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._last = next((found for last in slots.last_populations if (found := last(self.mailing))), None)
        self.scope = f"{self.scope}-{self._last or 0}"

    def chosen(self) -> QuerySet[Contact]:
        return Choice(populations=[self._last]).audience().contacts() if self._last else Contact.objects.filter(id__in=tried_on(Contact.objects.active()))

    def total(self, *, wait: bool = False) -> int | None:
        return None


class OfPrepared(OfMailing):
    """The recipients of a prepared mailing, each with the text that was made for them. What they cost stands in the plan."""

    def everybody(self) -> QuerySet[Contact]:
        return Contact.objects.filter(id__in=self._rows().values("contact_id"))

    def ids(self) -> QuerySet[Any, int | None]:
        return self._rows().order_by("contact_id").values_list("contact_id", flat=True)

    def nearest(self, among: Q, *, backwards: bool = False, **bounds: int) -> Contact | None:
        """Where anybody will do, along the index of the texts, however many they are."""
        if among:
            return super().nearest(among, backwards=backwards, **bounds)
        rows = self._rows().filter(**{f"contact_id__{name}": value for name, value in bounds.items()})
        ids = [pk for pk in rows.order_by("-contact_id" if backwards else "contact_id").values_list("contact_id", flat=True)[:AT_ONCE] if pk]
        found = Contact.objects.in_bulk(ids)
        return next((found[pk] for pk in ids if pk in found), None)

    def may_take_long(self, among: Q) -> bool:
        return bool(among)

    def extreme(self, what: str) -> Contact | None:
        found = getattr(Plan.read(self.mailing.plan), what, None)
        return Contact.objects.filter(id=found.contact).first() if found else None

    def total(self, *, wait: bool = False) -> int | None:
        return None

    def stored(self, contact: Contact) -> str | None:
        return next((text for again_of, text in self._rows().filter(contact=contact).values_list("again_of", "text") if again_of is None), None)

    def _rows(self) -> QuerySet[Message]:
        """Found by mailing and contact. Asked for `again_of` too, the planner may take the index of numbers and read them all."""
        return Message.objects.filter(mailing=self.mailing)


def kept(mailing: Mailing) -> OfMailing:
    """Those of a mailing as it is kept: its recipients, once they are prepared."""
    kind = OfContent if mailing.role == Role.CONTENT else OfMailing if mailing.status in UNPREPARED else OfPrepared
    return kind(mailing, mailing.kind, mailing.provider, mailing.sender)


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
        return cls(numbers, user, Occasion(written.subject.strip(), written.sender, user, written.moment))

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
        return Contact.objects.filter(id__in=tried_on(selection.visible_to(self.user)))

    def total(self, *, wait: bool = False) -> int | None:
        return None


@dataclass
class OfThread(Readers):
    """Whoever a thread of the inbox is with; of somebody unknown the tokens say nothing."""

    thread: Conversation
    user: Any
    occasion: Occasion

    def __post_init__(self) -> None:
        self.key = f"thread-{self.thread.pk}"

    @classmethod
    def of(cls, thread: Conversation, user: Any, written: Written) -> "OfThread":
        """As it would be with what is being written."""
        return cls(thread, user, Occasion(sender=written.sender, user=user))

    def everybody(self) -> QuerySet[Contact]:
        return selection.visible_to(self.user).filter(pk=self.thread.contact_id or 0)

    def total(self, *, wait: bool = False) -> int | None:
        return 1

    def limit(self, written: Written) -> int:
        return limit_for(self.user, written.provider())

    def words(self, text: str) -> Vocabulary:
        found = super().words(text)
        return found if self.thread.person else replace(found, same=found.values(Contact(), number=self.thread.number))


def tried_on(people: QuerySet[Contact]) -> QuerySet[Any, Any]:
    """Ids of a few of them who can be texted."""
    return people.filter(reach=Contact.Reach.MOBILE).order_by("id").values("id")[:TRIED_ON]


def limit_for(user: Any, provider: Provider | None) -> int:
    """Segments that this person may send through a provider."""
    return provider.max_segments if provider and user.has_perm("campaigns.long_texts") else 1
