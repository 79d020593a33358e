"""`manage.py sender`: the process that holds the sessions of providers that travel over such, SMPP for one."""

import asyncio
import signal
from typing import Any

import uvloop
from django.core.management.base import BaseCommand

from campaigns.services.sender import Sender
from smsapp.common import garbage


class Command(BaseCommand):
    """One is enough; a second one, on another machine, takes over when the first is gone."""

    help = "Keeps the sessions of providers that travel over such (SMPP) and sends their texts; runs until SIGTERM or Ctrl-C."

    def handle(self, *args: Any, **options: Any) -> None:
        """Until asked to stop: calls in flight end, sessions are closed, leases given back."""
        garbage.look_seldom()
        uvloop.run(self._run())

    async def _run(self) -> None:
        sender, loop = Sender(), asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, sender.stopping.set)
        self.stdout.write("Sender is ready.")
        self.stdout.flush()
        await sender.run()
