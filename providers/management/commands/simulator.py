"""The simulated gateway as a process: manage.py simulator."""

import socket
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from providers.simulator import outcomes
from providers.simulator.gateway import Settings
from providers.simulator.outcomes import Script, ScriptError, read_script
from providers.simulator.server import Options, Running, run
from providers.simulator.smpp import SmscSettings

SMPP_PORT = 2775  # the usual one


class Command(BaseCommand):
    """Needs no database."""

    help = "Runs a gateway that reaches nobody: it answers like Twilio and like an SMSC, and reports to this machine."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.epilog = outcomes.__doc__
        parser.formatter_class = __import__("argparse").RawDescriptionHelpFormatter
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8025, help="0 takes a free one")
        parser.add_argument("--smpp-port", type=int, help=f"0 takes a free one; without it {SMPP_PORT}, if that is free")
        parser.add_argument("--numeric-ids", action="store_true", help="over SMPP: ids are hexadecimal in answers and decimal in receipts")
        parser.add_argument("--log", type=Path, help="file that gets a line of JSON per accepted text")
        parser.add_argument("--script", type=Path, help="JSON file with rules, endings and delays (docs/simulator.md)")
        parser.add_argument("--plain", action="store_true", help="accept every number: the endings mean nothing")
        parser.add_argument("--hold-reports", action="store_true", help="keep reports until POST /_reports/release")
        parser.add_argument("--latency", type=float, default=0, metavar="MS", help="wait so long before each answer")
        parser.add_argument("--rate", type=int, default=0, metavar="N", help="answer 429 to more than N texts a second")
        parser.add_argument("--login", default="", metavar="USER:PASSWORD", help="answer 401 to any other")
        parser.add_argument("--auth-token", default="", help="signs the reports; without it the password of each request does")
        parser.add_argument("--inbound-url", default="", help="where replies go; without it, beside the address for reports")

    def handle(self, *args: Any, **options: Any) -> None:
        script = self._script(options["script"])
        if options["plain"]:
            script.endings = False
        settings = Settings(options["latency"] / 1000, options["rate"], options["auth_token"], options["login"], options["inbound_url"])
        smpp_port = options["smpp_port"] if options["smpp_port"] is not None else SMPP_PORT if _is_free(options["host"]) else None
        smsc = SmscSettings(options["numeric_ids"])
        chosen = Options(options["host"], options["port"], options["log"], script, options["hold_reports"], settings, smpp_port, smsc)
        try:
            run(chosen, self._started)
        except OSError as problem:
            raise CommandError(f"The simulator cannot start on {options['host']}:{options['port']}: {problem.strerror or problem}") from None

    def _script(self, path: Path | None) -> Script:
        if path is None:
            return Script()
        try:
            return read_script(path.read_text())
        except (OSError, ScriptError, TypeError, ValueError) as problem:
            raise CommandError(f"{path}: {problem}") from None

    def _started(self, running: Running) -> None:
        self.stdout.write(f"Simulated gateway on {running.url}")
        self.stdout.write(f"SMPP on port {running.smpp_port}" if running.smpp_port else f"No SMPP: port {SMPP_PORT} is taken, choose one with --smpp-port")
        self.stdout.flush()


def _is_free(host: str) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, SMPP_PORT))
        except OSError:
            return False
    return True
