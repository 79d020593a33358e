"""Query: contacts by the rules of a smart group, kept with the step or shared with a group."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy

from campaigns import columns
from campaigns.columns import Column
from contacts.models import Contact
from contacts.smart import refresh, rules
from contacts.smart.asking import People
from contacts.smart.criteria import At
from contacts.smart.problems import RulesProblem
from contacts.smart.rules import Rules
from smsapp.common.sentences import Sentence, retold
from smsapp.common.sentences import say as _
from workflows import rows, sets
from workflows.forms.columns import ColumnsForm
from workflows.graph import Node
from workflows.models import Workflow
from workflows.rows import Table
from workflows.steps.base import GO_ON, TARGETING, Done, Result, StepError, StepKind, Work


class QueryForm(ColumnsForm):
    """Its rules are built on the page of the builder; here stands what is known of whom they find, and what happens then."""

    def options(self) -> dict[str, Any]:
        """The rules stay."""
        kept = {name: self.node.options[name] for name in ("rules", "blank") if name in self.node.options}
        return {**kept, **super().options()}


class Finder(StepKind):
    """What steps that find people have in common."""

    least, most, makes_people = 0, 1, True

    def columns(self, options: Mapping[str, Any]) -> Sequence[Column]:
        """As they are stored with the step."""
        return columns.read(options.get("columns"))

    def problem(self, workflow: Workflow, node: Node) -> Sentence | str:
        """What a column says must exist."""
        return next(filter(None, map(columns.problem, self.columns(node.options))), "")


class Query(Finder):
    """Finds people."""

    kind, label, icon, family, order = "query", gettext_lazy("Query"), "funnel", TARGETING, 10
    about = gettext_lazy("Contacts found by rules, as in the advanced search.")
    form, template = QueryForm, "workflows/_step_query.html"

    def refers(self, options: Mapping[str, Any]) -> Iterable[tuple[Table, str]]:
        """Its rules."""
        return named(options.get("rules"))

    def says(self, node: Node) -> Any:
        """Its rules in words."""
        try:
            return parsed(node.options["rules"]).words() if node.options.get("rules") else self.label
        except RulesProblem:
            return _blank(node) or gettext_lazy("Rules to mend")

    def problem(self, workflow: Workflow, node: Node) -> Sentence | str:
        """Rules must be there and good."""
        if not node.options.get("rules"):
            return _("The query has no rules yet. Write them.")
        try:
            parsed(node.options["rules"])
        except RulesProblem as problem:
            return _blank(node) or problem.told
        return super().problem(workflow, node)

    def perform(self, work: Work) -> Result:
        """One statement, after the groups that it asks for were brought up to date."""
        return Done({GO_ON: sets.save(*statement_of(work.options.get("rules"), work.at))})


def _blank(node: Node) -> Sentence:
    """What a ready-made step asks for that nobody has filled in yet."""
    return retold(node.options.get("blank", []))


def bring_up_to_date(groups: Iterable[int]) -> None:
    """Refresh the smart ones among groups. Raises StepError."""
    try:
        refresh.bring_up_to_date(groups)
    except refresh.NotRefreshed as problem:
        raise StepError("not_refreshed", problem.message) from problem


def _load(keys: Sequence[str]) -> dict[str, Rules | RulesProblem]:
    return dict(zip(keys, rules.parse_all([tree_of(key) for key in keys]), strict=True))


RULES = Table(_load)


def named(tree: Any) -> list[tuple[Table, str]]:
    """Rules as steps refer to them."""
    return [(RULES, json.dumps(tree, sort_keys=True))] if tree else []


def tree_of(key: str) -> Any:
    """The rules that a key names."""
    return json.loads(key)


def parsed(tree: Any) -> Rules:
    """The rules of a step. Raises RulesProblem."""
    found = rows.one(*named(tree)[0]) if tree else rules.parse(tree)
    if isinstance(found, RulesProblem):
        raise found
    return found


def statement_of(tree: Any, at: At, among: Any = None) -> tuple[str, tuple[Any, ...]]:
    """A statement that selects the ids of those (`among` some contacts) whom rules find; without rules everybody. Raises StepError."""
    contacts = Contact.objects.active() if among is None else Contact.objects.active().filter(id__in=among)
    if tree is None and among is not None:
        return contacts.ids_sql()
    try:
        found = rules.parse(tree)
    except RulesProblem as problem:
        raise StepError("rules", problem.told) from problem
    bring_up_to_date(found.group_ids())
    return People(contacts, found.condition(at)).collected.ids_sql()
