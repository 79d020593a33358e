"""Populations: sets of contacts as packed rows.

A set of a million people is 250 rows of ids, 8 MB, written once and read whole; the same as a million rows takes several times the time and room, and
a daily workflow makes several sets a day. They are kept as they are: compressing a block would take longer than finding its people. Each
row holds the people whose ids lie in one block, so that sets are joined block by block.
"""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Func

from contacts.audience import Ids
from contacts.models import Contact

BLOCK = 4096  # ids a row: 32 kB


class Unnest(Func):
    """A row for each element of an array."""

    function = "unnest"
    set_returning = True
    output_field = models.BigIntegerField()


class PeopleSet(models.Model):
    """Some contacts, each once, as they were when a step chose them. Nobody changes a set."""

    size = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.pk}: {self.size} people"

    def ids(self) -> Ids:
        """The contacts as they were chosen."""
        return self.blocks.order_by().values(contact=Unnest("ids"))

    def living(self) -> list[Ids]:
        """Who they are now, as queries of ids: those who were merged since come as who they became too."""
        return [self.ids(), Contact.objects.filter(merged_into__isnull=False, id__in=self.ids()).order_by().values("merged_into_id")]


class PeopleBlock(models.Model):
    """Those of a set whose id ÷ BLOCK is `block`."""

    people = models.ForeignKey(PeopleSet, models.CASCADE, related_name="blocks", db_index=False)
    block = models.BigIntegerField()
    ids: Any = ArrayField(models.BigIntegerField())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["people", "block"], name="people_block_once")]

    def __str__(self) -> str:
        return f"{self.people_id} block {self.block}"


class Returned(models.Model):
    """Somebody whom an incremental query has returned already; `step` is its id in the drawing."""

    workflow = models.ForeignKey("workflows.Workflow", models.CASCADE, related_name="+", db_index=False)
    step = models.CharField(max_length=10)
    contact = models.ForeignKey("contacts.Contact", models.CASCADE, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workflow", "step", "contact"], name="returned_once")]

    def __str__(self) -> str:
        return f"{self.workflow_id} {self.step} returned {self.contact_id}"
