"""Who may be texted: the ordered reasons as one SQL expression. Every path that can send asks here."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from contacts import slots
from contacts.models import Contact, PhoneNumber, Quarantine, Suppression

LABELS: dict[str, Any] = {  # in the order in which they are asked
    "deleted": _("Deleted"),
    "deceased": _("Deceased"),
    "no_number": _("No number"),
    "number_removed": _("Number taken off the contact"),
    "not_mobile": _("Not a mobile"),
    "invalid_number": _("Number not valid"),
    "do_not_sms": _("Do not SMS"),
    "opted_out": _("Opted out"),
    "suppressed": _("Suppressed"),
    "quarantined": _("Quarantined"),
    "in_review": _("A reply waits for review"),
    "duplicate_number": _("Number already in this mailing"),
    "country_not_allowed": _("Country not allowed"),
    "texted_recently": _("Texted not long ago"),
    "texted_before": _("Texted by the same SMS before"),
    "texted_that_day": _("Texted by the same SMS that day"),
    "empty_text": _("The text would be empty"),
    "too_long": _("Text too long for this person"),
    "fictional_number": _("Fictional number: the simulator only"),
    "replied": _("Has answered the series"),
}

Reason = tuple[str, Combinable | Q]
_PLACES = {code: place for place, code in enumerate(LABELS)}


def by_volume(counts: Mapping[str, int]) -> dict[str, int]:
    """Reasons with how many people each has, as every page lists them: most first, as many in the order in which they are asked."""
    return dict(sorted(counts.items(), key=lambda found: (-found[1], place(found[0]), found[0])))


def place(code: str) -> int:
    """Where a reason stands among the others; those of upper apps come last."""
    return _PLACES.get(code, len(_PLACES))


def reason_expression(
    *, marketing: bool, prefix: str = "", number: str = "sms_number", extra: Sequence[Reason] = (), lets_pass: Q | None = None
) -> Case:
    """NULL for somebody who may be texted, else the code of the first reason that applies.

    `prefix` is the path from the row to its contact ("contact__" for a message or a phone number; without a contact only the number
    counts), `number` the path to the number that would be texted; `extra` adds an upper app's own reasons at the end.
    `lets_pass` are rows that a suppression does not stop: the text that confirms it.
    A contact that a row points to is judged by whom it became; one that is itself in a list of contacts stays deleted when it was merged.
    """
    listed = reasons(marketing=marketing, prefix=prefix, number=number, extra=extra, lets_pass=lets_pass)
    return Case(*[When(condition, then=Value(code)) for code, condition in listed], default=Value(None), output_field=CharField())


def reasons(
    *, marketing: bool, prefix: str = "", number: str = "sms_number", extra: Sequence[Reason] = (), lets_pass: Q | None = None
) -> list[Reason]:
    """Each reason with its condition, in the order in which they are asked; parameters as of `reason_expression`."""
    return [
        *(_reasons_of_a_row(prefix, number) if prefix else _reasons_of_a_contact()),
        ("do_not_sms", _flag(prefix, "do_not_sms")),
        *([("opted_out", _flag(prefix, "opted_out"))] if marketing else []),
        ("suppressed", _blocked(Suppression, number) if lets_pass is None else _blocked(Suppression, number) & ~lets_pass),
        ("quarantined", _blocked(Quarantine, number)),
        *([(code, hold.condition(number)) for code, hold in slots.marketing_holds.items()] if marketing else []),
        *extra,
    ]


def _reasons_of_a_contact() -> list[Reason]:
    reach = Contact.Reach
    return [
        ("deleted", Q(deleted_at__isnull=False)),
        ("deceased", Q(deceased=True)),
        ("no_number", Q(reach=reach.NO_NUMBER)),
        ("not_mobile", Q(reach=reach.NOT_MOBILE)),
        ("invalid_number", Q(reach=reach.INVALID)),
    ]


def _reasons_of_a_row(prefix: str, number: str) -> list[Reason]:
    contact, became = prefix.removesuffix("__"), f"{prefix}merged_into"
    known, merged = Q(**{f"{contact}__isnull": False}), Q(**{f"{became}__isnull": False})
    erased = known & Q(**{f"{prefix}reach__isnull": True})
    gone = Q(**{f"{prefix}deleted_at__isnull": False}) & (~merged | Q(**{f"{became}__deleted_at__isnull": False}))
    # most texts go to the number that the contact's own row names: then nobody looks among the numbers
    at_hand = (~merged & _is(f"{prefix}sms_number", number)) | _is(f"{became}__sms_number", number)
    theirs = PhoneNumber.objects.filter(contact_id=Coalesce(OuterRef(became), OuterRef(contact)), number=OuterRef(number))
    return [
        ("deleted", erased | gone),
        ("deceased", _flag(prefix, "deceased")),
        ("number_removed", known & ~at_hand & ~Exists(theirs)),
        ("not_mobile", known & ~at_hand & Exists(theirs.filter(textable=False))),
    ]


def _is(path: str, number: str) -> Q:
    return Q(**{f"{path}__isnull": False}) & Q(**{path: F(number)})


def _flag(prefix: str, name: str) -> Q:
    """Said of the contact, or of the one whom a merged contact became: the stricter word holds."""
    own = Q(**{f"{prefix}{name}": True})
    return own | Q(**{f"{prefix}merged_into__{name}": True}) if prefix else own


def _blocked(model: Any, number: str) -> Exists:
    return Exists(model.objects.filter(number=OuterRef(number), ended_at__isnull=True))


def judge(contacts: QuerySet[Contact], *, marketing: bool, extra: Sequence[Reason] = ()) -> QuerySet[Any]:
    """The contacts, each with `reason`: None when eligible."""
    return contacts.annotate(reason=reason_expression(marketing=marketing, extra=extra))


def judge_numbers(numbers: QuerySet[Any], *, marketing: bool, extra: Sequence[Reason] = ()) -> QuerySet[Any]:
    """Phone numbers, each with `reason` for texting that very number of its contact."""
    return numbers.annotate(reason=reason_expression(marketing=marketing, prefix="contact__", number="number", extra=extra))
