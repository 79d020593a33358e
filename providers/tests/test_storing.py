"""Reports come in crowds: each is committed before it is answered, together with its neighbours."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.db import DatabaseError, connection, transaction

from providers.backends.base import Webhook
from providers.models import WebhookEvent
from providers.services import storing
from providers.tests.factories import make_provider


def row(provider, number: int) -> storing.Row:
    return storing.row_of(provider.pk, Webhook("status", "", "ref=1", f"MessageSid=SM{number}".encode(), "text/plain"))


def store(one: storing.Row) -> int | None:
    try:
        return storing.store_in_a_crowd(one)
    finally:
        if threading.current_thread() is not threading.main_thread():
            connection.close()


@pytest.mark.django_db
def test_rows_are_stored_once_and_each_learns_its_id():
    provider, other = make_provider(), make_provider()
    ids = storing.store([row(provider, 1), row(provider, 2), row(provider, 1), row(other, 1)])
    assert ids[2] is None
    assert {id_: bytes(body) for id_, body in WebhookEvent.objects.values_list("id", "body")} == {
        ids[0]: b"MessageSid=SM1", ids[1]: b"MessageSid=SM2", ids[3]: b"MessageSid=SM1",
    }  # fmt: skip
    assert storing.store([row(provider, 2)]) == [None]


@pytest.mark.django_db(transaction=True)
def test_a_crowd_is_written_together_and_nobody_is_lost(monkeypatch):
    provider, sizes, real = make_provider(), [], storing.store

    def counted(rows):
        sizes.append(len(rows))
        return real(rows)

    monkeypatch.setattr(storing, "store", counted)
    with ThreadPoolExecutor(12) as pool:
        ids = list(pool.map(lambda number: store(row(provider, number % 150)), range(300)))
    assert WebhookEvent.objects.count() == 150
    assert sorted(filter(None, ids)) == sorted(WebhookEvent.objects.values_list("id", flat=True)), "each id is told once"
    assert sum(sizes) == 300
    assert max(sizes) > 1


@pytest.mark.django_db(transaction=True)
def test_one_row_that_cannot_be_written_harms_no_other():
    provider = make_provider()
    bad = row(provider, 7)._replace(event="much too long for its column")
    with ThreadPoolExecutor(12) as pool, storing._writing:  # all of them wait
        waiting = [pool.submit(store, one) for one in (row(provider, 1), bad, row(provider, 2))]
        while len(storing._queue) < 3:
            pass
        storing._writing.release()
        try:
            results = [future.exception(10) or future.result() for future in waiting]
        finally:
            storing._writing.acquire()
    assert isinstance(results[1], DatabaseError)
    assert {results[0], results[2]} == set(WebhookEvent.objects.values_list("id", flat=True))


@pytest.mark.django_db(transaction=True)
def test_what_is_answered_is_committed():
    provider = make_provider()
    id_ = storing.store_in_a_crowd(row(provider, 1))
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: (WebhookEvent.objects.filter(pk=id_).exists(), connection.close())[0]).result() is True


@pytest.mark.django_db
def test_odd_letters_are_kept_as_the_database_can():
    provider = make_provider()
    odd = storing.row_of(provider.pk, Webhook("status", "", "a\0b\ud800" + "x" * 900, b"\0\xff", "t\0" * 200))
    with transaction.atomic():
        assert storing.store([odd]) != [None]
    event = WebhookEvent.objects.get()
    assert (event.query[:3], len(event.query), bytes(event.body)) == ("ab?", 500, b"\0\xff")
    assert storing.row_of(provider.pk, replace(Webhook("status", "", "", b"1", ""), event="inbound")).digest != row(provider, 1).digest
