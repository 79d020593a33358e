"""Phone numbers: whether there is one, which, of what type and country; and who can be texted."""

from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, IsNull
from django.utils.translation import gettext_lazy as _

from contacts import eligibility
from contacts.models import Contact, PhoneNumber, Quarantine, Suppression
from contacts.smart import comparisons as ask
from contacts.smart.asking import Having
from contacts.smart.choices import OneOf, YesNo
from contacts.smart.criteria import At, Question
from contacts.smart.questions import categories
from contacts.smart.values import Text
from smsapp.common import countries, phone

YES_OR_NO = (ask.Comparison("is", _("is"), _("%(question)s: %(value)s"), YesNo()),)
ONE_OF_THEIRS = _("has one of")


def any_number(**conditions: Any) -> Q:
    """Those with such a number."""
    return Q(Having(PhoneNumber.objects.filter(**conditions)))


class HasNumber(Question):
    """A number of any kind."""

    name, label, category, comparisons = "has_number", _("Has a number"), categories.NUMBERS, YES_OR_NO

    def fits(self, comparison: str, value: Any, at: At) -> Q:
        return any_number() if value else ~any_number()


class Digits(Question):
    """The digits of a number."""

    name, label, category = "number", _("Number"), categories.NUMBERS
    comparisons = (ask.begins(Text()), ask.contains(Text()), ask.lacks(Text()))

    def fits(self, comparison: str, value: Any, at: At) -> Q:
        digits = "".join(letter for letter in value if letter.isascii() and letter.isdigit())
        if not digits:
            return Q(pk__in=[])
        if comparison == "begins":
            return any_number(number__startswith="+" + digits.removeprefix("00"))
        return any_number(number__contains=digits)


class NumberIs(Question):
    """Type, line or country of any of the numbers."""

    category = categories.NUMBERS

    def __init__(self, name: str, label: Any, field: str, choices: Any) -> None:
        self.name, self.label, self._field = name, label, field
        self.comparisons = tuple(make(OneOf(choices)) for make in (ask.equal, ask.unequal))

    def fits(self, comparison: str, value: Any, at: At) -> Q:
        return any_number(**{f"{self._field}__in": value})


class MobileCountry(Question):
    """The country of the number that texts go to."""

    name, label, category = "sms_country", _("Country that texts go to"), categories.NUMBERS
    comparisons = (*(make(OneOf(countries.choices)) for make in (ask.equal, ask.unequal)), ask.EMPTY, ask.FILLED)

    def fits(self, comparison: str, value: Any, at: At) -> Q:
        return Q(sms_country="") if comparison == "empty" else Q(sms_country__in=value)


class Textable(Question):
    """Whether eligibility lets a text through."""

    category, comparisons = categories.NUMBERS, YES_OR_NO

    def __init__(self, name: str, label: Any, *, marketing: bool) -> None:
        self.name, self.label, self._marketing = name, label, marketing

    def fits(self, comparison: str, value: Any, at: At) -> Q:
        return Q(IsNull(eligibility.reason_expression(marketing=self._marketing), value))


def blocked_by(model: Any) -> Q:
    """Those who have a number of this list."""
    return any_number(number__in=model.objects.filter(ended_at__isnull=True).values("number"))


NECESSARY: dict[str, Q] = {  # what must be so for a reason to apply: an index finds these, the reason itself is worked out
    "deceased": Q(deceased=True), "no_number": Q(reach=Contact.Reach.NO_NUMBER), "not_mobile": Q(reach=Contact.Reach.NOT_MOBILE),
    "invalid_number": Q(reach=Contact.Reach.INVALID), "do_not_sms": Q(do_not_sms=True), "opted_out": Q(opted_out=True),
    "suppressed": blocked_by(Suppression), "quarantined": blocked_by(Quarantine),
}  # fmt: skip


class WhyNot(Question):
    """The reason that eligibility gives."""

    category = categories.NUMBERS
    name, label = "why_not", _("Reason not to text")
    comparisons = tuple(make(OneOf(lambda: [(code, eligibility.LABELS[code]) for code in NECESSARY])) for make in (ask.equal, ask.unequal))

    def fits(self, comparison: str, value: Any, at: At) -> Q:
        reason = Coalesce(eligibility.reason_expression(marketing=True), Value(""))
        return reduce(or_, (NECESSARY[code] & Q(Exact(reason, code)) for code in value))


ALL: list[Question] = [
    HasNumber(), Digits(), NumberIs("number_country", _("Country of a number"), "country", countries.choices),
    NumberIs("number_kind", _("Type of a number"), "kind", lambda: PhoneNumber.Kind.choices),
    NumberIs("number_line", _("Line of a number"), "line", phone.LINES.items), MobileCountry(),
    Textable("textable", _("Can get mailings"), marketing=True), Textable("textable_one_off", _("Can get one-off texts"), marketing=False), WhyNot(),
]  # fmt: skip
