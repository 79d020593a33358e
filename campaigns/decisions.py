"""Why a contact gets the text of a mailing, or not: the one decision that holds, in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import wording
from campaigns.audience import Part, parts_of
from campaigns.models import Exclusion, Mailing, MailingEvent, Message
from campaigns.pipeline.rest import reasons_of
from campaigns.statuses import ACCEPTED, MailingStatus
from contacts import eligibility, explanations
from contacts.models import Contact, Group, Membership, PhoneNumber
from smsapp.common.bidi import isolated

UNPREPARED = (MailingStatus.DRAFT, MailingStatus.ERROR)
Words = str | Promise


@dataclass(slots=True)
class Decision:
    """What was decided: a short word for a table, a title and sentences for the page, and the rows behind it."""

    code: str  # recipient, left_out, taken_out, later, never_chosen, waits, would_be, would_be_left_out, purged
    word: Words
    title: Words
    tone: str = ""
    icon: str = "slash-circle"
    sentences: list[Words] = field(default_factory=list)
    reason: Words = ""
    meaning: Words = ""
    remedy: Words = ""
    message: Message | None = None  # with `state`
    exclusion: Exclusion | None = None
    holder: Message | None = None  # the text that went to the same number, with `person` and `state`
    parts: Sequence[Part] = ()  # groups and mailings that decided
    merged: Contact | None = None  # whose row it is, when that person became this contact


def decide(mailing: Mailing, contact: Contact) -> Decision:
    """The decision about one contact; rows of people who were merged into it count as its own."""
    rows = Rows.of([mailing], [contact])
    found = rows.decision(mailing, contact)
    if found is not None:
        return found
    if mailing.status == MailingStatus.PREPARING and contact.pk > mailing.prepared_up_to:
        return Decision("waits", _("Not looked at yet"), _("The preparation has not come to this contact yet"), "blue", "gear", [_("Look again in a moment.")])
    if mailing.status in UNPREPARED:
        return _as_it_stands(mailing, contact)
    return _not_in_audience(mailing, contact)


# --- rows: recipients and those left out ---


@dataclass(frozen=True, slots=True)
class Rows:
    """Messages and exclusions of some mailings and some people, looked up together: three queries, however many."""

    messages: dict[tuple[int, int], Message]
    exclusions: dict[tuple[int, int], Exclusion]
    losers: dict[int, list[Contact]]  # who became whom

    @classmethod
    def of(cls, mailings: Sequence[Mailing], contacts: Sequence[Contact]) -> "Rows":
        """Everything that these mailings keep of these people."""
        losers: dict[int, list[Contact]] = {}
        for loser in Contact.objects.filter(merged_into__in=contacts):
            losers.setdefault(loser.merged_into_id or 0, []).append(loser)
        people = [contact.pk for contact in contacts] + [loser.pk for each in losers.values() for loser in each]
        ids = [mailing.pk for mailing in mailings if mailing.status not in UNPREPARED]  # others keep what an earlier preparation left
        texts = Message.objects.filter(mailing__in=ids, contact__in=people, again_of__isnull=True).with_stage()
        left_out = Exclusion.objects.filter(mailing__in=ids, contact__in=people)
        return cls({(row.mailing_id, row.contact_id): row for row in texts}, {(row.mailing_id, row.contact_id): row for row in left_out}, losers)

    def decision(self, mailing: Mailing, contact: Contact) -> Decision | None:
        """Of the rows, if there is one; a text counts before a reason, the contact's own row before a merged one's."""
        people = [contact, *self.losers.get(contact.pk, [])]
        texts = [(row, person) for person in people if (row := self.messages.get((mailing.pk, person.pk)))]
        for row, person in sorted(texts, key=lambda pair: pair[0].reason == "merged"):
            return _recipient(row, person if person != contact else None)
        for person in people:
            if left_out := self.exclusions.get((mailing.pk, person.pk)):
                return _left_out(left_out, person if person != contact else None)
        return _purged() if mailing.purged_at else None


def _purged() -> Decision:
    """Nobody knows: not even whether there was a row."""
    found = Decision("purged", _("No longer kept"), _("Is no longer kept"), icon="clock-history")
    found.sentences = [_("This mailing’s recipients and those left out were kept for their time and then removed. Texts that were sent stand in histories.")]
    return found


STAGES: dict[str, Any] = {
    "prepared": gettext_lazy("The text is prepared. It leaves once the mailing is confirmed and its time has come."),
    "queued": gettext_lazy("The text waits for its turn. Eligibility is asked once more just before it leaves."),
    "sending": gettext_lazy("The text is being handed to the gateway."),
    "sent": gettext_lazy("The gateway accepted the text. Whether it arrived, its report will say."),
    "delivered": gettext_lazy("The gateway reported that the text arrived."),
    "undelivered": gettext_lazy("The gateway accepted the text and reported later that it did not arrive."),
    "failed": gettext_lazy("The text did not leave: the gateway refused it, or could not be reached."),
    "unknown": gettext_lazy("The text may have been sent. It is not sent again by itself."),
    "skipped": gettext_lazy("The text was prepared, and held back when eligibility was asked again just before it would have left."),
    "cancelled": gettext_lazy("The mailing was cancelled before the text left."),
}


def _recipient(message: Any, merged: Contact | None) -> Decision:
    message.state = state = wording.of_message(message.stage, message.sent_at, timezone.now())
    found = Decision("recipient", state.label, _("Is a recipient: %(state)s") % {"state": state.label}, state.tone, state.icon)
    found.sentences, found.message, found.merged = [STAGES[message.stage]], message, merged
    return _because(found, message.reason, message.stage)


def _left_out(row: Exclusion, merged: Contact | None) -> Decision:
    label = wording.reason(row.reason)
    found = Decision("left_out", label, _("Was left out: %(reason)s") % {"reason": label})
    found.sentences, found.exclusion, found.merged = [_("Decided when the mailing was prepared.")], row, merged
    return _because(found, row.reason)


def _because(found: Decision, reason: str, stage: str = "") -> Decision:
    if reason and stage in wording.FAILURES:
        found.reason, found.remedy = wording.reason(reason, stage), wording.advice(reason, stage)
    elif reason:
        found.reason, found.meaning = wording.reason(reason), explanations.meaning(reason)
        found.remedy = explanations.remedy(reason) or wording.advice(reason)
    return found


def holder_of(mailing: Mailing, number: str) -> Any:
    """The text of a mailing that has a number, with its `person` and `state`; None when there is none."""
    message: Any = Message.objects.filter(mailing=mailing, number=number, again_of__isnull=True).with_stage().first()
    if message is not None:
        message.person = Contact.objects.filter(pk=message.contact_id).first()
        message.state = wording.of_message(message.stage, message.sent_at, timezone.now())
    return message


# --- no row: what the audience says ---


@dataclass(frozen=True, slots=True)
class Places:
    """Where a contact stands on the two sides of an audience: (group or mailing, since when)."""

    included: list[tuple[Part, datetime]]
    excluded: list[tuple[Part, datetime]]

    def before(self, moment: datetime | None) -> "Places":
        """As far as it was so at that moment; a smart group's members are only known since they were found."""
        return self if moment is None else Places(*[[(part, since) for part, since in side if since <= moment] for side in (self.included, self.excluded)])


def places_of(mailing: Mailing, contact: Contact) -> Places:
    """Two queries, besides the parts themselves."""
    parts = parts_of(mailing)
    since: dict[Part, datetime] = _memberships(contact, [part for side in parts.values() for part in side if isinstance(part, Group)])
    since |= _texted(contact, [part for side in parts.values() for part in side if isinstance(part, Mailing)])
    return Places(*[[(part, since[part]) for part in parts[side] if part in since] for side in ("included", "excluded")])


def _memberships(contact: Contact, groups: Sequence[Group]) -> dict[Any, datetime]:
    known = {group.pk: group for group in groups}
    return {known[row.group_id]: row.added_at for row in Membership.objects.filter(contact=contact, group__in=list(known))}


def _texted(contact: Contact, mailings: Sequence[Mailing]) -> dict[Any, datetime]:
    known = {mailing.pk: mailing for mailing in mailings}
    people = [contact.pk, *Contact.objects.filter(merged_into=contact).values_list("pk", flat=True)]
    rows = Message.objects.filter(mailing__in=list(known), contact__in=people, again_of__isnull=True, status__in=ACCEPTED)
    return {known[row.mailing_id or 0]: row.sent_at or row.created_at for row in rows}


def _not_in_audience(mailing: Mailing, contact: Contact) -> Decision:
    """Prepared, and no row: taken out, came too late, or never chosen."""
    made, now = prepared_at(mailing), places_of(mailing, contact)
    then = now.before(made)
    if now.included and then.excluded:
        return _taken_out([part for part, _since in then.excluded])
    if then.included:
        found = Decision("later", _("Not in the audience then"), _("Was not in the audience when it was made"), icon="clock-history")
        found.sentences = [_("The contact is among the chosen people now, and was not then: it was deleted at that time, or excluded, or joined again since.")]
        found.parts = [part for part, _since in then.included]
        return found
    if now.included:
        found = Decision("later", _("Came too late"), _("Joined after the audience was made"), icon="clock-history")
        found.sentences, found.parts = [_("Who joins later gets the next mailing.")], [part for part, _since in now.included]
        return found
    return _never(mailing)


def _taken_out(parts: Sequence[Part]) -> Decision:
    group, mailing = _("Was taken out by the excluded group “%(name)s”"), _("Was taken out by the excluded mailing “%(name)s”")
    title = (group if isinstance(parts[0], Group) else mailing) % {"name": isolated(parts[0].name)}
    found = Decision("taken_out", _("Taken out"), title, icon="person-dash")
    found.sentences, found.parts = [_("Who is included and excluded is excluded, whatever else holds.")], parts
    return found


def _never(mailing: Mailing) -> Decision:
    found = Decision("never_chosen", _("Not chosen"), _("Was never chosen"), icon="dash-circle")
    found.sentences = [_("The contact is in none of the groups and earlier mailings that were included.")]
    found.parts = parts_of(mailing)["included"]
    return found


def prepared_at(mailing: Mailing) -> datetime | None:
    """When the audience that holds was read; None before the first preparation."""
    begun = MailingEvent.objects.filter(mailing=mailing, status=MailingStatus.PREPARING).order_by("-id").first()
    return begun.at if begun else None


# --- before the first preparation: as it would be now ---


def _as_it_stands(mailing: Mailing, contact: Contact) -> Decision:
    places = places_of(mailing, contact)
    if places.included and places.excluded:
        found = _taken_out([part for part, _since in places.excluded])
    elif not places.included:
        found = _never(mailing)
        found.title = _("Is not chosen")
    else:
        found = _would_be(mailing, contact)
    found.sentences = [_("The mailing is not prepared yet. This is how it stands now."), *found.sentences]
    return found


def _would_be(mailing: Mailing, contact: Contact) -> Decision:
    reason = judged_now(mailing, contact)
    if reason is None and _shared_with(mailing, contact):
        reason = "duplicate_number"
    if reason is None:
        return Decision("would_be", _("Would be texted"), _("Would be texted"), "green", "check2")
    label = wording.reason(reason)
    return _because(Decision("would_be_left_out", label, _("Would be left out: %(reason)s") % {"reason": label}), reason)


def judged_now(mailing: Mailing, contact: Contact) -> str | None:
    """The reason of this moment, with the rules of the mailing's provider; None: may be texted."""
    judged = eligibility.judge(Contact.objects.filter(pk=contact.pk), marketing=mailing.is_marketing, extra=reasons_of(mailing)).first()
    return str(judged.reason) if judged and judged.reason else None


def _shared_with(mailing: Mailing, contact: Contact) -> bool:
    """Somebody of the audience with a lower id keeps the number."""
    owners = PhoneNumber.objects.filter(number=contact.sms_number, contact_id__lt=contact.pk).values("contact_id")
    found = Contact.objects.filter(pk__in=owners, sms_number=contact.sms_number)
    others: Iterable[Contact] = eligibility.judge(found, marketing=mailing.is_marketing)[:20]
    for other in others:
        places = places_of(mailing, other)
        if not other.reason and places.included and not places.excluded:  # type: ignore[attr-defined]
            return True
    return False


def address(part: Part) -> str:
    """The page of a group or mailing."""
    return reverse("contacts:group", args=[part.pk]) if isinstance(part, Group) else reverse("campaigns:mailing", args=[part.pk])
