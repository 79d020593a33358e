"""The broker's transport for bells: kombu's Redis, but a bell whose receipt could not be told blocks no later one.

A worker holds as many bells as it has processes. Kombu's own keeps counting one that it could not acknowledge, and a worker that held its full
number then would hear nothing more until it is started again. The broker rings such a bell once more after an hour; a bell is a hint, so twice is
as good as once.
"""

from typing import Any

from kombu.transport import redis, virtual


class Bells(redis.QoS):  # type: ignore[misc]
    """What a worker holds."""

    def ack(self, delivery_tag: Any) -> None:
        """Tell the broker; no longer hold it, whatever came of that."""
        try:
            super().ack(delivery_tag)
        finally:
            virtual.QoS.ack(self, delivery_tag)


class Channel(redis.Channel):  # type: ignore[misc]
    """One that holds bells in this way."""

    QoS = Bells


class Transport(redis.Transport):  # type: ignore[misc]
    """Named by the settings."""

    Channel = Channel
