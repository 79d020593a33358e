"""HTTP by hand, as little as a gateway needs: a request costs a few microseconds."""

import asyncio
import json
import re
import socket
import time
from base64 import b64decode
from collections.abc import Callable
from typing import Any, NamedTuple

from providers.simulator.gateway import SID_JSON, Gateway
from providers.simulator.outcomes import ACCEPTED, Outcome

MOST_BYTES = 256 * 1024
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,9})\r\n", re.IGNORECASE)
_LOGIN = re.compile(rb"\r\nauthorization:[ \t]*basic[ \t]+([^\r\n]+)", re.IGNORECASE)
_MESSAGES = re.compile(rb"POST /2010-04-01/Accounts/([^/ ]+)/Messages\.json[ ?]")
_REASONS = {200: "OK", 201: "Created", 307: "Temporary Redirect", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 429: "Too Many Requests"}
# every sid is as long as this one, so the head never changes
_CREATED = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(SID_JSON % (b"-" * 34))
Page = Callable[[bytes, bytes], tuple[int, bytes, bytes] | None]


def answer(status: int, body: bytes, kind: bytes = b"application/json", extra: bytes = b"") -> bytes:
    """A whole response."""
    reason = _REASONS.get(status, "Status").encode()
    return b"HTTP/1.1 %d %b\r\nContent-Type: %b\r\nContent-Length: %d\r\n%b\r\n%b" % (status, reason, kind, len(body), extra, body)


class Head(NamedTuple):
    """What matters of a request's head. `account` is empty for anything but a text."""

    length: int
    account: str
    login: str


class Connection(asyncio.Protocol):
    """One client's connection; requests one after the other."""

    transport: Any
    heads: dict[bytes, Head] = {}

    def __init__(self, gateway: Gateway, page: Page, loop: asyncio.AbstractEventLoop, connections: set["Connection"]) -> None:
        self.gateway, self.page, self.loop, self.connections = gateway, page, loop, connections
        self.rest, self.busy = b"", False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.connections.add(self)
        sock = transport.get_extra_info("socket")
        if sock is not None and sock.family != socket.AF_UNIX:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def connection_lost(self, exc: Exception | None) -> None:
        self.connections.discard(self)

    def data_received(self, data: bytes) -> None:
        if not self.rest and not self.busy:  # nearly always one whole request, with a head like the last one's
            end = data.find(b"\r\n\r\n") + 4
            told = self.heads.get(data[:end])
            if told is not None and end + told.length == len(data):
                self._handle(told, data[:end], data[end:])
                return
        if self.rest:
            data = self.rest + data
        self.rest = data
        while self.rest and not self.busy and self._next():
            pass
        if len(self.rest) > MOST_BYTES:
            self.transport.abort()

    def _next(self) -> bool:
        """Handle the first whole request of what came; False when it is not whole yet."""
        data = self.rest
        end = data.find(b"\r\n\r\n") + 4
        if end < 4:
            return False
        head = data[:end]
        told = self.heads.get(head) or self._read(head)
        stop = end + told.length
        if len(data) < stop:
            return False
        self.rest = data[stop:]
        self._handle(told, head, data[end:stop])
        return True

    def _read(self, head: bytes) -> Head:
        """What a head says; kept, since a client's heads are alike."""
        length, login, target = _LENGTH.search(head), _LOGIN.search(head), _MESSAGES.match(head)
        told = Head(int(length[1]) if length else 0, target[1].decode("ascii", "replace") if target else "", _user_and_password(login[1] if login else b""))
        if len(self.heads) > 4000:
            self.heads.clear()
        self.heads[head] = told
        return told

    def _handle(self, told: Head, head: bytes, body: bytes) -> None:
        if not told.account:
            self._other(head, body)
            return
        if self.gateway.settings.login and told.login != self.gateway.settings.login:
            self.transport.write(answer(401, b'{"code":20003,"message":"Authenticate","status":401}'))
            return
        outcome, text = self.gateway.receive(body, told.account, told.login)
        if outcome is ACCEPTED and text is not None and not self.gateway.settings.latency:
            self.transport.write(_CREATED + text)
            return
        delay = outcome.seconds + self.gateway.settings.latency
        if delay:
            self.busy = True
            self.loop.call_later(delay, self._later, outcome, text)
        else:
            self._answer(outcome, text)

    def _later(self, outcome: Outcome, told: bytes | None) -> None:
        self.busy = False
        if not self.transport.is_closing():
            self._answer(outcome, told)
            self.data_received(b"")

    def _answer(self, outcome: Outcome, told: bytes | None) -> None:
        transport = self.transport
        if outcome.answer == "accept" and told is not None:
            transport.write(_CREATED + told)
        elif told is not None and outcome.answer in ("refuse", "http"):
            extra = b"Retry-After: %d\r\n" % outcome.retry_after if outcome.retry_after else b""
            transport.write(answer(400 if outcome.answer == "refuse" else outcome.status, told, extra=extra))
        elif outcome.answer in ("reset", "lost"):
            _reset(transport)
        elif outcome.answer == "garbage":
            transport.write(answer(201, b"<html>It works!</html>", b"text/html"))
        elif outcome.answer == "redirect":
            transport.write(answer(307, b"", extra=b"Location: http://127.0.0.1:9/elsewhere\r\n"))
        elif outcome.answer == "huge":
            transport.write(answer(201, b'{"sid":"' + b"x" * 10_000_000 + b'"}'))
        elif outcome.answer == "drip":
            self.busy = True
            self._drip(answer(201, b'{"sid":"SMdrip"}'), 0)
        else:
            self.busy = True  # timeout: never answers

    def _drip(self, text: bytes, place: int) -> None:
        if place < len(text) and not self.transport.is_closing():
            self.transport.write(text[place : place + 1])
            self.loop.call_later(1.0, self._drip, text, place + 1)

    def _other(self, head: bytes, body: bytes) -> None:
        line = head.partition(b"\r\n")[0]
        found = self.page(line, body)
        if found is None:
            self.transport.write(answer(404, b'{"code":20404,"message":"Not found","status":404}'))
        else:
            status, kind, content = found
            self.transport.write(answer(status, content, kind))


def _user_and_password(key: bytes) -> str:
    try:
        return b64decode(key, validate=True).decode()
    except ValueError:
        return ""


def _reset(transport: Any) -> None:
    """End the connection with RST instead of FIN."""
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    transport.abort()


def account_page(line: bytes) -> bytes | None:
    """The Accounts resource, which a connection test reads."""
    match = re.match(rb"GET /2010-04-01/Accounts/([A-Za-z0-9]+)\.json ", line)
    if not match:
        return None
    return json.dumps({"sid": match[1].decode(), "friendly_name": "Simulated gateway", "status": "active", "date": time.strftime("%Y-%m-%d")}).encode()
