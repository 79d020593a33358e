"""What becomes of a text: by the last four digits of its number, or by a script.

The endings exist in the made-up numbers of France (06 39 98 01 50), Britain (07700 900150) and the United States
(xxx 555 0150). Every other number is accepted, reported queued, sent and delivered.

0150  refused 21211, not a valid number           0163  each report comes five times
0151  refused 21610, opted out                    0164  undelivered 30003, phone unreachable
0152  refused 21614, not a mobile                 0165  undelivered 30005, number not in service
0153  refused 21408, country not allowed          0166  failed 30008, no reason given
0154  429 twice with Retry-After 1, then accepted 0167  delivered, then replies "STOP"
0155  500                                         0168  delivered, then replies "Thanks, see you there"
0156  never answers                               0169  accepted and logged, but the answer is lost; reports follow
0157  connection reset before it is accepted      0170  401 with code 20003, credentials refused
0158  accepted after 2 seconds                    0171  307 to another address
0159  201 with garbage                            0172  201 with 10 MB
0160  accepted, no report                         0173  the answer drips a byte a second
0161  reports after 30 seconds                    0174  503 with Retry-After 5
0162  reports in reverse order
"""

import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any

ANSWERS = {"accept", "refuse", "http", "timeout", "reset", "garbage", "lost", "redirect", "huge", "drip"}
REPORTS = {"normal", "none", "reversed", "duplicate"}


class ScriptError(ValueError):
    """A script says something that cannot be done."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What to do with a text. `seconds` delays the answer, `late` the reports; `times` limits it to a number's first requests.

    `sequence` takes the place of the usual reports: (seconds after acceptance, status, error code) each. `replies` are (seconds after the last
    report, text); `reply` is one that comes soon.
    """

    answer: str = "accept"
    status: int = 400
    code: int = 0
    retry_after: int = 0
    seconds: float = 0.0
    times: int = 0
    reports: str = "normal"
    late: float = 0.0
    final: str = "delivered"
    error: int = 0
    reply: str = ""
    sequence: tuple[tuple[float, str, int], ...] = ()
    replies: tuple[tuple[float, str], ...] = ()

    @property
    def keeps(self) -> bool:
        """Whether the gateway takes the text on (and logs it), whatever it answers."""
        return self.answer in ("accept", "lost")


ACCEPTED = Outcome()
ENDINGS: dict[str, Outcome] = {
    "0150": Outcome("refuse", code=21211),
    "0151": Outcome("refuse", code=21610),
    "0152": Outcome("refuse", code=21614),
    "0153": Outcome("refuse", code=21408),
    "0154": Outcome("http", status=429, code=20429, retry_after=1, times=2),
    "0155": Outcome("http", status=500, code=20500),
    "0156": Outcome("timeout"),
    "0157": Outcome("reset"),
    "0158": Outcome(seconds=2.0),
    "0159": Outcome("garbage"),
    "0160": Outcome(reports="none"),
    "0161": Outcome(late=30.0),
    "0162": Outcome(reports="reversed"),
    "0163": Outcome(reports="duplicate"),
    "0164": Outcome(final="undelivered", error=30003),
    "0165": Outcome(final="undelivered", error=30005),
    "0166": Outcome(final="failed", error=30008),
    "0167": Outcome(reply="STOP"),
    "0168": Outcome(reply="Thanks, see you there"),
    "0169": Outcome("lost"),
    "0170": Outcome("http", status=401, code=20003),
    "0171": Outcome("redirect"),
    "0172": Outcome("huge"),
    "0173": Outcome("drip"),
    "0174": Outcome("http", status=503, code=20503, retry_after=5),
}
WORDS = {
    21211: "The 'To' number is not a valid phone number.",
    21610: "Attempt to send to unsubscribed recipient",
    21614: "'To' number is not a valid mobile number",
    21408: "Permission to send an SMS has not been enabled for the region indicated by the 'To' number",
    20003: "Authenticate",
    20429: "Too Many Requests",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """When a script's outcome applies: all conditions given must hold. `share` picks the same numbers every time, `text` is part of what is written."""

    outcome: Outcome
    number: str = ""
    starts: str = ""
    ends: str = ""
    every: int = 0
    share: float = 0.0
    text: str = ""

    def matches(self, number: str, count: int, text: Callable[[], str] = str) -> bool:
        """Whether the `count`-th request, to `number`, is meant; its text is decoded only when somebody asks."""
        return (
            (not self.number or number == self.number)
            and number.startswith(self.starts)
            and number.endswith(self.ends)
            and (not self.every or count % self.every == 0)
            and (not self.share or zlib.crc32(number.encode()) % 10_000 < self.share * 10_000)
            and (not self.text or self.text.casefold() in text().casefold())
        )


@dataclass(slots=True)
class Script:
    """Everything that decides outcomes. `delays` are seconds from acceptance to each report."""

    rules: list[Rule] = field(default_factory=list)
    endings: bool = True
    delays: dict[str, float] = field(default_factory=lambda: {"queued": 0.05, "sent": 0.2, "delivered": 0.6})

    def chooser(self) -> Callable[..., Outcome]:
        """A function of (number, count, text) that is as cheap as this script allows."""
        table = ENDINGS if self.endings else {}
        if not self.rules:
            return lambda number, count, text=str: table.get(number[-4:], ACCEPTED)
        rules = self.rules

        def choose(number: str, count: int, text: Callable[[], str] = str) -> Outcome:
            for rule in rules:
                if rule.matches(number, count, text):
                    return rule.outcome
            return table.get(number[-4:], ACCEPTED)

        return choose


_CONDITIONS = ("number", "starts", "ends", "every", "share", "text")
_OUTCOME_FIELDS = {item.name for item in fields(Outcome)}


def read_script(text: str) -> Script:
    """A script from JSON. Raises ScriptError with what is wrong and where."""
    try:
        told = json.loads(text)
    except ValueError as problem:
        raise ScriptError(f"not JSON: {problem}") from None
    if not isinstance(told, dict) or set(told) - {"rules", "endings", "delays"}:
        raise ScriptError('a script is an object with "rules", "endings" and "delays"')
    script = Script(endings=bool(told.get("endings", True)), rules=[_rule(number, rule) for number, rule in enumerate(told.get("rules", []), 1)])
    script.delays.update({name: float(seconds) for name, seconds in told.get("delays", {}).items()})
    return script


def _rule(place: int, told: Any) -> Rule:
    if not isinstance(told, dict) or set(told) - set(_CONDITIONS) - _OUTCOME_FIELDS:
        raise ScriptError(f"rule {place}: known are {', '.join((*_CONDITIONS, *sorted(_OUTCOME_FIELDS)))}")
    chosen = {name: value for name, value in told.items() if name in _OUTCOME_FIELDS}
    try:
        chosen["sequence"] = tuple(_report(*step) for step in told.get("sequence", ()))
        chosen["replies"] = tuple((float(seconds), str(text)) for seconds, text in told.get("replies", ()))
    except (TypeError, ValueError):
        raise ScriptError(f'rule {place}: sequence is [[seconds, "status", code], …], replies are [[seconds, "text"], …]') from None
    outcome = Outcome(**chosen)
    if outcome.answer not in ANSWERS or outcome.reports not in REPORTS:
        raise ScriptError(f"rule {place}: answer is one of {', '.join(sorted(ANSWERS))}; reports one of {', '.join(sorted(REPORTS))}")
    return Rule(outcome, **{name: told[name] for name in _CONDITIONS if name in told})


def _report(seconds: float, status: str, code: int = 0) -> tuple[float, str, int]:
    return float(seconds), str(status), int(code)
