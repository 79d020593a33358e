"""How a question is asked: is, contains, before, within the last days, and the kind of value that each wants."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from contacts.smart.values import Value

NOTHING = Value()
OPPOSITES = {  # each is exactly the rest of the people
    "not": "is", "not_contains": "contains", "none": "any", "filled": "empty", "not_within": "within", "never": "ever", "has_not": "has",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Comparison:
    """`label` stands in the list of choices, `phrase` in the rule's words."""

    name: str
    label: Any
    phrase: Any
    value: Value = NOTHING


def equal(value: Value) -> Comparison:
    """Exactly this, or one of these."""
    return Comparison("is", _("is"), _("%(question)s is %(value)s"), value)


def unequal(value: Value) -> Comparison:
    """Anything else, nothing too."""
    return Comparison("not", _("is not"), _("%(question)s is not %(value)s"), value)


def contains(value: Value) -> Comparison:
    """Somewhere in it."""
    return Comparison("contains", _("contains"), _("%(question)s contains %(value)s"), value)


def lacks(value: Value) -> Comparison:
    """Nowhere in it."""
    return Comparison("not_contains", _("does not contain"), _("%(question)s does not contain %(value)s"), value)


def begins(value: Value) -> Comparison:
    """At its beginning."""
    return Comparison("begins", _("begins with"), _("%(question)s begins with %(value)s"), value)


def any_of(value: Value) -> Comparison:
    """At least one of them."""
    return Comparison("any", _("is one of"), _("%(question)s is one of %(value)s"), value)


def none_of(value: Value) -> Comparison:
    """None of them."""
    return Comparison("none", _("is none of"), _("%(question)s is none of %(value)s"), value)


def before(value: Value) -> Comparison:
    """Earlier, the day itself not included."""
    return Comparison("before", _("is before"), _("%(question)s is before %(value)s"), value)


def after(value: Value) -> Comparison:
    """Later, the day itself not included."""
    return Comparison("after", _("is after"), _("%(question)s is after %(value)s"), value)


def between(value: Value) -> Comparison:
    """Both ends included."""
    return Comparison("between", _("is between"), _("%(question)s is between %(value)s"), value)


def at_least(value: Value) -> Comparison:
    """This or more."""
    return Comparison("at_least", _("is at least"), _("%(question)s is at least %(value)s"), value)


def at_most(value: Value) -> Comparison:
    """This or less."""
    return Comparison("at_most", _("is at most"), _("%(question)s is at most %(value)s"), value)


def within(value: Value) -> Comparison:
    """From the beginning of the day so many days ago until now."""
    return Comparison("within", _("within the last … days"), _("%(question)s within the last %(value)s"), value)


def not_within(value: Value) -> Comparison:
    """Longer ago, or never."""
    return Comparison("not_within", _("not within the last … days"), _("%(question)s not within the last %(value)s"), value)


def coming(value: Value) -> Comparison:
    """From today until so many days ahead."""
    return Comparison("coming", _("within the next … days"), _("%(question)s within the next %(value)s"), value)


def ahead(value: Value) -> Comparison:
    """On the day so many days from today."""
    return Comparison("ahead", _("is in exactly … days"), _("%(question)s is in exactly %(value)s"), value)


def ago(value: Value) -> Comparison:
    """On the day so many days before today."""
    return Comparison("ago", _("was exactly … days ago"), _("%(question)s was exactly %(value)s ago"), value)


EVER = Comparison("ever", _("at any time"), _("%(question)s at any time"))
NEVER = Comparison("never", _("never"), _("%(question)s: never"))
EMPTY = Comparison("empty", _("is empty"), _("%(question)s is empty"))
FILLED = Comparison("filled", _("is filled in"), _("%(question)s is filled in"))
