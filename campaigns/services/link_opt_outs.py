"""Opting out by the link in a text, and back: what the link's page does for whoever has it."""

from dataclasses import dataclass

from django.db import transaction

from campaigns import opt_out_links, sent_to
from campaigns.models import Message
from campaigns.services import series
from campaigns.statuses import ACCEPTED
from contacts.models import Activity, ConsentEntry, Contact, Suppression
from contacts.services import opt_outs
from contacts.services.opt_outs import Said

LOOKED_AT = 20  # newest texts of a person


@dataclass(frozen=True, slots=True)
class Link:
    """Whose link it is, and the numbers that it is about: those that a text with it went to, else the one that would be texted.

    `texts` are the newest such texts by number; both are empty for the link of a test.
    """

    contact: Contact | None
    numbers: tuple[str, ...] = ()
    texts: dict[str, Message] | None = None

    @property
    def is_out(self) -> bool:
        """Whether none of the numbers gets texts any more."""
        blocked = set(Suppression.objects.filter(number__in=self.numbers, ended_at__isnull=True).values_list("number", flat=True))
        return bool(self.numbers) and blocked == set(self.numbers)


def read(code: str) -> Link | None:
    """None for an address that nobody was given, and for people who were forgotten."""
    found = opt_out_links.contact_of(code)
    if found is None:
        return None
    if found == 0:
        return Link(None)
    contact = Contact.objects.select_related("merged_into").filter(pk=found).first()
    if contact is None:
        return None
    contact = contact.merged_into or contact
    texts = _texts(contact, code)
    numbers = tuple(texts) or tuple(filter(None, [contact.sms_number]))
    return Link(contact, numbers, texts) if numbers else None


def _texts(contact: Contact, code: str) -> dict[str, Message]:
    lines = Activity.objects.of(contact).filter(kind=Activity.Kind.SMS_SENT).order_by("-at", "-id").values_list("source", flat=True)[:LOOKED_AT]
    rows = Message.objects.filter(pk__in=list(lines), text__contains=code).select_related("mailing").order_by("id")
    return {row.number: row for row in rows}


@transaction.atomic
def opt_out(link: Link, *, wording: str) -> None:
    """No more texts to the link's numbers; `wording` is what the person read beside the button."""
    for number in link.numbers:
        opt_outs.opt_out(_said(link, number, wording))
        series.stop(number, [text for text in sent_to.newest(number) if text.status in ACCEPTED])


@transaction.atomic
def take_back(link: Link, *, wording: str) -> None:
    """Texts are welcome again."""
    for number in link.numbers:
        opt_outs.take_back(_said(link, number, wording), because=wording[:300])


def _said(link: Link, number: str, wording: str) -> Said:
    text = (link.texts or {}).get(number)
    where = str(text.mailing or text.subject) if text else ""
    return Said(number, link.contact, ConsentEntry.Source.LINK, wording=wording, details=where, message=text.pk if text else None)
