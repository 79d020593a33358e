"""Deduplication: of several contacts with one number, address or name, keep one."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from workflows import sets
from workflows.graph import Node
from workflows.steps.base import GO_ON, TARGETING, Done, Out, Result, StepForm, StepKind, Work

BY = {"number": _("Number"), "email": _("E-mail"), "name": _("Name")}
KEEP = {"oldest": _("who was created first"), "newest": _("who was created last"), "changed": _("who was changed last")}
COLUMNS = {"number": "nullif(c.sms_number, '')", "email": "nullif(lower(c.email), '')", "name": "nullif(lower(c.sort_name), '')"}
ORDERS = {"oldest": "c.id", "newest": "c.id DESC", "changed": "c.updated_at DESC, c.id"}
# Whoever lacks what is compared is like nobody else, and nobody gives way to somebody who was deleted meanwhile.
NUMBERED = """
    SELECT id FROM (SELECT c.id, row_number() OVER (PARTITION BY coalesce({column}, ' ' || c.id) ORDER BY {order}) AS place
                      FROM contacts_contact AS c
                     WHERE c.deleted_at IS NULL AND c.id IN (SELECT unnest(ids) FROM workflows_peopleblock WHERE people_id = %s)) AS numbered
     WHERE place {which}"""


class DeduplicationForm(StepForm):
    """What is compared, and who stays."""

    by = forms.ChoiceField(label=_("Compare"), choices=list(BY.items()), initial="number")
    keep = forms.ChoiceField(label=_("Keep"), choices=list(KEEP.items()), initial="oldest")


class Deduplication(StepKind):
    """Keeps one of several that are alike."""

    kind, label, icon, family, order = "deduplication", _("Deduplication"), "person-check", TARGETING, 70
    about = _("Of contacts with the same number, e-mail or name one goes on; the others leave by their own exit.")
    form, needs_people = DeduplicationForm, True

    def outs(self, options: object) -> tuple[Out, ...]:
        """Those who stay, and the others."""
        return (Out(GO_ON), Out("doubles", _("doubles"), spare=True))

    def says(self, node: Node) -> Any:
        """What is compared."""
        return BY.get(str(node.options.get("by", "number")), self.label)

    def perform(self, work: Work) -> Result:
        """One statement for those who stay, one for the others, who are only counted where nothing follows them."""
        people = work.people or sets.nobody()
        column, order = COLUMNS[work.options.get("by", "number")], ORDERS[work.options.get("keep", "oldest")]
        kept, doubles = (NUMBERED.format(column=column, order=order, which=which) for which in ("= 1", "> 1"))
        outs = {GO_ON: sets.save(kept, [people.pk])}
        if "doubles" in work.joined:
            return Done({**outs, "doubles": sets.save(doubles, [people.pk])})
        return Done(outs, counts={"doubles": sets.count(doubles, [people.pk])})
