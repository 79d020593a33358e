"""The simulated gateway's mind: takes texts on, decides their fate, counts; knows nothing of sockets."""

import json
import secrets
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol
from urllib.parse import unquote_to_bytes

from providers.simulator.outcomes import ACCEPTED, WORDS, Outcome, Script

SID_JSON = b'{"sid":"%b","status":"queued","error_code":null,"error_message":null}'
SLOWER = Outcome("http", status=429, code=20429, retry_after=1)
KEPT = 20_000  # latest texts that can be looked up
_known_values: dict[bytes, str] = {}


def _decode(value: bytes) -> str:
    value = value.replace(b"+", b" ")
    return (unquote_to_bytes(value) if b"%" in value else value).decode("utf-8", "replace")


def _known(raw: bytes) -> str:
    """A value that many requests share, decoded once."""
    known = _known_values.get(raw)
    if known is None:
        if len(_known_values) > 1000:
            _known_values.clear()
        known = _known_values[raw] = _decode(raw)
    return known


class Text:
    """A text that was taken on; its fields are decoded when somebody asks."""

    __slots__ = ("account", "at", "error", "fields", "login", "number", "outcome", "sid", "state")
    tell: "Callable[[str, int | str], None] | None" = None  # brings news of it where they are not posted

    def __init__(self, sid: str, number: str, fields: dict[bytes, bytes], account: str, login: str, outcome: Outcome, at: float) -> None:
        self.sid, self.number, self.fields, self.account, self.login = sid, number, fields, account, login
        self.outcome, self.at, self.state, self.error = outcome, at, "accepted", 0

    @property
    def sender(self) -> str:
        """The sender, or the messaging service that chooses one."""
        return _known(self.fields.get(b"From") or self.fields.get(b"MessagingServiceSid", b""))

    @property
    def body(self) -> str:
        """What the recipient reads."""
        return _decode(self.fields[b"Body"])

    @property
    def callback(self) -> str:
        """Where reports go; its first part is the same for all texts of a provider."""
        head, mark, tail = self.fields.get(b"StatusCallback", b"").partition(b"%3Fref%3D")
        return f"{_known(head)}?ref={tail.decode('latin-1')}" if mark else _known(head)


class Log(Protocol):
    """Where accepted texts are noted."""

    def add(self, text: Text) -> None:
        """Note one."""


@dataclass(slots=True)
class Settings:
    """How the gateway behaves as a whole. `auth_token` signs reports; empty: the password of the request does."""

    latency: float = 0.0
    rate: int = 0
    auth_token: str = ""
    login: str = ""  # "user:password" that is required, if any
    inbound_url: str = ""


class Gateway:
    """Accepts form bodies of the Messages resource and says what to answer."""

    def __init__(self, script: Script, settings: Settings, log: Log, report: Callable[[Text], None]) -> None:
        self.settings, self.log, self._report = settings, log, report
        self.requests, self.accepted = 0, 0
        self.answers: Counter[str] = Counter()
        self.latest: deque[Text] = deque(maxlen=KEPT)
        self._seen: Counter[str] = Counter()
        self._run = secrets.token_hex(8)
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
        if not number or not fields.get(b"Body"):
            return self._refuse(Outcome("refuse", code=21604 if not number else 21602))
        outcome = self.judge(number, lambda: _decode(fields[b"Body"]))
        if not outcome.keeps:
            return self._refuse(outcome)
        sid = self.next_sid()
        kept = Text(sid, number, fields, account, login, outcome, time.time())
        self.keep(kept)
        if b"StatusCallback" in fields or outcome.reply or outcome.replies:
            self._report(kept)
        return outcome, SID_JSON % sid.encode()

    def judge(self, number: str, text: Callable[[], str]) -> Outcome:
        """What is to happen to a request for a number; `text` tells what is written."""
        if self.settings.rate and not self._take():
            return SLOWER
        outcome = self._choose(number, self.requests, text)
        return outcome if outcome is ACCEPTED else self._once(outcome, number)

    def next_sid(self) -> str:
        """The id of the next text that is taken on."""
        self.accepted += 1
        return "SM%s%016x" % (self._run, self.accepted)  # noqa: UP031  (a third of an f-string's time here)

    def keep(self, text: Text) -> None:
        """Note a text that was taken on."""
        self.latest.append(text)
        self.log.add(text)

    def _once(self, outcome: Outcome, number: str) -> Outcome:
        if outcome.times:
            self._seen[number] += 1
            if self._seen[number] > outcome.times:
                return ACCEPTED
        return outcome

    def _refuse(self, outcome: Outcome) -> tuple[Outcome, bytes | None]:
        self.count(outcome)
        if outcome.answer not in ("refuse", "http"):
            return outcome, None
        status = 400 if outcome.answer == "refuse" else outcome.status
        told = {"code": outcome.code, "message": WORDS.get(outcome.code, "Refused by rule"), "status": status}
        return outcome, json.dumps(told).encode()

    def count(self, outcome: Outcome) -> None:
        """One more that was not taken on."""
        self.answers[outcome.answer if not outcome.code else f"{outcome.answer} {outcome.code}"] += 1

    def _take(self) -> bool:
        now = time.monotonic()
        self._tokens = min(float(self.settings.rate), self._tokens + (now - self._filled) * self.settings.rate)
        self._filled = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def listed(self, account: str, wanted: dict[str, str], most: int) -> list[Text]:
        """The latest texts of an account to a number, from a sender, newest first."""
        number, sender = wanted.get("To"), wanted.get("From")
        found = (text for text in reversed(self.latest) if text.account == account and (not number or text.number == number))
        return list(islice((text for text in found if not sender or text.sender == sender), most))

    def figures(self) -> dict[str, Any]:
        """Counts since the start."""
        return {"requests": self.requests, "accepted": self.accepted, "refused": sum(self.answers.values()), "answers": dict(self.answers)}
