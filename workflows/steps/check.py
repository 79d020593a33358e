"""Test: which of two ways, by a figure."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django import forms
from django.db.models import Sum
from django.utils.translation import gettext_lazy

from campaigns.models import MailingTally
from campaigns.statuses import ACCEPTED, MessageStatus
from contacts.models import Group
from smsapp.common.readable import number
from smsapp.common.sentences import Sentence
from smsapp.common.sentences import say as _
from workflows import rows
from workflows.graph import Node
from workflows.models import Send, Workflow
from workflows.rows import Table
from workflows.steps.base import EXECUTION, Done, Out, Result, StepError, StepForm, StepKind, Work
from workflows.steps.query import bring_up_to_date
from workflows.steps.read_group import GROUPS

YES, NO = "yes", "no"
PEOPLE, MEMBERS, TEXTED, FAILED = "people", "members", "texted", "failed"
FIGURES = {
    PEOPLE: gettext_lazy("People who come in"),
    MEMBERS: gettext_lazy("Members of a group"),
    TEXTED: gettext_lazy("Texts sent in this run"),
    FAILED: gettext_lazy("Failed texts of this run, in percent"),
}
LEAST, MOST, SAME = "least", "most", "same"
TESTS: dict[str, tuple[Any, Callable[[int, int], bool]]] = {
    LEAST: (gettext_lazy("at least"), lambda figure, asked: figure >= asked),
    MOST: (gettext_lazy("at most"), lambda figure, asked: figure <= asked),
    SAME: (gettext_lazy("exactly"), lambda figure, asked: figure == asked),
}


class CheckForm(StepForm):
    """A figure, how it is compared, and with which number."""

    figure = forms.ChoiceField(label=gettext_lazy("Yes if this figure"), choices=list(FIGURES.items()), initial=PEOPLE)
    group = forms.ModelChoiceField(
        Group.objects.filter(archived=False), label=gettext_lazy("Group"), required=False, empty_label=gettext_lazy("Choose a group"),
        help_text=gettext_lazy("Where its members are counted."),
    )  # fmt: skip
    test = forms.ChoiceField(label=gettext_lazy("is"), choices=[(name, label) for name, (label, _holds) in TESTS.items()], initial=LEAST)
    number = forms.IntegerField(label=gettext_lazy("Number"), min_value=0, max_value=100_000_000, initial=1)

    def clean(self) -> dict[str, Any]:
        """The group whose members are counted."""
        values = super().clean() or {}
        if values.get("figure") == MEMBERS and not values.get("group") and "group" not in self.errors:
            self.add_error("group", gettext_lazy("Choose the group whose members are counted."))
        return values

    def options(self) -> dict[str, Any]:
        """The group by its id."""
        group = self.cleaned_data["group"] if self.cleaned_data["figure"] == MEMBERS else None
        return {**self.cleaned_data, "group": group.pk if group else None}


class Check(StepKind):
    """Decides between two ways."""

    kind, label, icon, family, order = "test", gettext_lazy("Test"), "question-diamond", EXECUTION, 60
    about = gettext_lazy("Goes one of two ways, by a figure: how many people come in, a group has, or were texted.")
    form = CheckForm

    def outs(self, options: Mapping[str, Any]) -> tuple[Out, ...]:
        """Yes and no."""
        return (Out(YES, gettext_lazy("yes")), Out(NO, gettext_lazy("no")))

    def refers(self, options: Mapping[str, Any]) -> Iterable[tuple[Table, Any]]:
        """The group whose members are counted."""
        return [(GROUPS, options.get("group"))]

    def says(self, node: Node) -> Any:
        """The question."""
        asked, figure = node.options, str(node.options.get("figure", PEOPLE))
        words = {"figure": FIGURES.get(figure, FIGURES[PEOPLE]), "test": TESTS[asked.get("test", LEAST)][0], "number": number(asked.get("number", 1))}
        return _("%(figure)s: %(test)s %(number)s?") % words

    def problem(self, workflow: Workflow, node: Node) -> Sentence | str:
        """The group must exist."""
        if node.options.get("figure") != MEMBERS or rows.one(GROUPS, node.options.get("group")):
            return ""
        return _("The group whose members are counted no longer exists. Choose another one.")

    def perform(self, work: Work) -> Result:
        """Who came goes on by one way; a mere sign counts as nobody."""
        figure = FIGURE_OF[work.options.get("figure", PEOPLE)](work)
        _label, holds = TESTS[work.options.get("test", LEAST)]
        said = _("The figure was %(figure)s.") % {"figure": figure}
        return Done({YES if holds(figure, work.options.get("number", 1)) else NO: work.people}, said)


def _people(work: Work) -> int:
    return work.people.size if work.people else 0


def _members(work: Work) -> int:
    group = Group.objects.filter(pk=work.options.get("group") or 0).first()
    if group is None:
        raise StepError("no_group", _("The group whose members are counted no longer exists. Choose another one."))
    bring_up_to_date([group.pk])
    return group.memberships.filter(contact__deleted_at__isnull=True).count()


def _texts(work: Work, *statuses: MessageStatus) -> int:
    mailings = Send.objects.filter(run=work.run).values("mailing")
    found = MailingTally.objects.filter(mailing__in=mailings, status__in=statuses).aggregate(texts=Sum("messages"))
    return found["texts"] or 0


def _failed(work: Work) -> int:
    """Of those that were tried, rounded up: one in a thousand is not none."""
    failed, tried = _texts(work, *LOST), _texts(work, *ACCEPTED, MessageStatus.FAILED)
    return -(-failed * 100 // tried) if tried else 0


LOST = (MessageStatus.FAILED, MessageStatus.UNDELIVERED)
FIGURE_OF: dict[str, Callable[[Work], int]] = {PEOPLE: _people, MEMBERS: _members, TEXTED: lambda work: _texts(work, *ACCEPTED), FAILED: _failed}
