"""A rule of recurrence as plain fields: only those of the chosen frequency count."""

import re
from collections.abc import Mapping
from datetime import time
from itertools import pairwise
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.translation import gettext_lazy

from smsapp.common.forms import HouseForm, time_zone_field
from smsapp.common.sentences import say as _
from workflows.recurrence import DAY, LAST, MONTH, ONCE, WEEK, YEAR, Rule, RuleProblem, spread

SEVERAL = "several"  # times a day: a daily rule with many times
EVERY = [
    (ONCE, gettext_lazy("Once")),
    (SEVERAL, gettext_lazy("Several times a day")),
    (DAY, gettext_lazy("Every day")),
    (WEEK, gettext_lazy("Every week")),
    (MONTH, gettext_lazy("Every month")),
    (YEAR, gettext_lazy("Every year")),
]
NEVER, AFTER, UNTIL = "never", "after", "until"
ENDS = [(NEVER, gettext_lazy("Never")), (AFTER, gettext_lazy("After a number of times")), (UNTIL, gettext_lazy("On a date"))]
NTH = [(1, gettext_lazy("first")), (2, gettext_lazy("second")), (3, gettext_lazy("third")), (4, gettext_lazy("fourth")), (LAST, gettext_lazy("last"))]
NUMBER, NAMED, AT_END = "number", "named", "end"
BY = [(NUMBER, gettext_lazy("On a date")), (NAMED, gettext_lazy("On a weekday, such as the second Tuesday")), (AT_END, gettext_lazy("On the last day"))]
FIELD_OF = {"from": "begins"}  # where a part of the rule is not called as its field
TYPED = re.compile(r"(\d{1,2})(?:\s*[:.h]\s*(\d{2})?)?", re.IGNORECASE)  # 9, 9:30, 9.30, 9h30

FEW = 6  # times of a day; more of them, equally far apart, tell by themselves how they were said
TIMES = {"times"}
USES = {
    ONCE: TIMES,
    SEVERAL: {"minutes", "day_from", "day_to"},
    DAY: TIMES | {"step"},
    WEEK: TIMES | {"step", "days"},
    MONTH: TIMES | {"step", "by"},
    YEAR: TIMES | {"step", "month", "day"},
}
USES_OF_MONTH = {NUMBER: {"day"}, NAMED: {"nth", "weekday"}, AT_END: set[str]()}
ALWAYS = {"every", "begins", "zone"}


def _weekdays() -> list[tuple[int, Any]]:
    return [(number + 1, name) for number, name in WEEKDAYS.items()]


class ScheduleForm(HouseForm, forms.Form):
    """`cleaned_data["rule"]` is the rule as JSON."""

    every = forms.ChoiceField(label=gettext_lazy("How often"), choices=EVERY, widget=forms.RadioSelect, initial=DAY)
    begins = forms.DateField(label=gettext_lazy("Begins"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    times = forms.CharField(
        label=gettext_lazy("At"),
        max_length=1_000,
        required=False,
        help_text=gettext_lazy("Hours and minutes; several with commas: 09:00, 17:30"),
        initial="09:00",
    )
    minutes = forms.IntegerField(label=gettext_lazy("Every so many minutes"), min_value=10, max_value=720, required=False, initial=60)
    day_from = forms.TimeField(label=gettext_lazy("From"), required=False, initial=time(9), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    day_to = forms.TimeField(label=gettext_lazy("To"), required=False, initial=time(18), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    step = forms.IntegerField(
        label=gettext_lazy("Every so many days, weeks, months or years"),
        min_value=1,
        max_value=366,
        required=False,
        initial=1,
        help_text=gettext_lazy("1 is each one, 2 is every second one."),
    )
    days = forms.TypedMultipleChoiceField(label=gettext_lazy("Days"), choices=_weekdays, coerce=int, required=False, widget=forms.CheckboxSelectMultiple)
    by = forms.ChoiceField(label=gettext_lazy("Which day"), choices=BY, required=False, widget=forms.RadioSelect, initial=NUMBER)
    day = forms.IntegerField(label=gettext_lazy("Day of the month"), min_value=1, max_value=31, required=False, initial=1)
    nth = forms.TypedChoiceField(label=gettext_lazy("Which one"), choices=NTH, coerce=int, required=False)
    weekday = forms.TypedChoiceField(label=gettext_lazy("Weekday"), choices=_weekdays, coerce=int, required=False)
    month = forms.TypedChoiceField(label=gettext_lazy("Month"), choices=list(MONTHS.items()), coerce=int, required=False)
    ends = forms.ChoiceField(label=gettext_lazy("Ends"), choices=ENDS, required=False, widget=forms.RadioSelect, initial=NEVER)
    after = forms.IntegerField(label=gettext_lazy("Times"), min_value=1, max_value=100_000, required=False)
    until = forms.DateField(label=gettext_lazy("Last day"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    zone = time_zone_field(gettext_lazy("Time zone"))

    def __init__(self, data: Any = None, *args: Any, **options: Any) -> None:
        super().__init__(data, *args, **options)
        zone, field = self.initial.get("zone"), self.fields["zone"]
        if zone and isinstance(field, forms.ChoiceField) and zone not in dict(field.choices):  # such as UTC: what was kept stays possible
            field.choices = [(zone, zone), *field.choices]

    @classmethod
    def fields_from(cls, kept: Any, zone: str = "") -> dict[str, Any]:
        """Field values from a rule as JSON; without a good one, every day from today on in a zone."""
        try:
            return _values_of(Rule.parse(kept))
        except RuleProblem:
            return {"begins": timezone.localdate(), "zone": zone}

    def clean(self) -> dict[str, Any]:
        """One rule of all of them, or the field at fault."""
        values = super().clean() or {}
        self._forget(values)
        if self.errors:
            return values
        try:
            values["rule"] = Rule.parse(self._raw(values)).as_json()
        except RuleProblem as problem:
            self.add_error(self._at_fault(problem.field, values), str(problem.message))
        return values

    def _forget(self, values: dict[str, Any]) -> None:
        """What stands in fields that do not count is neither wrong nor used."""
        every = values.get("every", "")
        ours = ALWAYS | USES.get(every, set())
        if every == MONTH:
            ours |= USES_OF_MONTH.get(values.get("by") or NUMBER, set())
        if every != ONCE:
            ours |= {"ends"} | ({values.get("ends", "")} & {AFTER, UNTIL})
        for name in ScheduleForm.base_fields.keys() - ours:
            self.errors.pop(name, None)
            values[name] = None

    def _at_fault(self, field: str, values: Mapping[str, Any]) -> str:
        if field == "times" and values["every"] == SEVERAL:
            return "minutes"
        return FIELD_OF.get(field, field)

    def _raw(self, values: Mapping[str, Any]) -> dict[str, Any]:
        every = values["every"]
        always = {"every": every, "from": values["begins"].isoformat(), "zone": values["zone"], "ends": self._end(values)}
        if every == SEVERAL:
            return always | {"every": DAY, **self._between(values)}
        always |= {"times": [_typed(one.strip()) for one in re.split("[,;]", values["times"]) if one.strip()], "step": values["step"] or 1}
        if every == WEEK:
            return always | {"days": values["days"]}
        if every == MONTH:
            return always | self._day_of_month(values)
        return always | ({"month": values["month"] or 1, "day": self._needed(values, "day", _("Choose the day of the month."))} if every == YEAR else {})

    def _between(self, values: Mapping[str, Any]) -> dict[str, Any]:
        step = self._needed(values, "minutes", _("Say after how many minutes it happens again."))
        first = time(0) if values["day_from"] is None else values["day_from"]
        last = time(23, 59) if values["day_to"] is None else values["day_to"]
        if first > last:
            raise RuleProblem("hours", "day_to", _("The first time is after the last one. Change one of them."))
        times, latest = [f"{moment:%H:%M}" for moment in spread(first, last, step)], f"{last:%H:%M}"
        return {"times": times} | ({} if len(times) > FEW and times[-1] == latest else {"minutes": step, "latest": latest})

    def _day_of_month(self, values: Mapping[str, Any]) -> dict[str, Any]:
        if values["by"] == NAMED:
            return {"nth": values["nth"] or 1, "day": values["weekday"] or 1}
        return {"day": LAST if values["by"] == AT_END else self._needed(values, "day", _("Choose the day of the month."))}

    def _end(self, values: Mapping[str, Any]) -> dict[str, Any]:
        if values["ends"] == AFTER:
            return {"after": self._needed(values, "after", _("Say after how many times it ends."))}
        if values["ends"] == UNTIL:
            return {"until": self._needed(values, "until", _("Choose the last day.")).isoformat()}
        return {}

    def _needed(self, values: Mapping[str, Any], field: str, words: Any) -> Any:
        if not values[field]:
            raise RuleProblem("missing", field, words)
        return values[field]


def _typed(text: str) -> str:
    """A time of day as people write it, as 09:30; anything else as it is, for the rule to refuse."""
    found = TYPED.fullmatch(text)
    return f"{found[1]:0>2}:{found[2] or '00'}" if found else text


def _values_of(rule: Rule) -> dict[str, Any]:
    several = rule.every == DAY and rule.step == 1 and (rule.latest is not None or (len(rule.times) > FEW and _is_even(rule)))
    return {
        "every": SEVERAL if several else rule.every,
        "begins": rule.begins,
        "times": ", ".join(moment.strftime("%H:%M") for moment in rule.times),
        **(_hours(rule) if several else {}),
        "step": rule.step,
        "days": list(rule.days),
        "by": NAMED if rule.nth else AT_END if rule.every == MONTH and rule.day == LAST else NUMBER,
        "day": rule.day if rule.day > 0 and not rule.nth else 1,
        "nth": rule.nth or 1,
        "weekday": rule.day if rule.nth else 1,
        "month": rule.month or 1,
        "ends": AFTER if rule.after else UNTIL if rule.until else NEVER,
        "after": rule.after,
        "until": rule.until,
        "zone": rule.zone,
    }


def _is_even(rule: Rule) -> bool:
    """Its times are equally far from each other."""
    return len({_minute(late) - _minute(early) for early, late in pairwise(rule.times)}) == 1


def _hours(rule: Rule) -> dict[str, Any]:
    minutes = rule.minutes or _minute(rule.times[1]) - _minute(rule.times[0])
    return {"day_from": rule.times[0], "day_to": rule.latest or rule.times[-1], "minutes": minutes, "times": "09:00"}


def _minute(moment: time) -> int:
    """Of the day."""
    return moment.hour * 60 + moment.minute
