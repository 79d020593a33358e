"""`manage.py run`: the whole console on this machine until Ctrl-C."""

import os
import subprocess
import sys
from argparse import ArgumentParser
from io import StringIO
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError, call_command, get_commands

from smsapp.management.commands.demo import LOGINS, PASSWORD
from smsapp.services import embedded, local, word
from smsapp.services.embedded import CHECKOUT, Servers
from smsapp.services.nurse import Nurse
from smsapp.services.procs import Stack


class Command(BaseCommand):
    """Web server, workers, sender, beat and the simulated gateway, with an up-to-date database."""

    help = "Runs the whole console on this machine: web server, workers, sender, beat and the simulated gateway."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
        parser.add_argument("--port", type=int, default=8000, help="port of the console (default 8000; the next free one if taken)")
        parser.add_argument("--simulator-port", type=int, default=8090, help="port of the simulated gateway (default 8090)")
        parser.add_argument("--smpp-port", type=int, default=2775, help="port on which it speaks SMPP (default 2775)")
        parser.add_argument("--no-demo", action="store_true", help="no demo data and no demo logins")
        parser.add_argument("--demo", action="store_true", help="demo data also in a database of your own (DATABASE_URL)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare, start, wait."""
        host = options["host"]
        try:
            port = self._port("the console", host, options["port"])
            simulator_port = self._port("the simulated gateway", "127.0.0.1", options["simulator_port"], but=frozenset({port}))
            smpp_port = self._port("SMPP", "127.0.0.1", options["smpp_port"], but=frozenset({port, simulator_port}))
        except local.NoFreePortError as error:
            raise CommandError(str(error)) from error
        ports = {"port": port, "simulator_port": simulator_port, "smpp_port": smpp_port}
        env = local.environment(os.environ, host=host, **ports)
        self._prepare(env, demo=self._wants_demo(options))
        stack = Stack(local.specs(host=host, **ports, checkout=CHECKOUT), env=env, cwd=CHECKOUT)
        listens = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104  (comparison only)
        with word.left(CHECKOUT, env):
            stack.run(ready=lambda: _answers(listens, port), when_ready=lambda: self._welcome(stack, env), each_round=Nurse(_our_servers(), stack.say))

    def _port(self, what: str, host: str, wanted: int, **options: Any) -> int:
        port = local.free_port(host, wanted, **options)
        if port != wanted:
            self.stdout.write(f"Port {wanted} is taken; {what} uses {port}.")
        return port

    def _wants_demo(self, options: dict[str, Any]) -> bool:
        embedded = "DATABASE_URL" in os.environ.get("SMSAPP_EMBEDDED", "").split(",")
        return not options["no_demo"] and (embedded or options["demo"])

    def _prepare(self, env: dict[str, str], *, demo: bool) -> None:
        if not settings.SECRET_KEY:
            raise CommandError("SECRET_KEY is empty: start this with manage.py, which makes one, or set it.")
        self.stdout.write("Preparing the database")
        self.stdout.flush()
        call_command("migrate", verbosity=0, interactive=False)
        known = get_commands()
        if "sync_roles" in known:
            call_command("sync_roles", verbosity=0, stdout=StringIO())
        if demo and "demo" in known:
            # A process of its own: it must read the addresses that the other processes will have.
            command = [sys.executable, str(CHECKOUT / "manage.py"), "demo", "--if-empty"]
            done = subprocess.run(command, env={**os.environ, **env}, stdout=subprocess.DEVNULL, check=False)  # noqa: S603  (our own command)
            if done.returncode:
                self.stderr.write("The demo data could not be made; the console starts without.")
        self.stdout.flush()

    def _welcome(self, stack: Stack, env: dict[str, str]) -> None:
        stack.say("")
        stack.say(f"The console is at {env['PUBLIC_BASE_URL']}/")
        people = set(get_user_model().objects.filter(username__in=LOGINS, is_active=True).values_list("username", flat=True))
        for name in LOGINS:
            if name in people:
                stack.say(f"  sign in as  {name:<14} password  {PASSWORD}")
        if not people:
            stack.say("  no demo logins; make an administrator with: python3 manage.py createsuperuser")
        stack.say(f"The simulated gateway is at {env['SIMULATOR_URL']}/ and speaks SMPP on port {env['SIMULATOR_SMPP_PORT']}   ·   Ctrl-C stops everything")
        stack.say("")


def _our_servers() -> Servers:
    """The embedded servers that manage.py started for us."""
    names = os.environ.get("SMSAPP_EMBEDDED", "").split(",")
    return embedded.of(CHECKOUT, postgres="DATABASE_URL" in names, redis="REDIS_URL" in names)


def _answers(host: str, port: int) -> bool:
    import http.client

    try:
        connection = http.client.HTTPConnection(host, port, timeout=2)
        connection.request("GET", "/livez")
        connection.getresponse().read()
        connection.close()
    except OSError:
        return False
    return True
