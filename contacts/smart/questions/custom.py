"""Fields that administrators added: the question of each, by its type."""

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import BooleanField, CharField, F, Func, JSONField, Q, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from contacts.models import CustomField
from contacts.models.folding import folded
from contacts.smart import comparisons as ask
from contacts.smart.choices import OneOf, YesNo
from contacts.smart.criteria import At, Question
from contacts.smart.questions import categories
from contacts.smart.questions.person import TEXT, compared
from contacts.smart.values import Day, Days, Number, Pair

PRESENCE = (ask.EMPTY, ask.FILLED)


class PathExists(Func):
    """jsonb_path_exists(document, path, variables): true or false, also where the stored value is of another type."""

    function, output_field = "jsonb_path_exists", BooleanField()
    template = "%(function)s(%(expressions)s, true)"


def holds(key: str, test: str, **variables: Any) -> Q:
    """Contacts whose value `@` passes a jsonpath test with $variables."""
    path = Func(Value(f"$.{json.dumps(key)} ? ({test})"), template="(%(expressions)s)::jsonpath", output_field=CharField())
    return Q(PathExists(F("custom"), path, Value(variables, output_field=JSONField())))


class CustomQuestion(Question):
    """What is common to all types."""

    category = categories.CUSTOM
    typed: tuple[ask.Comparison, ...] = ()

    def __init__(self, field: CustomField) -> None:
        self.field, self.name, self.label, self.offered = field, f"custom.{field.key}", field.label, not field.archived
        self.comparisons = (*self.typed, *PRESENCE)

    def fits(self, comparison: str, value: Any, at: At) -> Q:
        if comparison == "empty":
            return ~Q(custom__has_key=self.field.key)
        return self.holds(comparison, value, at)

    def holds(self, comparison: str, value: Any, at: At) -> Q:
        """The comparison of what is filled in."""
        return Q(custom__contains={self.field.key: value})  # this reads the index


class CustomText(CustomQuestion):
    """Accents and case do not count."""

    typed = TEXT[:-2]

    def holds(self, comparison: str, value: Any, at: At) -> Q:
        filled = Coalesce(KeyTextTransform(self.field.key, "custom"), Value(""), output_field=TextField())
        return Q(custom__has_key=self.field.key) & compared(folded(filled), comparison, value)


class CustomNumber(CustomQuestion):
    """Compared as numbers."""

    typed = (ask.equal(Number()), ask.unequal(Number()), ask.at_least(Number()), ask.at_most(Number()), ask.between(Pair(Number())))

    def holds(self, comparison: str, value: Any, at: At) -> Q:
        if comparison == "is":
            return super().holds(comparison, value, at)
        if comparison == "between":
            return holds(self.field.key, "@ >= $first && @ <= $last", first=value[0], last=value[1])
        return holds(self.field.key, "@ >= $value" if comparison == "at_least" else "@ <= $value", value=value)


class CustomDate(CustomQuestion):
    """Days are stored year-month-day, so that they compare as texts."""

    typed = (
        ask.equal(Day()), ask.before(Day()), ask.after(Day()), ask.between(Pair(Day())), ask.within(Days()), ask.coming(Days()),
        ask.ahead(Days()), ask.ago(Days()),
    )  # fmt: skip

    def holds(self, comparison: str, value: Any, at: At) -> Q:
        key = self.field.key
        if comparison == "is":
            return super().holds(comparison, value, at)
        if comparison in ("ahead", "ago"):
            return super().holds("is", str(at.today + timedelta(days=value if comparison == "ahead" else -value)), at)
        if comparison in ("before", "after"):
            return holds(key, "@ < $value" if comparison == "before" else "@ > $value", value=value)
        if comparison == "within":
            value = [at.today - timedelta(days=value), at.today]
        elif comparison == "coming":
            value = [at.today, at.today + timedelta(days=value)]
        return holds(key, "@ >= $first && @ <= $last", first=str(value[0]), last=str(value[1]))


class CustomChoice(CustomQuestion):
    """One of the field's choices, or one that it had."""

    def __init__(self, field: CustomField) -> None:
        value = OneOf(lambda: [(choice, choice) for choice in field.choices], stays=True)
        self.typed = (ask.equal(value), ask.unequal(value))
        super().__init__(field)

    def holds(self, comparison: str, value: Any, at: At) -> Q:
        found = Q(custom__contains={self.field.key: value[0]})
        for choice in value[1:]:
            found |= Q(custom__contains={self.field.key: choice})
        return found


class CustomYesNo(CustomQuestion):
    """Nothing entered is neither."""

    typed = (ask.Comparison("is", _("is"), _("%(question)s: %(value)s"), YesNo()),)


BY_TYPE: dict[str, type[CustomQuestion]] = {
    "text": CustomText, "number": CustomNumber, "date": CustomDate, "choice": CustomChoice, "yes_no": CustomYesNo,
}  # fmt: skip


def questions() -> Iterable[Question]:
    """One for each field, archived ones too."""
    return [BY_TYPE[field.type](field) for field in CustomField.objects.all()]
