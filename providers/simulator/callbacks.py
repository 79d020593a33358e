"""Posts signed reports and replies to the console: kept-alive connections, a bounded number, this machine only."""

import asyncio
import hmac
import socket
from base64 import b64encode
from collections import Counter, deque
from functools import lru_cache
from typing import Any
from urllib.parse import quote_plus, urlsplit

from providers.simulator.gateway import Gateway, Text
from providers.simulator.outcomes import Outcome
from smsapp.common.hosts import is_this_machine

Steps = tuple[tuple[float, str, int | str], ...]  # seconds after acceptance, status or "reply", error code or what is replied
TICK = 0.02
CONNECTIONS = 8
_DEADLINE = 15.0
_TRIES = 5


class Job:
    """One post. `told` is called when it was answered or given up."""

    __slots__ = ("request", "target", "tries")

    def __init__(self, target: tuple[str, int], request: bytes) -> None:
        self.target, self.request, self.tries = target, request, 0


def sign(token: str, url: str, fields: list[tuple[str, str]]) -> str:
    """The signature of a form post, as in Twilio's "Webhooks security"."""
    text = url + "".join(name + value for name, value in sorted(fields))
    return b64encode(hmac.digest(token.encode(), text.encode(), "sha1")).decode()


@lru_cache(maxsize=200)
def _address(url: str) -> tuple[tuple[str, int], str, str] | None:
    """((host, port), Host header, path) of an address without its query; None when it is not this machine's."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "http" or not is_this_machine(host):
        return None
    return ("127.0.0.1" if host == "localhost" else host, parts.port or 80), parts.netloc, parts.path or "/"


def _quoted(value: str) -> str:
    return value if value.isalnum() and value.isascii() else quote_plus(value)


def make_post(url: str, token: str, fields: list[tuple[str, str]]) -> Job | None:
    """The post of a signed form; None for an address that is not this machine's."""
    base, mark, query = url.partition("?")
    address = _address(base)
    if address is None:
        return None
    target, host, path = address
    body = "&".join([f"{name}={_quoted(value)}" for name, value in fields])
    head = (
        f"POST {path}{mark}{query} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"X-Twilio-Signature: {sign(token, url, fields)}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return Job(target, (head + body).encode())


def plan(outcome: Outcome, delays: dict[str, float]) -> Steps:
    """Everything that is posted about a text, in order of time."""
    reports = list(outcome.sequence) or _usual(outcome, delays)
    if outcome.reports == "none":
        reports = []
    if outcome.reports == "duplicate":
        reports = [report for report in reports for _ in range(5)]
    steps: list[tuple[float, str, int | str]] = [(seconds + outcome.late, word, code) for seconds, word, code in reports]
    end = max([step[0] for step in steps], default=delays["delivered"] + outcome.late)
    replies = [*([(0.2, outcome.reply)] if outcome.reply else []), *outcome.replies]
    return tuple(sorted([*steps, *((end + seconds, "reply", text) for seconds, text in replies)], key=lambda step: step[0]))


def _usual(outcome: Outcome, delays: dict[str, float]) -> list[tuple[float, str, int]]:
    words = ["queued", "sent", outcome.final]
    if outcome.reports == "reversed":
        words.reverse()
    times = (delays["queued"], delays["sent"], delays["delivered"])
    return [(seconds, word, outcome.error if word == outcome.final else 0) for seconds, word in zip(times, words, strict=True)]


class Callbacks:
    """Keeps what is to be posted by due time and posts it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, *, hold: bool = False) -> None:
        self.gateway: Gateway  # set by the server: each needs the other
        self.hold = hold
        self.counts: Counter[str] = Counter()
        self._loop = loop
        self._due: dict[int, list[tuple[Text, Steps, int]]] = {}
        self._plans: dict[int, Steps] = {}  # by identity: outcomes live as long as their script
        self._queues: dict[tuple[str, int], deque[Job]] = {}
        self._idle: dict[tuple[str, int], list[_Poster]] = {}
        self._open: Counter[tuple[str, int]] = Counter()
        self._replies = 0
        self._timer = loop.call_later(TICK, self._tick)

    def report(self, text: Text) -> None:
        """Plan the reports and the reply of a text that was taken on."""
        steps = self._plans.get(id(text.outcome))
        if steps is None:
            steps = self._plans[id(text.outcome)] = plan(text.outcome, self.gateway.script.delays)
        if steps:
            self._wait(text, steps, 0, 0.0)

    def _wait(self, text: Text, steps: Steps, place: int, done: float) -> None:
        """Only the next report of a text is kept by time; it brings the one after."""
        self._due.setdefault(int((self._loop.time() + steps[place][0] - done) / TICK) + 1, []).append((text, steps, place))

    def waiting(self) -> int:
        """Reports planned or queued."""
        return sum(map(len, self._due.values())) + sum(map(len, self._queues.values()))

    def _tick(self) -> None:
        self._timer = self._loop.call_later(TICK, self._tick)
        if self.hold or not self._due:
            return
        now = int(self._loop.time() / TICK)
        for slot in sorted(slot for slot in self._due if slot <= now):
            for text, steps, place in self._due.pop(slot):
                done, word, value = steps[place]
                self._post(text, word, value)
                if place + 1 < len(steps):
                    self._wait(text, steps, place + 1, done)

    def replan(self) -> None:
        """The script has changed."""
        self._plans.clear()

    def _post(self, text: Text, word: str, value: int | str) -> None:
        if text.tell is not None:
            text.tell(word, value)
            return
        token = self.gateway.settings.auth_token or text.login.partition(":")[2]
        if word == "reply":
            job = make_post(*self._reply(text, token, str(value)))
        else:
            text.state, text.error = word, int(value)
            callback = text.callback
            if not callback:
                return
            job = make_post(callback, token, _report_fields(text, word, int(value)))
        if job is None:
            self.counts["not this machine"] += 1
            return
        self.send(job)

    def _reply(self, text: Text, token: str, words: str) -> tuple[str, str, list[tuple[str, str]]]:
        url = self.gateway.settings.inbound_url or text.callback.partition("?")[0].replace("/status/", "/inbound/")
        self._replies += 1
        return url, token, inbound_fields(text.account, "SM%08x%s" % (self._replies, text.sid[:9:-1]), text.number, text.sender, words)  # noqa: UP031

    def send(self, job: Job) -> None:
        """Post now, or as soon as a connection is free."""
        self._queues.setdefault(job.target, deque()).append(job)
        self._feed(job.target)

    def _feed(self, target: tuple[str, int]) -> None:
        queue = self._queues.get(target)
        idle = self._idle.setdefault(target, [])
        while queue and idle:
            idle.pop().start(queue.popleft())
        if queue and self._open[target] < min(CONNECTIONS, len(queue) + self._open[target]):
            self._open[target] += 1
            connecting = self._loop.create_task(self._connect(target))
            connecting.add_done_callback(lambda task: None if task.cancelled() else task.exception())

    async def _connect(self, target: tuple[str, int]) -> None:
        try:
            await asyncio.wait_for(self._loop.create_connection(lambda: _Poster(self, target), *target), 5)
        except (OSError, TimeoutError):
            self._open[target] -= 1
            queue = self._queues.get(target)
            if queue:
                self.again(queue.popleft())

    def again(self, job: Job) -> None:
        """A post found nobody there: try later, a few times."""
        job.tries += 1
        if job.tries >= _TRIES:
            self.counts["given up"] += 1
            return
        self.counts["tried again"] += 1
        self._loop.call_later(job.tries, self.send, job)

    def ready(self, poster: "_Poster") -> None:
        """A connection is free."""
        self._idle.setdefault(poster.target, []).append(poster)
        self._feed(poster.target)

    def gone(self, poster: "_Poster") -> None:
        """A connection has ended."""
        self._open[poster.target] -= 1
        idle = self._idle.get(poster.target, [])
        if poster in idle:
            idle.remove(poster)
        self._feed(poster.target)

    def close(self) -> None:
        """Stop posting."""
        self._timer.cancel()
        for idle in self._idle.values():
            for poster in list(idle):
                poster.transport.close()


class _Poster(asyncio.Protocol):
    """One connection to the console, one post at a time."""

    transport: Any

    def __init__(self, owner: Callbacks, target: tuple[str, int]) -> None:
        self.owner, self.target = owner, target
        self.job: Job | None = None
        self._answer = b""
        self._deadline: asyncio.TimerHandle | None = None
        self._used = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        sock = transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.owner.ready(self)

    def start(self, job: Job) -> None:
        """Post it."""
        self.job, self._answer = job, b""
        self._deadline = self.owner._loop.call_later(_DEADLINE, self.transport.abort)
        self.transport.write(job.request)

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, mark, rest = self._answer.partition(b"\r\n\r\n")
        if not mark or self.job is None:
            return
        lower = head.lower()
        _, found, length = lower.partition(b"\r\ncontent-length:")
        size = int(length.partition(b"\r\n")[0]) if found else -1
        if 0 <= size <= len(rest):
            self._done(int(head[9:12]), keep=b"\r\nconnection: close" not in lower)
        elif size < 0 and b"chunked" in lower and rest.endswith(b"0\r\n\r\n"):
            self._done(int(head[9:12]), keep=True)

    def _done(self, status: int, *, keep: bool) -> None:
        self.owner.counts[f"answered {status}"] += 1
        self.job, self._used = None, True
        if self._deadline:
            self._deadline.cancel()
        if keep:
            self.owner.ready(self)
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._deadline:
            self._deadline.cancel()
        if self.job is not None:
            job, self.job = self.job, None
            if self._answer[:9] == b"HTTP/1.1 " or self._answer[:9] == b"HTTP/1.0 ":
                self.owner.counts[f"answered {self._answer[9:12].decode('ascii', 'replace')}"] += 1
            elif self._used:
                self.owner.send(job)  # the console had closed the idle connection
            else:
                self.owner.again(job)
        self.owner.gone(self)


def _report_fields(text: Text, word: str, error: int) -> list[tuple[str, str]]:
    fields = [
        ("AccountSid", text.account), ("ApiVersion", "2010-04-01"), ("From", text.sender), ("MessageSid", text.sid),
        ("MessageStatus", word), ("SmsSid", text.sid), ("SmsStatus", word), ("To", text.number),
    ]  # fmt: skip
    if error:
        fields.append(("ErrorCode", str(error)))
    return fields


def inbound_fields(account: str, sid: str, sender: str, recipient: str, body: str) -> list[tuple[str, str]]:
    """What Twilio posts when somebody texts us."""
    return [
        ("AccountSid", account), ("ApiVersion", "2010-04-01"), ("Body", body), ("From", sender), ("MessageSid", sid),
        ("NumMedia", "0"), ("NumSegments", "1"), ("SmsMessageSid", sid), ("SmsSid", sid), ("SmsStatus", "received"), ("To", recipient),
    ]  # fmt: skip
