"""Segmentation: parts of a population, in order; the first one that fits takes a person."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from contacts.models import Group
from contacts.smart.problems import RulesProblem
from smsapp.common.forms import LabelField
from smsapp.common.sentences import Sentence
from smsapp.common.sentences import say as _
from workflows import rows, sets
from workflows.graph import Node
from workflows.models import PeopleSet, Workflow
from workflows.rows import Table
from workflows.steps.base import TARGETING, Done, Out, Result, StepError, StepForm, StepKind, Work
from workflows.steps.query import named, parsed, statement_of
from workflows.steps.read_group import GROUPS

MOST = 8  # segments
REST = "rest"
RANDOM = "random"
ORDERS = {
    RANDOM: gettext_lazy("drawn at random"),
    "first": gettext_lazy("who was created first"),
    "last": gettext_lazy("who was created last"),
    "name": gettext_lazy("by name"),
}
SORTS = {RANDOM: "random()", "first": "id", "last": "id DESC", "name": "sort_name, id"}
LIMITED = """
    SELECT id FROM contacts_contact WHERE id IN ({query}) ORDER BY {sort} LIMIT %s"""


class SegmentationForm(StepForm):
    """Up to eight segments. Each may have rules (built on the builder's page), a limit, and an order in which the limit takes people."""

    rest = forms.BooleanField(label=gettext_lazy("The others go on by a way of their own"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(1, MOST + 1):
            self.fields |= _fields_of(number)

    @classmethod
    def initial_of(cls, options: Mapping[str, Any]) -> dict[str, Any]:
        """From the list of segments."""
        initial: dict[str, Any] = {"empty_goes_on": options.get("empty_goes_on"), "rest": options.get("rest", True)}
        for number, segment in enumerate(options.get("segments", []), start=1):
            initial |= {f"{name}_{number}": segment.get(name) for name in ("label", "group", "limit", "percent", "order")}
        return initial

    def segments(self) -> list[dict[str, Any]]:
        """The fields of each segment together, for the panel; the first one without a label stands open."""
        kept = list(self.node.options.get("segments", []))
        found: list[dict[str, Any]] = []
        for number in range(1, MOST + 1):
            fields = [self[f"{name}_{number}"] for name in ("label", "group", "limit", "percent", "order")]
            known = kept[number - 1] if number <= len(kept) else {}
            opened = number == len(kept) + 1 or any(field.errors for field in fields)
            found.append({"number": number, "fields": fields, "name": known.get("name"), "label": known.get("label"), "open": opened})
        return found

    def clean(self) -> dict[str, Any]:
        """One segment at least; a limit by number or by share, not both."""
        values = super().clean() or {}
        labels = [values.get(f"label_{number}") for number in range(1, MOST + 1)]
        if not any(labels):
            self.add_error("label_1", gettext_lazy("Name at least one segment."))
        taken: set[str] = set()
        for number in range(1, MOST + 1):
            name = (values.get(f"label_{number}") or "").casefold()
            if name and name in taken:
                self.add_error(f"label_{number}", gettext_lazy("Another segment has this name already. Give this one a name of its own."))
            taken.add(name)
            if not values.get(f"label_{number}") and any(values.get(f"{name}_{number}") for name in ("group", "limit", "percent")):
                self.add_error(f"label_{number}", gettext_lazy("Name this segment, or empty its other fields."))
            if values.get(f"limit_{number}") and values.get(f"percent_{number}"):
                self.add_error(f"percent_{number}", gettext_lazy("Limit it by a number or by a share, not by both."))
        return values

    def options(self) -> dict[str, Any]:
        """Segments in order; rules that were built stay with their segment."""
        values, before = self.cleaned_data, list(self.node.options.get("segments", []))
        segments: list[dict[str, Any]] = []
        for number in range(1, MOST + 1):
            if values.get(f"label_{number}"):
                kept = before[number - 1] if number <= len(before) else {}
                group = values.get(f"group_{number}")
                segments.append(
                    {
                        "name": kept.get("name") or f"part{_next(before, segments)}",
                        "label": values[f"label_{number}"],
                        "rules": kept.get("rules"),
                        "group": group.pk if group else None,
                        "limit": values.get(f"limit_{number}"),
                        "percent": values.get(f"percent_{number}"),
                        "order": values.get(f"order_{number}") or RANDOM,
                    }
                )
        return {"segments": segments, "rest": values["rest"], "empty_goes_on": values["empty_goes_on"]}


def _next(before: Sequence[Mapping[str, Any]], segments: Sequence[Mapping[str, Any]]) -> int:
    """A number that no segment had: links are kept by name."""
    return max((int(str(one.get("name", "part0")).removeprefix("part") or 0) for one in (*before, *segments)), default=0) + 1


def _fields_of(number: int) -> dict[str, forms.Field]:
    return {
        f"label_{number}": LabelField(label=gettext_lazy("Segment"), max_length=40, required=False),
        f"group_{number}": forms.ModelChoiceField(
            Group.objects.filter(archived=False), label=gettext_lazy("Members of"), required=False, empty_label=gettext_lazy("Everybody")
        ),
        f"limit_{number}": forms.IntegerField(label=gettext_lazy("At most, in people"), min_value=1, max_value=100_000_000, required=False),
        f"percent_{number}": forms.IntegerField(label=gettext_lazy("At most, in percent"), min_value=1, max_value=100, required=False),
        f"order_{number}": forms.ChoiceField(label=gettext_lazy("Taken"), choices=list(ORDERS.items()), required=False),
    }


class Segmentation(StepKind):
    """Splits a population."""

    kind, label, icon, family, order = "segmentation", gettext_lazy("Segmentation"), "diagram-2", TARGETING, 60
    about = gettext_lazy("Splits the people into parts, in order: each goes by the first part that fits.")
    form, template = SegmentationForm, "workflows/_step_segmentation.html"
    needs_people = True

    def outs(self, options: Mapping[str, Any]) -> list[Out]:
        """One for each segment, and the rest."""
        found = [Out(str(segment["name"]), segment["label"]) for segment in options.get("segments", [])]
        return [*found, Out(REST, gettext_lazy("rest"))] if options.get("rest", True) else found

    def refers(self, options: Mapping[str, Any]) -> Iterable[tuple[Table, Any]]:
        """The rules and groups of its segments."""
        for segment in options.get("segments", []):
            yield from named(segment.get("rules"))
            yield GROUPS, segment.get("group")

    def problem(self, workflow: Workflow, node: Node) -> Sentence | str:
        """There are segments, and their rules are good."""
        if not node.options.get("segments"):
            return _("Name at least one segment.")
        for segment in node.options["segments"]:
            if segment.get("rules"):
                try:
                    parsed(segment["rules"])
                except RulesProblem as problem:
                    return _("Segment “%(segment)s”: %(problem)s") % {"segment": segment["label"], "problem": problem.told}
            if words := _lacks(segment):
                return words
        return ""

    def perform(self, work: Work) -> Result:
        """Two statements for each segment: who it takes, and who is left for the next, if anybody asks for them."""
        left = everybody = work.people or sets.nobody()
        segments, rest, outs = work.options.get("segments", []), work.options.get("rest", True), {}
        for place, segment in enumerate(segments, start=1):
            outs[str(segment["name"])] = taken = sets.save(*_taken(segment, left, everybody.size, work))
            if rest or place < len(segments):
                left = sets.exclusion(left, [taken])
        return Done({**outs, REST: left} if rest else outs)


def _lacks(segment: Mapping[str, Any]) -> Sentence | str:
    if not segment.get("group") or rows.one(GROUPS, segment["group"]):
        return ""
    return _("Segment “%(segment)s”: its group no longer exists. Choose another one.") % {"segment": segment["label"]}


def _taken(segment: Mapping[str, Any], left: PeopleSet, of: int, work: Work) -> tuple[str, tuple[Any, ...]]:
    """The statement for one segment. A share is of everybody who came in."""
    if words := _lacks(segment):
        raise StepError("no_group", words)
    query, parameters = statement_of(_tree(segment), work.at, left.ids())
    percent, limit = segment.get("percent"), segment.get("limit")
    most = limit if percent is None else of * int(percent) // 100
    if most is None:
        return query, parameters
    return LIMITED.format(query=query, sort=SORTS.get(segment.get("order", RANDOM), SORTS[RANDOM])), (*parameters, most)


def _tree(segment: Mapping[str, Any]) -> Any:
    """The segment's rules and group as one tree; None for everybody."""
    asked = [tree for tree in (segment.get("rules"), segment.get("group") and {"q": "group", "test": "any", "value": [segment["group"]]}) if tree]
    return {"all": asked} if asked else None
