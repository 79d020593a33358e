"""Incremental query: as a query, without everybody whom it has returned before."""

from django.db import connection
from django.utils.translation import gettext_lazy as _

from workflows import sets
from workflows.steps.base import GO_ON, PEOPLE, Done, Result, Work
from workflows.steps.query import Query, statement_of

# Who was returned is noted in the same statement that looks, so that a person is returned once whatever dies.
NEW = """
    WITH returned AS (INSERT INTO workflows_returned (workflow_id, step, contact_id, at)
                      SELECT %s, %s, found.id, now() FROM ({query}) AS found(id) ON CONFLICT DO NOTHING RETURNING contact_id)
    INSERT INTO new_people SELECT contact_id FROM returned"""


class IncrementalQuery(Query):
    """Finds people who were not found before."""

    kind, label, icon, family, order = "incremental_query", _("Incremental query"), "funnel-fill", PEOPLE, 15
    about = _("Contacts found by rules, each only the first time.")

    def perform(self, work: Work) -> Result:
        """Whoever was returned is remembered for as long as the workflow exists."""
        statement, parameters = statement_of(work.options.get("rules"), work.now)
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE new_people (id bigint) ON COMMIT DROP")
            cursor.execute(NEW.format(query=statement), [work.workflow.pk, work.node.id, *parameters])
        people = sets.save("SELECT id FROM new_people")
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE new_people")
        return Done({GO_ON: people})
