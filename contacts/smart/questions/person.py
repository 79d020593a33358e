"""Who somebody is: names, e-mail, language, tags."""

from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, Value
from django.db.models.functions import Concat, Lower, Upper
from django.db.models.lookups import Contains, Exact, In, StartsWith
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from contacts import filters
from contacts.models import Contact, Tag
from contacts.models.folding import fold, folded
from contacts.smart import comparisons as ask
from contacts.smart.choices import OneOf, YesNo
from contacts.smart.criteria import At, Question
from contacts.smart.questions import categories
from contacts.smart.values import Text, Texts

CONTAINS = (ask.contains(Text()), ask.lacks(Text()))
TEXT = (*CONTAINS, ask.equal(Text()), ask.unequal(Text()), ask.begins(Text()), ask.any_of(Texts()), ask.none_of(Texts()), ask.EMPTY, ask.FILLED)


def compared(column: Any, comparison: str, value: Any) -> Q:
    """A folded column beside a text: accents and case do not count."""
    if comparison == "any":
        return Q(In(column, [fold(item) for item in value]))
    lookup: Any = {"is": Exact, "contains": Contains, "begins": StartsWith}[comparison]
    return Q(lookup(column, fold(value)))


class Anything(Question):
    """What the search box of the list finds."""

    name, label, category, comparisons = "search", _("Name, organisation, e-mail, number or external id"), categories.PERSON, CONTAINS

    def fits(self, comparison: str, value: Any, at: At) -> Q:
        return filters.search_condition(value)


class TextField(Question):
    """A text of the contact. `helped_by` is an indexed column that holds the same letters."""

    category, comparisons = categories.PERSON, TEXT

    def __init__(self, name: str, *, helped_by: str = "") -> None:
        self.name, self.label, self._helped_by = name, heading(name), helped_by

    def fits(self, comparison: str, value: Any, at: At) -> Q:
        if comparison == "empty":
            return Q(**{self.name: ""})
        if comparison == "any" and self._helped_by:
            return reduce(or_, (self.fits("is", item, at) for item in value))
        condition = ~Q(**{self.name: ""}) & self.same(comparison, value)
        return condition & self._help(fold(value)) if self._helped_by else condition

    def _help(self, text: str) -> Q:
        """What the index finds, cheap to look at; of fewer than three letters it finds nothing, and must not be asked."""
        if len(text) >= 3:
            return Q(**{f"{self._helped_by}__contains": text})
        return Q(Contains(Concat(self._helped_by, Value("")), text))

    def same(self, comparison: str, value: Any) -> Q:
        """The comparison of what is filled in."""
        return compared(folded(self.name), comparison, value)


class Email(TextField):
    """The address: case does not count, accents do."""

    def same(self, comparison: str, value: Any) -> Q:
        lookups = {"is": "iexact", "contains": "icontains", "begins": "istartswith"}
        if comparison != "any":
            return Q(**{f"email__{lookups[comparison]}": value})
        return Q(In(Upper("email"), [item.upper() for item in value]))


class ExternalId(TextField):
    """The key in another system, to the letter."""

    def same(self, comparison: str, value: Any) -> Q:
        lookups = {"is": "exact", "contains": "contains", "begins": "startswith", "any": "in"}
        return Q(**{f"external_id__{lookups[comparison]}": value})


class Language(Question):
    """What the person reads."""

    name, category = "language", categories.PERSON
    _languages = OneOf(lambda: Contact._meta.get_field("language").choices or ())
    comparisons = (ask.equal(_languages), ask.unequal(_languages), ask.EMPTY, ask.FILLED)

    def __init__(self) -> None:
        self.label = heading("language")

    def fits(self, comparison: str, value: Any, at: At) -> Q:
        return Q(language="") if comparison == "empty" else Q(language__in=value)


def tags_in_use() -> list[tuple[str, str]]:
    """Words to choose from."""
    return [(name, name) for name in Tag.objects.order_by(Lower("name")).values_list("name", flat=True)]


class Tags(Question):
    """Words that people and imports put on contacts; one that nobody has any longer can still be asked for."""

    name, category = "tags", categories.PERSON
    _some, _all = OneOf(tags_in_use, stays=True), OneOf(tags_in_use, stays=True, all_of_them=True)
    comparisons = (
        ask.Comparison("any", _("has one of"), _("%(question)s: %(value)s"), _some),
        ask.Comparison("all", _("has all of"), _("%(question)s: %(value)s"), _all),
        ask.Comparison("none", _("has none of"), _("%(question)s: not %(value)s"), _some),
        ask.Comparison("empty", _("has none at all"), _("%(question)s: none at all")),
        ask.Comparison("filled", _("has any"), _("%(question)s: any")),
    )

    def __init__(self) -> None:
        self.label = heading("tags")

    def fits(self, comparison: str, value: Any, at: At) -> Q:
        if comparison == "empty":
            return Q(tags=[])
        return Q(tags__contains=value) if comparison == "all" else Q(tags__overlap=value)


class Flag(Question):
    """A yes or no of the contact."""

    comparisons = (ask.Comparison("is", _("is"), _("%(question)s: %(value)s"), YesNo()),)

    def __init__(self, name: str, category: Any) -> None:
        self.name, self.label, self.category = name, heading(name), category

    def fits(self, comparison: str, value: Any, at: At) -> Q:
        return Q(**{self.name: value})


def heading(field: str) -> Any:
    """A field's name as a label."""
    return capfirst(Contact._meta.get_field(field).verbose_name)  # type: ignore[union-attr]


ALL: list[Question] = [
    Anything(), TextField("last_name", helped_by="sort_name"), TextField("first_name", helped_by="sort_name"), TextField("organisation"), Email("email"),
    ExternalId("external_id"), Language(), Tags(), Flag("deceased", categories.PERSON),
]  # fmt: skip
