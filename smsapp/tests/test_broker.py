"""A bell whose receipt could not be told is not held for ever."""

import pytest
from redis.exceptions import TimeoutError as NoAnswer

from smsapp.broker import Transport
from smsapp.celery import app


def test_workers_hear_more_after_a_receipt_that_could_not_be_told(monkeypatch):
    with app.connection_for_read() as connection:
        assert isinstance(connection.transport, Transport)
        channel = connection.channel()
        channel.basic_qos(prefetch_count=1)
        bell = {"body": "", "properties": {"delivery_tag": "bell", "delivery_info": {"exchange": "", "routing_key": "bulk"}}}
        channel.qos.append(channel.Message(bell, channel=channel), "bell")
        assert not channel.qos.can_consume()

        def silent(*_arguments, **_options):
            raise NoAnswer

        monkeypatch.setattr(channel.qos, "_remove_from_indices", silent)
        with pytest.raises(NoAnswer):
            channel.qos.ack("bell")
        assert channel.qos.can_consume()
