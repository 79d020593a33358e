"""The log: what a line says, and what it never says."""

import logging
import socket
from datetime import timedelta
from io import StringIO
from unittest.mock import Mock

import psycopg
import pytest
from celery.worker.request import Request
from django.db import OperationalError
from django.test import Client

from smsapp.celery import app
from smsapp.logs import Absence, Facts, HookTokens

TOKEN = "s3cret-Token_4711"
ADDRESS = f"at /hooks/twilio/{TOKEN}/status/"
ROW = "null value in column\nDETAIL:  Failing row contains (+33639980101, Hello\n\nworld)."


@pytest.fixture
def lines(monkeypatch):
    """What the console's handler writes, as the settings made it."""
    handler = next(handler for handler in logging.getLogger().handlers if any(isinstance(item, HookTokens) for item in handler.filters))
    stream = StringIO()
    monkeypatch.setattr(handler, "stream", stream)
    absence = next(item for item in handler.filters if isinstance(item, Absence))
    monkeypatch.setattr(absence, "_quiet_until", 0.0)
    return lambda: stream.getvalue()


def test_a_line_has_time_level_logger_message_and_facts(lines):
    logging.getLogger("contacts.importing.jobs").warning("import cannot go on", extra={"job": 7, "problem": 'odd "one"\nmore', "empty": ""})
    time, line = lines().split(" ", 1)
    assert time.startswith("20") and time.endswith("Z") and "T" in time
    assert line == 'WARNING contacts.importing.jobs import cannot go on job=7 problem="odd \\"one\\"\\nmore" empty=""\n'


def test_things_are_no_facts(lines):
    logging.getLogger("x").error("odd", extra={"request": object(), "all": {"text": "Hello"}, "status_code": 500})
    assert lines().endswith(" ERROR x odd status_code=500\n")


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["post", "get"])
def test_refused_webhooks_are_logged_without_their_token(lines, method):
    getattr(Client(), method)(f"/hooks/twilio/{TOKEN}/status/?ref=1")
    assert "django.request" in lines() and "/hooks/twilio/•••/status/ status_code=40" in lines()
    getattr(Client(), method)(f"/workflows/7/signal/s1/{TOKEN}/")
    assert "/workflows/7/signal/s1/•••/ status_code=40" in lines()
    assert TOKEN not in lines()


def test_servers_that_log_each_request_do_not_log_tokens(lines):
    for name in ("django.server", "gunicorn.access", "gunicorn.error"):
        logging.getLogger(name).info('"%s" %s', f"POST /hooks/twilio/{TOKEN}/inbound/ HTTP/1.1", 200, extra={"uri": f"/hooks/twilio/{TOKEN}"})
    assert lines().count("/hooks/twilio/••• ") + lines().count("/hooks/twilio/•••/inbound/ HTTP") == 3, lines()
    assert TOKEN not in lines()


@pytest.mark.parametrize("name", ["django", "django.server", "django.request", "gunicorn.error", "gunicorn.access"])
def test_nobody_writes_past_the_filter(name):
    assert not logging.getLogger(name).handlers and logging.getLogger(name).propagate


def test_a_traceback_holds_neither_rows_nor_tokens(lines):
    for answer in ("first", "second"):
        try:
            try:
                raise ValueError(ROW)
            except ValueError as problem:
                raise RuntimeError(ADDRESS) from problem
        except RuntimeError:
            logging.getLogger("x").exception("broke", extra={"answer": answer})
    text = lines()
    assert text.count("ValueError: null value in column\n") == text.count("RuntimeError: at /hooks/twilio/•••/status/\n") == 2
    assert "answer=second\nTraceback" in text
    assert not any(word in text for word in (TOKEN, "+3363998", "world"))


def test_a_message_that_quotes_an_exception_holds_no_row():
    words = repr(ValueError("duplicate key\nDETAIL:  Key (number)=(+33639980101) already exists."))
    record = logging.LogRecord("celery.app.trace", logging.ERROR, "", 0, "Task %s: %s", ("x", words), None)
    assert "duplicate key" in Facts().format(record)
    assert "+33639980101" not in Facts().format(record)


@pytest.mark.django_db
def test_a_refusal_is_one_line(lines, client_for):
    assert client_for("viewer").get("/contacts/new/").status_code == 403
    assert client_for("viewer").get("/nowhere/").status_code == 404
    told = lines()
    assert "Forbidden" in told and "status_code=403" in told and "WARNING" in told
    assert "Traceback" not in told and told.count("\n") == 2


def test_what_breaks_keeps_its_traceback(lines):
    try:
        raise RuntimeError
    except RuntimeError:
        logging.getLogger("django.request").exception("Internal Server Error", extra={"status_code": 500})
    assert "Traceback" in lines()


def broken(problem):
    """A task that ends so, as Celery logs it."""
    try:
        try:
            raise problem
        except psycopg.Error as cause:
            raise OperationalError(*cause.args) from cause
    except OperationalError as error:
        context = {"name": "campaigns.tasks.tick", "id": "1", "description": "raised unexpected", "exc": repr(error)}
        logging.getLogger("celery.app.trace").error("Task %(name)s[%(id)s] %(description)s: %(exc)s", context, exc_info=True, extra={"data": context})


def test_a_database_that_is_away_is_one_line_however_often_it_is_asked(lines):
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    with pytest.raises(psycopg.OperationalError) as refused:
        psycopg.connect(f"postgresql://nobody@127.0.0.1:{port}/none", connect_timeout=5)
    for problem in (refused.value, psycopg.errors.AdminShutdown("terminating connection"), psycopg.OperationalError("the connection is closed")):
        broken(problem)
    assert lines().count("\n") == 1, lines()
    assert "ERROR celery.app.trace database not reached, going on when it is back problem=" in lines()


@pytest.mark.parametrize("answer", [psycopg.errors.DeadlockDetected, psycopg.errors.QueryCanceled, psycopg.errors.DiskFull])
def test_a_database_that_answers_keeps_its_traceback(lines, answer):
    broken(answer("no"))
    assert "Traceback" in lines()


def test_a_tick_that_came_too_late_is_dropped_without_a_word(lines):
    late = app.now() - timedelta(minutes=1)
    headers = {"id": "4711", "task": "campaigns.tasks.tick", "expires": late.isoformat(), "eta": None, "retries": 0, "group": None}
    message = Mock(headers=headers, properties={}, delivery_info={}, payload=((), {}, {}), body=b"", content_type="application/json", content_encoding="utf-8")
    request = Request(message, app=app, decoded=True, body=((), {}, {}), task=Mock())
    assert request.revoked()
    assert lines() == ""
