"""Imported by a worker of a test (`celery worker -I`): its time of day, and that of its children and its beat, is moved by the seconds in
CLOCK_FILE, which may change at any moment. How long things last is not touched, as on a real machine."""

import os
from pathlib import Path

import time_machine

_file = Path(os.environ["CLOCK_FILE"])
_traveller = time_machine.travel(0.0).start()
_traveller.time_ns = lambda: time_machine.escape_hatch.time.time_ns() + int(_file.read_text()) * 1_000_000_000
