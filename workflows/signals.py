"""News from the engine. `run_finished`: run=Run, now=datetime, sent once, inside the transaction that closed it."""

from django.dispatch import Signal

run_finished = Signal()
