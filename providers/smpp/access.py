"""What the settings of a provider say about its sessions, and how addresses are written. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from providers.backends.pairs import table
from providers.senders import kind_of
from providers.smpp.codings import GSM
from providers.smpp.parts import HEADER
from providers.smpp.pdus import RECEIVER, TRANSCEIVER, TRANSMITTER, Address
from providers.smpp.receipts import SAME

PLANS = {"number": "1/1", "short_code": "3/0", "name": "5/0", "destination": "1/1"}  # type of number / numbering plan
PAIR, BOTH = "pair", "transceiver"


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach an SMSC and what it expects. Never printed: it holds the password."""

    host: str
    port: int
    tls: bool
    system_id: str
    password: str = field(repr=False)
    system_type: str = ""
    mode: str = BOTH
    binds: int = 1
    window: int = 10
    enquire: float = 30.0  # seconds of silence before the other side is asked whether it is there
    alphabet: str = GSM
    long_texts: str = HEADER
    ids: str = SAME
    plans: tuple[tuple[str, str], ...] = tuple(PLANS.items())
    answer_codes: Mapping[int, str] = field(default_factory=dict)  # the operator's own, and what they mean
    receipt_codes: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, options: Mapping[str, str], secrets: Mapping[str, str]) -> "Access":
        """From what an administrator entered, which was checked then."""
        return cls(
            host=options.get("host", ""), port=_number(options, "port", 2775), tls=options.get("tls") == "yes",
            system_id=options.get("system_id", ""), password=secrets.get("password", ""), system_type=options.get("system_type", ""),
            mode=options.get("mode") or BOTH, binds=_number(options, "binds", 1), window=_number(options, "window", 10),
            enquire=float(_number(options, "enquire", 30)), alphabet=options.get("alphabet") or GSM,
            long_texts=options.get("long_texts") or HEADER, ids=options.get("ids") or SAME,
            plans=tuple((name, options.get(f"plan_{name}") or usual) for name, usual in PLANS.items()),
            answer_codes=_of_answers(options.get("answer_codes", "")), receipt_codes=_of_receipts(options.get("receipt_codes", "")),
        )  # fmt: skip

    @property
    def roles(self) -> tuple[int, ...]:
        """The commands by which one bind comes about: one session for both ways, or one for each."""
        return (TRANSMITTER, RECEIVER) if self.mode == PAIR else (TRANSCEIVER,)

    def reason_of(self, code: str) -> str:
        """What the operator means by an error code in a receipt; empty when nobody said."""
        return self.receipt_codes.get(_bare(code), "")

    def source(self, sender: str) -> Address:
        """Our sender."""
        return _address(sender, dict(self.plans).get(kind_of(sender), "0/0"))

    def destination(self, number: str) -> Address:
        """The recipient."""
        return _address(number, dict(self.plans)["destination"])


def status_of(word: str) -> int | None:
    """A code of answers as people write it, 0x40B or 1035; None for what is none."""
    try:
        return int(word, 16 if word.lower().startswith("0x") else 10)
    except ValueError:
        return None


@lru_cache(maxsize=100)
def _of_answers(text: str) -> dict[int, str]:
    return {status: meaning for word, meaning in table(text).items() if (status := status_of(word)) is not None}


@lru_cache(maxsize=100)
def _of_receipts(text: str) -> dict[str, str]:
    return {_bare(word): meaning for word, meaning in table(text).items()}


def _bare(code: str) -> str:
    """Operators write 021 and 21 for the same."""
    return code.lower().lstrip("0")


def _number(options: Mapping[str, str], name: str, usual: int) -> int:
    text = options.get(name, "")
    return int(text) if text.isascii() and text.isdigit() else usual


@lru_cache(maxsize=1000)
def _address(text: str, plan: str) -> Address:
    ton, _slash, npi = plan.partition("/")
    return Address(int(ton), int(npi), text.removeprefix("+"))


def number_of(address: str, ton: int) -> str:
    """Who wrote to us, as E.164 where the address is international; anything else as it came."""
    digits = address.removeprefix("+")
    if not digits.isascii() or not digits.isdigit():
        return address[:40]
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    return f"+{digits}" if ton == 1 or address.startswith("+") or (len(digits) > 10 and not digits.startswith("0")) else digits
