"""Numbers that get no text: suppress and lift, quarantine and end it. They hold for everybody who has the number."""

from typing import TYPE_CHECKING, Any, TypeVar

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts import blocks
from contacts.models import ConsentEntry, PhoneNumber, Quarantine, Suppression
from contacts.services import consent, history
from contacts.services.errors import ContactsError
from smsapp.common import audit, phone

if TYPE_CHECKING:
    from smsapp.accounts.models import User

Block = TypeVar("Block", Suppression, Quarantine)
OF_NUMBERS = (ConsentEntry.Source.REPLY, ConsentEntry.Source.LINK, ConsentEntry.Source.GATEWAY)  # opt-outs that suppress the number


@transaction.atomic
def suppress(number: str, *, note: str, author: "User | None", reason: str = Suppression.Reason.STAFF) -> tuple[Suppression, bool]:
    """Suppress an E.164 number; the entry that holds, and whether it is new: a number is suppressed once."""
    entry, new = _open(Suppression, number, {"reason": reason, "note": note.strip()[:300], "author": author})
    if new:
        _tell(entry, "number_suppressed", why=entry.note, by=author)
    return entry, new


def lift(entry: Suppression, *, because: str, author: "User | None") -> bool:
    """End a suppression by staff. False when somebody was faster; ContactsError for one that only the recipient can take back."""
    if entry.reason != Suppression.Reason.STAFF or _asked_meanwhile(entry):
        raise ContactsError("own_act", _("The recipient asked for it, so nobody here can lift it."))
    return _end(entry, "suppression_lifted", because, author)


def _asked_meanwhile(entry: Suppression) -> bool:
    """A STOP that came while staff's block was there made none of its own, and holds all the same."""
    standing = consent.own_opt_outs(numbers=[entry.number]).numbers.get(entry.number, {}).get(ConsentEntry.Scope.ALL)
    return standing is not None and standing.source in OF_NUMBERS


@transaction.atomic
def end_own(number: str, *, because: str) -> bool:
    """End what the recipient's own act had blocked, by another act of theirs; whether there was such a block."""
    entry = Suppression.objects.filter(number=number, ended_at__isnull=True).exclude(reason=Suppression.Reason.STAFF).first()
    return entry is not None and _end(entry, "suppression_lifted", because, None)


@transaction.atomic
def quarantine(number: str, *, because: str, author: "User | None") -> tuple[Quarantine, bool]:
    """Quarantine an E.164 number, for example because it belongs to nobody any more; the entry that holds, and whether it is new."""
    entry, new = _open(Quarantine, number, {"reason": because.strip()[:100], "author": author})
    if new:
        _tell(entry, "number_quarantined", why=entry.reason, by=author)
    return entry, new


def end_quarantine(entry: Quarantine, *, because: str, author: "User | None") -> bool:
    """Text the number again. False when somebody was faster."""
    return _end(entry, "quarantine_ended", because, author)


def _open(model: type[Block], number: str, values: dict[str, Any]) -> tuple[Block, bool]:
    for _attempt in range(2):  # the second when one that stood in the way has ended meanwhile
        if entry := model.objects.filter(number=number, ended_at__isnull=True).first():
            return entry, False
        try:
            with transaction.atomic():
                return model.objects.create(number=number, **values), True
        except IntegrityError:  # somebody else, at the same moment
            continue
    return model.objects.get(number=number, ended_at__isnull=True), False


@transaction.atomic
def _end(entry: Block, code: str, because: str, author: "User | None") -> bool:
    why = because.strip()[:300]
    if not type(entry).objects.filter(pk=entry.pk, ended_at__isnull=True).update(ended_at=timezone.now(), ended_by=author, ended_because=why):
        return False
    _tell(entry, code, why=why, by=author)
    return True


def _tell(entry: Block, code: str, *, why: str, by: "User | None") -> None:
    """The audit log, and the timelines of everybody who has the number."""
    audit.note(entry, AUDITED[code], by, reason=why)
    owners = PhoneNumber.objects.filter(number=entry.number, contact__deleted_at__isnull=True).values_list("contact_id", flat=True)
    is_code = blocks.failure_words(why) != why  # the number's history says it in everybody's own language
    words = phone.display(entry.number) + (f" ({why})" if why and not is_code else "")
    history.record_changes(list(owners), code, details=words, author=by)


AUDITED = {
    "number_suppressed": "number suppressed",
    "suppression_lifted": "suppression lifted",
    "number_quarantined": "number quarantined",
    "quarantine_ended": "quarantine ended",
}
