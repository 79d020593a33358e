"""Lets this process, the test, look at a world: its ORM, its bells and its settings."""

from contextlib import contextmanager

import environ
from django.contrib.contenttypes.models import ContentType
from django.db import connections
from django.test import override_settings

from smsapp.celery import app


@contextmanager
def django_looks_at(database_url: str, redis_url: str, web_url: str):
    """This process's own ORM and bells."""
    facts = connections["default"].settings_dict
    kept = dict(facts)
    connections.close_all()
    facts.update(environ.Env.db_url_config(database_url))
    facts.update(ENGINE="django.db.backends.postgresql", OPTIONS={"connect_timeout": 5})
    ContentType.objects.clear_cache()
    broker = app.conf.broker_url
    try:
        _ring_at(redis_url)
        with override_settings(REDIS_URL=redis_url, PUBLIC_BASE_URL=web_url):
            yield
    finally:
        _ring_at(broker)
        connections.close_all()
        facts.clear()
        facts.update(kept)
        ContentType.objects.clear_cache()


def _ring_at(redis_url: str) -> None:
    app.conf.broker_url = redis_url
    app._pool, app.amqp._producer_pool = None, None
