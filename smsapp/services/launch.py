"""Runs one manage.py command in a world that is ready: a secret key, the servers, an up-to-date embedded database."""

import os
import secrets
import signal
import sys
from contextlib import suppress
from typing import Any, NoReturn

from smsapp.services import embedded, word

NEED_NO_SERVER = {"help", "version", "--version", "--help", "-h", "makemessages", "compilemessages", "startapp", "collectstatic", "simulator", "findstatic"}
BRING_THEIR_OWN_DATABASE = {"run", "test", "migrate", "makemigrations", "sqlmigrate", "showmigrations", "check", "flush", "shell", "dbshell"}
LOOK_ONLY = {"doctor", "check_figures"}  # they tell what is, so they start, migrate and make nothing
PATIENCE = "4"  # seconds until a database that does not answer is told as such


def launch(argv: list[str]) -> None:
    """Execute `manage.py …` and leave the servers behind us in every case."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smsapp.settings")
    try:
        if argv[1:2] and argv[1] in LOOK_ONLY and not _asks_for_help(argv):
            _find_servers()
            os.environ.update({name: value for name, value in word.read(embedded.CHECKOUT).items() if not os.environ.get(name)})
        os.environ["SECRET_KEY"] = os.environ.get("SECRET_KEY") or secret_key()
        if _needs_servers(argv):
            _with_servers(argv)
        else:
            _execute(argv)
    except embedded.EmbeddedError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)


def secret_key() -> str:
    """The key of this checkout, made once and readable by its owner only."""
    path = embedded.make_private(embedded.CHECKOUT / "var", 0o755) / "secret-key"
    if not path.exists():
        draft = path.with_name(f"secret-key.{os.getpid()}")
        try:
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_urlsafe(48))
            with suppress(FileExistsError):  # another command was faster: its key counts
                path.hardlink_to(draft)
            draft.unlink()
        except PermissionError as denied:
            raise embedded.EmbeddedError(f"{path} cannot be written: the checkout must belong to the user who runs it.") from denied
    return path.read_text().strip()


def _needs_servers(argv: list[str]) -> bool:
    if len(argv) < 2 or argv[1] in NEED_NO_SERVER or _asks_for_help(argv):
        return False
    return not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))


def _asks_for_help(argv: list[str]) -> bool:
    return "--help" in argv or "-h" in argv


def _find_servers() -> None:
    """Use the servers as they are, or say that there are none."""
    os.environ.setdefault("PGCONNECT_TIMEOUT", PATIENCE)
    servers = embedded.of(embedded.CHECKOUT)
    if not (servers.wants_postgres or servers.wants_redis):
        return
    if not servers.are_up():
        raise embedded.EmbeddedError("The embedded servers are not running. Start them with python3 manage.py run.")
    os.environ.update(servers.environment())
    os.environ["SMSAPP_EMBEDDED"] = ",".join(servers.environment())


def _with_servers(argv: list[str]) -> None:
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    servers = embedded.join()
    try:
        os.environ.update(servers.environment())
        os.environ["SMSAPP_EMBEDDED"] = ",".join(servers.environment())
        if servers.wants_postgres and argv[1] not in BRING_THEIR_OWN_DATABASE:
            _migrate()
        _execute(argv)
    finally:
        servers.leave()


def _end(number: int, frame: Any) -> NoReturn:
    sys.exit(128 + number)


def _migrate() -> None:
    """A command in a fresh clone finds its tables; news go to standard error."""
    import django
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    django.setup()
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        sys.stderr.write("Preparing the embedded database\n")
        call_command("migrate", verbosity=0, interactive=False, stdout=sys.stderr)
        call_command("sync_roles", verbosity=0, stdout=sys.stderr)


def _execute(argv: list[str]) -> None:
    from django.core.management import execute_from_command_line

    execute_from_command_line(argv)
