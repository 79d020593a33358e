"""Imported by a worker of a test (`celery worker -I`): kills it at one exact moment, or whenever it meets a poisoned text.

BREAK_AT names the moment (BREAK_STEP the step of a workflow that it is about), BREAK_ONCE a file that exists once it has come.
"""

import asyncio
import os
import signal

from campaigns.pipeline import dispatch, storing
from providers.services import sending
from workflows.engine import advance
from workflows.models import StepRun

POISON = "POISON"


def kill_the_group() -> None:
    """The worker with all its children, once."""
    try:
        os.close(os.open(os.environ["BREAK_ONCE"], os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    except FileExistsError:
        return
    os.killpg(os.getpgrp(), signal.SIGKILL)


def kill_this_child() -> None:
    """The pool child alone, each time; its worker starts another one."""
    os.kill(os.getpid(), signal.SIGKILL)


def before(module, name):
    """Dies instead of the call."""
    real = getattr(module, name)

    async def broken(*arguments, **options):
        kill_the_group()
        return await real(*arguments, **options)

    setattr(module, name, broken)


def after(module, name):
    """Dies when the call has done its work, and nobody has heard of it yet."""
    real = getattr(module, name)

    async def broken(*arguments, **options):
        found = await real(*arguments, **options)
        if found is not None or name == "write_results":
            kill_the_group()
        return found

    setattr(module, name, broken)


def during_a_call():
    """Dies a moment after the twentieth call was begun: the request is on its way."""
    real, calls = sending.send, []

    async def broken(*arguments):
        calls.append(1)
        if len(calls) == 20:
            asyncio.get_running_loop().call_later(0.004, kill_the_group)
        return await real(*arguments)

    sending.send = broken


def poison_in_the_claim():
    """A chunk with a poisoned text kills whoever has claimed it, before any of its texts is started."""
    real = dispatch.claim

    async def broken(connection, *arguments, **options):
        claim = await real(connection, *arguments, **options)
        if claim is not None:
            rows = await connection.execute("SELECT 1 FROM campaigns_message WHERE chunk_id = %s AND status = 0 AND text LIKE %s", [claim.chunk, f"%{POISON}%"])
            if await rows.fetchone():
                kill_this_child()
        return claim

    dispatch.claim = broken


def poison_in_delivery():
    """A poisoned text kills whoever is about to hand it over."""
    real = sending.send

    async def broken(session, provider, sms):
        if POISON in sms.text:
            kill_this_child()
        return await real(session, provider, sms)

    sending.send = broken


def at_a_step(place):
    """Dies of one kind of step: before it is carried out, when all of it is done and nothing committed, or right after the commit."""
    real, wrote, kind = advance.carry_out, advance._went_well, os.environ.get("BREAK_STEP", "")

    def carried_out(step_id, now):
        mine = StepRun.objects.get(pk=step_id).kind == kind
        if mine and place == "before":
            kill_the_group()
        done = real(step_id, now)
        if mine and place == "after":
            kill_the_group()
        return done

    def went_well(row, *arguments):
        wrote(row, *arguments)
        if row.kind == kind and place == "inside":
            kill_the_group()

    advance.carry_out, advance._went_well = carried_out, went_well


MOMENTS = {
    "before the claim": lambda: before(dispatch, "claim"),
    "after the claim": lambda: after(dispatch, "claim"),
    "after the mark": lambda: after(dispatch, "start"),
    "during a call": during_a_call,
    "before the outcome is written": lambda: before(storing, "write_results"),
    "after the outcome is written": lambda: after(storing, "write_results"),
    "a step is to begin": lambda: at_a_step("before"),
    "a step is unwritten": lambda: at_a_step("inside"),
    "a step is written": lambda: at_a_step("after"),
    "poison in the claim": poison_in_the_claim,
    "poison in delivery": poison_in_delivery,
}
if moment := os.environ.get("BREAK_AT"):
    MOMENTS[moment]()
