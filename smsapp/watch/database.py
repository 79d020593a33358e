"""PostgreSQL: whether it answers, keeps what it was told, and has the tables of this version."""

import time

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from smsapp.watch.findings import Finding, mind, wrong

OLDEST = 140_000  # version of the server
CROWDED = 0.9  # share of the connections in use
# Of synchronous_commit, what a session begins with: a transaction may choose for itself.
LOOK = """
    SELECT current_setting('server_version_num')::int, current_setting('fsync'),
           (SELECT reset_val FROM pg_settings WHERE name = 'synchronous_commit'), current_setting('full_page_writes'),
           (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
           current_setting('max_connections')::int, extract(epoch FROM clock_timestamp())"""


def look() -> tuple[list[Finding], float | None]:
    """Findings, and how many seconds this machine's clock is ahead of the server's; None where nobody answers."""
    try:
        begun = time.time()
        with connection.cursor() as cursor:
            cursor.execute(LOOK)
            version, fsync, commit, pages, used, most, there = cursor.fetchone()
        here = (begun + time.time()) / 2
    except DatabaseError:
        cure = _("Check DATABASE_URL and that the server runs; its own log says more.")
        return [wrong("database_unreachable", _("PostgreSQL does not answer: nothing works."), cure)], None
    found = [*_settings(version, fsync, commit, pages), *_crowd(used, most), *_migrations()]
    return found, here - float(there)


def _settings(version: int, fsync: str, commit: str, pages: str) -> list[Finding]:
    found = []
    if version < OLDEST:
        found.append(wrong("database_old", _("PostgreSQL is older than version 14."), _("Move the data to a newer server.")))
    for name, value in (("fsync", fsync), ("full_page_writes", pages)):
        if value != "on":
            what = _("%(name)s is off in PostgreSQL: a power cut can lose texts, or send them twice.") % {"name": name}
            found.append(wrong(f"{name}_off", what, _("Set %(name)s = on in postgresql.conf and restart the server.") % {"name": name}))
    if commit in ("off", "local"):
        what = _("synchronous_commit is %(value)s in PostgreSQL: a crash can forget that a text was sent, and send it twice.") % {"value": commit}
        found.append(wrong("synchronous_commit_off", what, _("Set synchronous_commit = on for the console's database and user.")))
    return found


def _crowd(used: int, most: int) -> list[Finding]:
    if used < most * CROWDED:
        return []
    what = _("%(used)s of %(most)s connections to PostgreSQL are in use.") % {"used": used, "most": most}
    return [mind("database_crowded", what, _("Raise max_connections, or run fewer processes."))]


def _migrations() -> list[Finding]:
    try:
        executor = MigrationExecutor(connection)
        waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError:
        return [wrong("migrations_unreadable", _("The state of the migrations cannot be read."), _("Check the rights of the database user."))]
    if not waiting:
        return []
    what = ngettext("%(n)s migration is missing in the database.", "%(n)s migrations are missing in the database.", waiting) % {"n": waiting}
    return [wrong("migrations_missing", what, _("Run “manage.py migrate”."))]
