"""Opt-outs by the recipient's own act, and their taking back: a STOP, a link, or what a gateway says when it refuses a text.

They concern a number: it is suppressed for everybody who has it, and the ledger keeps how it came about. Flags of the contact stay as they are.
"""

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from contacts.models import ConsentEntry, Contact, Suppression
from contacts.services import consent, suppressions
from contacts.services.consent import Entry

if TYPE_CHECKING:
    from smsapp.accounts.models import User

Event, Scope, Source = ConsentEntry.Event, ConsentEntry.Scope, ConsentEntry.Source
REASONS = {Source.REPLY: Suppression.Reason.STOP, Source.LINK: Suppression.Reason.LINK, Source.GATEWAY: Suppression.Reason.GATEWAY}

# Once per number, whoever blocked it first.
SUPPRESS = """
    INSERT INTO contacts_suppression (number, reason, note, since, ended_because)
    SELECT number, 'gateway', '', clock_timestamp(), '' FROM unnest(%s::text[]) AS told(number) ORDER BY number
    ON CONFLICT (number) WHERE ended_at IS NULL DO NOTHING
 RETURNING number"""


@dataclass(frozen=True, slots=True)
class Said:
    """What a recipient did: by which way, in which words, to which text of ours. `details`: where, for example the gateway's name."""

    number: str  # E.164
    contact: Contact | None
    source: str
    wording: str = ""
    details: str = ""
    message: int | None = None  # plain id of the upper app's text that it answers
    author: "User | None" = None  # who read it as an opt-out, where a person decided


def entry(number: str, *, contact_id: int | None, message: int, gateway: str) -> Entry:
    """What the ledger keeps of a refusal: the recipient's own act, at that gateway, against all texts to the number."""
    return Entry(contact_id, Event.OPT_OUT, Source.GATEWAY, Scope.ALL, number, own_act=True, details=gateway, message=message)


@transaction.atomic
def opt_out(said: Said) -> Suppression | None:
    """No more texts to the number; the block if this act made it, None when there was one. The ledger has a line for each act."""
    block, new = suppressions.suppress(said.number, note="", author=None, reason=REASONS[Source(said.source)])
    _record(said, Event.OPT_OUT)
    return block if new else None


@transaction.atomic
def take_back(said: Said, *, because: str) -> bool:
    """Texts are welcome again: ends what the recipient's own act had blocked, never what staff did. Whether something ended.

    An import that brought the number back had carried its opt-out over to the contact, as a flag: that ends with it.
    """
    carried = [contact for contact in _owners(said.number) if _is_blocked_by_the_number_alone(contact)]
    if said.contact not in carried:
        _record(said, Event.OPT_IN)
    for contact in carried:
        consent.opt_in(
            contact, source=said.source, scope=Scope.ALL, own_act=True, number=said.number, wording=said.wording or because, details=said.details,
            message=said.message,
        )  # fmt: skip
    return suppressions.end_own(said.number, because=because) or bool(carried)


def _owners(number: str) -> list[Contact]:
    """Who has the number and wants no texts at all."""
    return list(Contact.objects.active().filter(numbers__number=number, do_not_sms=True).order_by("id"))


def _is_blocked_by_the_number_alone(contact: Contact) -> bool:
    """No staff, no file and no paper said so since texts were welcome last: only own acts that concern a number."""
    entries = ConsentEntry.objects.filter(contact__in=contact.past_ids(), scope=Scope.ALL).order_by("-id").values_list("event", "own_act", "source")
    said = list(takewhile(lambda entry: entry[0] == Event.OPT_OUT, entries))
    return bool(said) and all(own_act and source in REASONS for _event, own_act, source in said)


def _record(said: Said, event: str) -> None:
    consent.record(
        said.contact, event=event, source=said.source, scope=Scope.ALL, number=said.number, own_act=True, wording=said.wording, details=said.details,
        message=said.message, author=said.author, at=timezone.now(),
    )  # fmt: skip
