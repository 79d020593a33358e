"""Who may be texted: the ordered reasons as one SQL expression. Every path that can send asks here."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact, PhoneNumber, Quarantine, Suppression

LABELS: dict[str, Any] = {
    "deleted": _("Deleted"),
    "deceased": _("Deceased"),
    "no_number": _("No number"),
    "number_removed": _("Number taken off the contact"),
    "not_mobile": _("Not a mobile"),
    "invalid_number": _("Number not valid"),
    "do_not_sms": _("Do not SMS"),
    "opted_out": _("Opted out"),
    "suppressed": _("Suppressed (STOP)"),
    "quarantined": _("Quarantined"),
    "duplicate_number": _("Number already in this mailing"),
    "country_not_allowed": _("Country not allowed"),
    "too_long": _("Text too long for this person"),
    "fictional_number": _("Fictional number: the simulator only"),
}

Reason = tuple[str, Combinable | Q]


def reason_expression(*, marketing: bool, prefix: str = "", number: str = "sms_number", extra: Sequence[Reason] = ()) -> Case:
    """NULL for somebody who may be texted, else the code of the first reason that applies.

    `prefix` is the path from the row to its contact ("contact__" for a message; without a contact only the number
    counts), `number` the path to the number that would be texted; `extra` adds an upper app's own reasons at the end.
    """
    p = prefix
    gone = Q(contact__isnull=False, contact__reach__isnull=True) if prefix else Q()  # the row itself was erased
    listed = [
        ("deleted", Q(**{f"{p}deleted_at__isnull": False}) | gone),
        ("deceased", Q(**{f"{p}deceased": True})),
        *([("number_removed", _not_theirs(prefix, number))] if prefix else _number_reasons()),
        ("do_not_sms", Q(**{f"{p}do_not_sms": True})),
        *([("opted_out", Q(**{f"{p}opted_out": True}))] if marketing else []),
        ("suppressed", _blocked(Suppression, number)),
        ("quarantined", _blocked(Quarantine, number)),
        *extra,
    ]
    return Case(*[When(condition, then=Value(code)) for code, condition in listed], default=Value(None), output_field=CharField())


def _number_reasons() -> list[tuple[str, Q]]:
    reach = Contact.Reach
    return [("no_number", Q(reach=reach.NO_NUMBER)), ("not_mobile", Q(reach=reach.NOT_MOBILE)), ("invalid_number", Q(reach=reach.INVALID))]


def _not_theirs(prefix: str, number: str) -> Combinable:
    """The contact has the number no longer: it was corrected or removed after the text was prepared."""
    contact = prefix.removesuffix("__")
    kept = Exists(PhoneNumber.objects.filter(contact=OuterRef(contact), number=OuterRef(number)))
    return Q(**{f"{contact}__isnull": False}) & (Q(**{f"{prefix}sms_number__isnull": True}) | ~Q(**{f"{prefix}sms_number": F(number)})) & ~kept


def _blocked(model: Any, number: str) -> Exists:
    return Exists(model.objects.filter(number=OuterRef(number), ended_at__isnull=True))


def judge(contacts: QuerySet[Contact], *, marketing: bool, extra: Sequence[Reason] = ()) -> QuerySet[Any]:
    """The contacts, each with `reason`: None when eligible."""
    return contacts.annotate(reason=reason_expression(marketing=marketing, extra=extra))


def judge_numbers(numbers: QuerySet[Any], *, marketing: bool) -> QuerySet[Any]:
    """Phone numbers, each with `reason` for texting that very number of its contact."""
    not_mobile = ("not_mobile", Q(textable=False))
    return numbers.annotate(reason=reason_expression(marketing=marketing, prefix="contact__", number="number", extra=[not_mobile]))
