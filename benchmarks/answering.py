"""A gateway that gives every request the same answer, in a process of its own: for vendors that the simulated gateway does not speak like.

    python -m benchmarks.answering PORT BODY
"""

import asyncio
import re
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvloop

from smsapp.testing import processes

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,9})\r\n", re.IGNORECASE)


class Connection(asyncio.Protocol):
    """Requests one after the other; each is read whole and answered at once."""

    transport: Any
    answer: bytes

    def __init__(self) -> None:
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data: bytes) -> None:
        self._rest += data
        while (head := self._rest.find(b"\r\n\r\n")) >= 0:
            length = _LENGTH.search(self._rest, 0, head + 2)
            end = head + 4 + (int(length[1]) if length else 0)
            if len(self._rest) < end:
                return
            self._rest = self._rest[end:]
            self.transport.write(self.answer)


@contextmanager
def answering(body: str) -> Iterator[str]:
    """The gateway's address, for the length of a block."""
    port = processes.free_port()
    url = f"http://127.0.0.1:{port}"
    with processes.running("-m", "benchmarks.answering", str(port), body) as process:
        processes.wait_until(lambda: processes.answers(url), "the answering gateway", process=process)
        yield url


async def _serve(port: int, body: bytes) -> None:
    Connection.answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", port, backlog=1000)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1]), sys.argv[2].encode()))
