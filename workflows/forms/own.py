"""A step's own options, apart from what it does: label, errors, where its exits lead, where it stands; and those of a link."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from smsapp.common.forms import HouseForm, LabelField, LongSelect
from workflows.graph import IGNORE, LONGEST_LABEL, SUSPEND, Graph
from workflows.services import edits
from workflows.views.picture import Cell, Exit, Picture, entrances, places

ERRORS = [(SUSPEND, _("Stop the workflow")), (IGNORE, _("Leave out the rest of this branch"))]
NOWHERE = ("", _("Leads nowhere"))


def _entrance(text: str) -> tuple[str, str]:
    step, _colon, port = text.partition(":")
    return step, port


def _leads(picture: Picture, one: Exit) -> forms.ChoiceField:
    """Where an exit leads."""
    chosen = f"{one.link.target}:{one.link.port}" if one.link else ""
    choices = [NOWHERE, *entrances(picture, one.step)]
    return forms.ChoiceField(label=one.out.label or _("Leads to"), choices=choices, initial=chosen, required=False, widget=LongSelect)


class OwnForm(HouseForm, forms.Form):
    """Of a step."""

    label = LabelField(label=_("Label"), max_length=LONGEST_LABEL, required=False)
    errors_do = forms.ChoiceField(label=_("After an error"), choices=ERRORS)

    def __init__(self, data: Any = None, *, picture: Picture, cell: Cell) -> None:
        self.node, self.exits = cell.node, cell.exits
        super().__init__(data, initial={"label": cell.node.label, "errors_do": cell.node.errors})
        for one in cell.exits:
            self.fields[f"to-{one.out.name}"] = _leads(picture, one)
        came = picture.graph.into(cell.node.id)
        if cell.kind and cell.kind.most != 0 and len(came) < 2:
            here = f"{came[0].source}.{came[0].out}" if came else ""
            choices = [("", _("Nothing")), *places(picture, cell.node.id)]
            self.fields["behind"] = forms.ChoiceField(label=_("Stands behind"), choices=choices, initial=here, required=False, widget=LongSelect)
        self.fields["label"].widget.attrs["autocomplete"] = "off"

    def change(self, graph: Graph) -> Graph:
        """The drawing with what was chosen; only what was changed counts, so that a move is not taken back by an exit that led elsewhere before."""
        values, step = self.cleaned_data, self.node.id
        graph = edits.name(graph, step, values["label"], values["errors_do"])
        for one in self.exits:
            field = f"to-{one.out.name}"
            if field in self.changed_data:
                graph = edits.connect(graph, step, one.out.name, *_entrance(values[field]))
        if "behind" in self.changed_data:
            graph = edits.move(graph, step, *_place(values["behind"])) if values["behind"] else edits.detach(graph, step)
        return graph


def _place(text: str) -> tuple[str, str]:
    step, _dot, out = text.partition(".")
    return step, out


class LinkForm(HouseForm, forms.Form):
    """Of a link, or of an exit that leads nowhere yet."""

    def __init__(self, data: Any = None, *, picture: Picture, chosen: Exit) -> None:
        self.exit = chosen
        super().__init__(data)
        if chosen.link:
            self.fields["link_label"] = LabelField(
                label=_("Label"), max_length=LONGEST_LABEL, required=False, initial=chosen.link.label, help_text=_("Stands on the link, in front of its count.")
            )
        self.fields["to"] = _leads(picture, chosen)
        self.fields["to"].label = _("Leads to")

    def change(self, graph: Graph) -> Graph:
        """The drawing with what was chosen."""
        step, out = self.exit.step, self.exit.out.name
        if "to" in self.changed_data:
            graph = edits.connect(graph, step, out, *_entrance(self.cleaned_data["to"]))
        return edits.name_link(graph, step, out, self.cleaned_data.get("link_label", ""))
