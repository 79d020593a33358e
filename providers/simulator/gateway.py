"""The simulated gateway's mind: takes texts on, decides their fate, counts; knows nothing of sockets."""

import json
import secrets
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from providers.simulator.outcomes import ACCEPTED, WORDS, Outcome, Script
from providers.simulator.requestlog import RequestLog


class Text:
    """A text that was taken on."""

    __slots__ = ("account", "at", "body", "callback", "login", "number", "outcome", "sender", "sid", "state")

    def __init__(self, sid: str, number: str, sender: str, body: str, callback: str, account: str, login: str, outcome: Outcome, at: float) -> None:
        self.sid, self.number, self.sender, self.body, self.callback = sid, number, sender, body, callback
        self.account, self.login = account, login
        self.outcome, self.at, self.state = outcome, at, "accepted"


@dataclass(slots=True)
class Settings:
    """How the gateway behaves as a whole. `auth_token` signs reports; empty: the password of the request does."""

    latency: float = 0.0
    rate: int = 0
    auth_token: str = ""
    login: str = ""  # "user:password" that is required, if any
    inbound_url: str = ""


def _decode(value: bytes) -> str:
    value = value.replace(b"+", b" ")
    return (unquote_to_bytes(value) if b"%" in value else value).decode("utf-8", "replace")


class Gateway:
    """Accepts form bodies of the Messages resource and says what to answer."""

    def __init__(self, script: Script, settings: Settings, log: RequestLog, report: Callable[[Text], None]) -> None:
        self.settings, self.log, self._report = settings, log, report
        self.requests, self.accepted = 0, 0
        self.answers: Counter[str] = Counter()
        self.latest: deque[Text] = deque(maxlen=50)
        self._seen: Counter[str] = Counter()
        self._run = secrets.token_hex(8)
        self._values: dict[bytes, str] = {}
        self._tokens, self._filled = float(settings.rate), time.monotonic()
        self.use(script)

    def use(self, script: Script) -> None:
        """Follow another script from now on."""
        self.script, self._choose = script, script.chooser()
        self._seen.clear()

    def receive(self, body: bytes, account: str, login: str) -> tuple[Outcome, bytes | None]:
        """What happens to a request, and the answer's JSON (None where the outcome has no such answer)."""
        self.requests += 1
        fields = dict([pair.split(b"=", 1) for pair in body.split(b"&") if b"=" in pair])
        number = fields.get(b"To", b"").decode("latin-1").replace("%2B", "+")
        text = _decode(fields.get(b"Body", b""))
        if not number or not text:
            return self._refuse(Outcome("refuse", code=21604 if not number else 21602))
        if self.settings.rate and not self._take():
            return self._refuse(Outcome("http", status=429, code=20429, retry_after=1))
        outcome = self._choose(number, self.requests)
        if outcome is not ACCEPTED:
            outcome = self._once(outcome, number)
        if not outcome.keeps:
            return self._refuse(outcome)
        self.accepted += 1
        sender = self._known(fields.get(b"From") or fields.get(b"MessagingServiceSid", b""))
        sid = f"SM{self._run}{self.accepted:016x}"
        kept = Text(sid, number, sender, text, self._address(fields.get(b"StatusCallback", b"")), account, login, outcome, time.time())
        self.latest.append(kept)
        self.log.add(kept.at, number, sender, sid, kept.callback, text)
        self._report(kept)
        return outcome, b'{"sid":"%b","status":"queued","error_code":null,"error_message":null}' % sid.encode()

    def _once(self, outcome: Outcome, number: str) -> Outcome:
        if outcome.times:
            self._seen[number] += 1
            if self._seen[number] > outcome.times:
                return ACCEPTED
        return outcome

    def _refuse(self, outcome: Outcome) -> tuple[Outcome, bytes | None]:
        self.answers[outcome.answer if not outcome.code else f"{outcome.answer} {outcome.code}"] += 1
        if outcome.answer not in ("refuse", "http"):
            return outcome, None
        status = 400 if outcome.answer == "refuse" else outcome.status
        told = {"code": outcome.code, "message": WORDS.get(outcome.code, "Refused by rule"), "status": status}
        return outcome, json.dumps(told).encode()

    def _address(self, raw: bytes) -> str:
        """A callback's address; its first part is the same for all texts of a provider."""
        head, mark, tail = raw.partition(b"%3Fref%3D")
        return f"{self._known(head)}?ref={tail.decode('latin-1')}" if mark else self._known(head)

    def _known(self, raw: bytes) -> str:
        """A value that many requests share, decoded once."""
        known = self._values.get(raw)
        if known is None:
            if len(self._values) > 1000:
                self._values.clear()
            known = self._values[raw] = _decode(raw)
        return known

    def _take(self) -> bool:
        now = time.monotonic()
        self._tokens = min(float(self.settings.rate), self._tokens + (now - self._filled) * self.settings.rate)
        self._filled = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def figures(self) -> dict[str, Any]:
        """Counts since the start."""
        return {"requests": self.requests, "accepted": self.accepted, "refused": sum(self.answers.values()), "answers": dict(self.answers)}
