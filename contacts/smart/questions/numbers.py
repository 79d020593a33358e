"""Phone numbers: whether there is one, which, of what type and country; and who can be texted."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, IsNull
from django.utils.translation import gettext_lazy as _

from contacts import eligibility
from contacts.models import PhoneNumber
from contacts.smart import comparisons as ask
from contacts.smart.criteria import At, Question
from contacts.smart.questions import categories
from contacts.smart.values import OneOf, Text, YesNo
from smsapp.common import countries, phone

YES_OR_NO = (ask.Comparison("is", _("is"), _("%(question)s: %(value)s"), YesNo()),)
ONE_OF_THEIRS = _("has one of")


def any_number(**conditions: Any) -> Q:
    """Those with such a number."""
    return Q(Exists(PhoneNumber.objects.filter(contact=OuterRef("pk"), **conditions)))


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


class WhyNot(Question):
    """The reason that eligibility gives."""

    category = categories.NUMBERS
    name, label = "why_not", _("Reason not to text")
    OF_A_PERSON = ("deceased", "no_number", "not_mobile", "invalid_number", "do_not_sms", "opted_out", "suppressed", "quarantined")
    comparisons = tuple(make(OneOf(lambda: [(code, eligibility.LABELS[code]) for code in WhyNot.OF_A_PERSON])) for make in (ask.equal, ask.unequal))

    def fits(self, comparison: str, value: Any, at: At) -> Q:
        reason = Coalesce(eligibility.reason_expression(marketing=True), Value(""))
        found = Q(pk__in=[])
        for code in value:
            found |= Q(Exact(reason, code))
        return found


ALL: list[Question] = [
    HasNumber(), Digits(), NumberIs("number_country", _("Country of a number"), "country", countries.choices),
    NumberIs("number_kind", _("Type of a number"), "kind", lambda: PhoneNumber.Kind.choices),
    NumberIs("number_line", _("Line of a number"), "line", phone.LINES.items), MobileCountry(),
    Textable("textable", _("Can get mailings"), marketing=True), Textable("textable_one_off", _("Can get one-off texts"), marketing=False), WhyNot(),
]  # fmt: skip
