"""Save group: write the population to a static group."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from contacts.models import Contact, Group
from contacts.services import groups
from contacts.services.errors import ContactsError
from smsapp.common import dates
from smsapp.common.forms import LabelField
from smsapp.common.sentences import Count, Sentence
from smsapp.common.sentences import say as _
from workflows import rows
from workflows.graph import Node
from workflows.models import PeopleSet, Workflow
from workflows.rows import Table
from workflows.steps.base import GO_ON, TARGETING, Done, Result, StepError, StepForm, StepKind, Work
from workflows.steps.read_group import GROUPS

ADD, REPLACE, CREATE = "add", "replace", "create"
HOW = [
    (ADD, gettext_lazy("Add them to the group")),
    (REPLACE, gettext_lazy("Replace the members of the group")),
    (CREATE, gettext_lazy("Make a new group each time, with the date in its name")),
]
STATIC = Group.objects.filter(archived=False, kind=Group.Kind.STATIC)


class SaveGroupForm(StepForm):
    """Where to, and how."""

    how = forms.ChoiceField(label=gettext_lazy("What to do"), choices=HOW, widget=forms.RadioSelect, initial=ADD)
    group = forms.ModelChoiceField(STATIC, label=gettext_lazy("Group"), required=False, empty_label=gettext_lazy("Choose a group"))
    name = LabelField(label=gettext_lazy("Name of the new groups"), max_length=80, required=False, help_text=gettext_lazy("The date is put behind it."))

    def clean(self) -> dict[str, Any]:
        """What the choice asks for must be there."""
        values = super().clean() or {}
        if values.get("how") == CREATE and not values.get("name") and "name" not in self.errors:
            self.add_error("name", gettext_lazy("Write the name that the new groups begin with."))
        if values.get("how") in (ADD, REPLACE) and not values.get("group") and "group" not in self.errors:
            self.add_error("group", gettext_lazy("Choose the group to write to."))
        return values

    def options(self) -> dict[str, Any]:
        """The group by its id."""
        group = self.cleaned_data["group"]
        return {**self.cleaned_data, "group": group.pk if group else None}


class SaveGroup(StepKind):
    """Keeps a population."""

    kind, label, icon, family, order = "save_group", gettext_lazy("Save group"), "person-plus", TARGETING, 80
    about = gettext_lazy("Writes the people to a static group, and lets them go on.")
    form = SaveGroupForm
    needs_people = True

    def refers(self, options: Mapping[str, Any]) -> Iterable[tuple[Table, Any]]:
        """The group, unless it makes new ones."""
        return [] if options.get("how") == CREATE else [(GROUPS, options.get("group"))]

    def says(self, node: Node) -> Any:
        """The group's name."""
        if node.options.get("how") == CREATE:
            return node.options.get("name") or self.label
        group = rows.one(GROUPS, node.options.get("group"))
        return group.name if group else self.label

    def problem(self, workflow: Workflow, node: Node) -> Sentence | str:
        """It must be said where to."""
        if node.options.get("how") == CREATE:
            return "" if node.options.get("name") else _("Write the name that the new groups begin with.")
        if not node.options.get("group"):
            return _("Choose the group to write to.")
        return _lacks(rows.one(GROUPS, node.options["group"]))

    def perform(self, work: Work) -> Result:
        """In one statement each; the people go on as they came."""
        people = work.people
        if people is None:
            return Done({GO_ON: None})
        group = _group(work)
        if work.options.get("how") == REPLACE:
            gone = Contact.objects.in_groups([group.pk]).exclude(id__in=people.ids())
            groups.remove_members(group, gone)
        joined = groups.add_members(group, _contacts(people))
        return Done({GO_ON: people}, note=_("%(count)s people joined the group “%(group)s”.") % {"count": Count(joined), "group": group.name})


def _contacts(people: PeopleSet) -> Any:
    return Contact.objects.filter(id__in=people.ids())


def _lacks(group: Group | None) -> Sentence | str:
    """Why nobody can be written to it."""
    if group is None:
        return _("The group to write to no longer exists. Choose another one.")
    if group.archived:
        return _("The group “%(group)s” is in the archive. Choose another one, or take it out of there.") % {"group": group.name}
    return _("A smart group cannot be written to. Choose a static one.") if group.is_smart else ""


def _group(work: Work) -> Group:
    if work.options.get("how") == CREATE:
        return _new_group(str(work.options.get("name", "")), work)
    group = Group.objects.select_for_update().filter(pk=work.options.get("group") or 0).first()
    if words := _lacks(group):
        raise StepError("no_group", words)
    assert group is not None
    return group


def _new_group(name: str, work: Work) -> Group:
    """With the day of the run in its name, and the run's number where that is taken."""
    day = dates.said(work.day, "SHORT_DATE_FORMAT")
    for full in (f"{name} {day}", f"{name} {day} · {work.run.number}"):
        if not Group.objects.filter(name=full).exists():
            try:
                return groups.save_group(None, name=full)
            except ContactsError as problem:
                raise StepError(problem.code, problem.message) from problem
    raise StepError("name_taken", _("There is a group of that name already. Write another one."))
