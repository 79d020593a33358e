"""Read group: the members of a mailing group, as they are when the run comes here."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from contacts.models import Contact, Group
from smsapp.common.sentences import Sentence
from smsapp.common.sentences import say as _
from workflows import rows, sets
from workflows.forms.columns import ColumnsForm
from workflows.graph import Node
from workflows.models import Workflow
from workflows.rows import Table
from workflows.steps.base import GO_ON, TARGETING, Done, Result, StepError, Work
from workflows.steps.query import Finder, bring_up_to_date

GROUPS = Table(lambda ids: Group.objects.in_bulk(ids))


class ReadGroupForm(ColumnsForm):
    """Which group, and what is known of its members."""

    group = forms.ModelChoiceField(Group.objects.filter(archived=False), label=gettext_lazy("Group"), empty_label=gettext_lazy("Choose a group"))

    def options(self) -> dict[str, Any]:
        """The group by its id."""
        return {**super().options(), "group": self.cleaned_data["group"].pk}


class ReadGroup(Finder):
    """Starts from a group."""

    kind, label, icon, family, order = "read_group", gettext_lazy("Read group"), "people", TARGETING, 20
    about = gettext_lazy("The members of a group at that moment; smart groups are refreshed first.")
    form, template = ReadGroupForm, "workflows/_step_read_group.html"

    def refers(self, options: Mapping[str, Any]) -> Iterable[tuple[Table, Any]]:
        """The group."""
        return [(GROUPS, options.get("group"))]

    def says(self, node: Node) -> Any:
        """The group's name."""
        group = rows.one(GROUPS, node.options.get("group"))
        return group.name if group else self.label

    def problem(self, workflow: Workflow, node: Node) -> Sentence | str:
        """The group must exist."""
        if not node.options.get("group"):
            return _("Choose the group to read.")
        group = rows.one(GROUPS, node.options["group"])
        if group is None:
            return _("The group to read no longer exists. Choose another one.")
        if group.archived:
            return _("The group “%(group)s” is in the archive. Choose another one, or take it out of there.") % {"group": group.name}
        return super().problem(workflow, node)

    def perform(self, work: Work) -> Result:
        """One statement."""
        group = Group.objects.filter(pk=work.options.get("group") or 0).first()
        if group is None:
            raise StepError("no_group", _("The group to read no longer exists. Choose another one."))
        bring_up_to_date([group.pk])
        return Done({GO_ON: sets.save(*Contact.objects.active().in_groups([group.pk]).ids_sql())})
