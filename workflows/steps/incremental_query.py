"""Incremental query: as a query, without everybody whom it has returned before."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.db import connection
from django.utils.translation import gettext_lazy as _

from workflows import sets
from workflows.steps.base import GO_ON, TARGETING, Done, Result, Work
from workflows.steps.query import Query, QueryForm, statement_of

MEMORY = 5  # bytes of its name
EVER = datetime(1, 1, 2, tzinfo=UTC)  # long before anybody was returned
# Who was returned is noted in the same statement that looks, so that a person is returned once whatever dies. Somebody who was merged was returned
# when one of those was of whom they were made.
NEW = """
    WITH found(id) AS ({query}),
         returned AS (INSERT INTO workflows_returned AS r (workflow_id, step, contact_id, at)
                      SELECT %s, %s, found.id, %s FROM found
                       WHERE NOT EXISTS (SELECT FROM contacts_contact AS c JOIN workflows_returned AS t ON t.contact_id = c.id
                                          WHERE c.merged_into_id = found.id AND t.workflow_id = %s AND t.step = %s AND t.at >= %s)
                          ON CONFLICT (workflow_id, step, contact_id) DO UPDATE SET at = excluded.at WHERE r.at < %s
                   RETURNING contact_id)
    INSERT INTO new_people SELECT contact_id FROM returned"""


class IncrementalQueryForm(QueryForm):
    """As a query, and how long it remembers."""

    again_after = forms.IntegerField(
        label=_("Days after which somebody may be found again"), min_value=1, max_value=3650, required=False, help_text=_("Empty: never again.")
    )

    def options(self) -> dict[str, Any]:
        """The name of its memory stays too."""
        return {name: self.node.options[name] for name in ("memory",) if name in self.node.options} | super().options()


class IncrementalQuery(Query):
    """Finds people who were not found before."""

    kind, label, icon, family, order = "incremental_query", _("Incremental query"), "funnel-fill", TARGETING, 15
    about = _("Contacts found by rules, each only the first time.")
    form = IncrementalQueryForm

    def apart(self, options: Mapping[str, Any], by: Any) -> Mapping[str, Any]:
        """A new step, or a copy, has returned nobody yet; one that was removed and brought back has."""
        return {**options, "memory": secrets.token_hex(MEMORY)}

    def perform(self, work: Work) -> Result:
        """Whoever was returned is remembered for as long as the workflow exists."""
        statement, parameters = statement_of(work.options.get("rules"), work.at)
        here: list[Any] = [work.workflow.pk, work.options.get("memory", work.node.id)]
        since = _since(work)
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE new_people (id bigint) ON COMMIT DROP")
            cursor.execute(NEW.format(query=statement), [*parameters, *here, work.now, *here, since, since])
        people = sets.save("SELECT id FROM new_people")
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE new_people")
        return Done({GO_ON: people})


def _since(work: Work) -> datetime:
    """Whoever was returned before that may be returned once more."""
    days: Any = work.options.get("again_after")
    return work.at.days_ago(days - 1) if days else EVER
