"""What a delivery receipt says: as text in its many spellings, or in optional parameters. Pure.

Source: SMPP 3.4, appendix B ("id:IIIIIIIIII sub:SSS dlvrd:DDD submit date:… done date:… stat:DDDDDDD err:E text:…"), "message_state",
"receipted_message_id", "network_error_code". The appendix is an example that gateways vary: other case, blanks after the colon, fields left out.
"""

import re
from dataclasses import dataclass

from providers.types import ReportStatus

SAME, DECIMAL, HEX = "same", "decimal", "hex"  # how ids in receipts are written, beside those in answers

STATES = {1: "ENROUTE", 2: "DELIVRD", 3: "EXPIRED", 4: "DELETED", 5: "UNDELIV", 6: "ACCEPTD", 7: "UNKNOWN", 8: "REJECTD"}
STATUSES = {
    "DELIVRD": ReportStatus.DELIVERED, "DELIVERED": ReportStatus.DELIVERED, "DELIV": ReportStatus.DELIVERED,
    "EXPIRED": ReportStatus.UNDELIVERED, "DELETED": ReportStatus.UNDELIVERED, "UNDELIV": ReportStatus.UNDELIVERED,
    "UNDELIVERED": ReportStatus.UNDELIVERED, "UNDELIVERABLE": ReportStatus.UNDELIVERED, "REJECTD": ReportStatus.UNDELIVERED,
    "REJECTED": ReportStatus.UNDELIVERED, "FAILED": ReportStatus.UNDELIVERED,
    "ACCEPTD": ReportStatus.ACCEPTED, "ACCEPTED": ReportStatus.ACCEPTED, "ENROUTE": ReportStatus.ACCEPTED, "ACKED": ReportStatus.ACCEPTED,
    "BUFFRED": ReportStatus.ACCEPTED, "BUFFERED": ReportStatus.ACCEPTED, "SCHEDULED": ReportStatus.ACCEPTED,
}  # fmt: skip
REASONS = {"EXPIRED": "unreachable", "REJECTD": "blocked", "REJECTED": "blocked"}

_ID = re.compile(r"(?:^|[\s;,])id\s*[:=]\s*([^\s;,]+)", re.IGNORECASE)
_STATE = re.compile(r"(?:^|[\s;,])stat(?:us|e)?\s*[:=]\s*([A-Za-z]+)", re.IGNORECASE)
_ERROR = re.compile(r"(?:^|[\s;,])err(?:or)?(?:\s*code)?\s*[:=]\s*([0-9A-Za-z]+)", re.IGNORECASE)
_QUOTED = re.compile(r"(?:^|[\s;,])text\s*[:=]", re.IGNORECASE)  # the first letters of what we sent, which may look like anything


@dataclass(frozen=True, slots=True)
class Receipt:
    """The gateway's id of the text, its word for what became of it, and its own error code."""

    id: str
    word: str
    code: str = ""

    @property
    def status(self) -> ReportStatus:
        """The word as a status; UNKNOWN for one that we do not know."""
        return STATUSES.get(self.word.upper(), ReportStatus.UNKNOWN)

    @property
    def reason(self) -> str:
        """The neutral category of a text that did not arrive. Error codes are each operator's own, so only the word is read."""
        return REASONS.get(self.word.upper(), "not_delivered") if self.status is ReportStatus.UNDELIVERED else ""


def read(text: str, *, receipted_id: str = "", state: int | None = None, network_error: bytes = b"") -> Receipt:
    """A receipt from its text and its optional parameters, which count where both speak. Raises ValueError when it names no text or no state."""
    told = text[: quoted.start()] if (quoted := _QUOTED.search(text)) else text
    found_id, found_word, found_code = (pattern.search(told) for pattern in (_ID, _STATE, _ERROR))
    message_id = receipted_id or (found_id[1] if found_id else "")
    word = STATES.get(state or 0, "") or (found_word[1] if found_word else "") or (str(state) if state is not None else "")
    code = found_code[1] if found_code else str(int.from_bytes(network_error[1:3])) if len(network_error) == 3 else ""
    if not message_id or not word:
        raise ValueError("the receipt names no message id" if not message_id else "the receipt names no state")
    return Receipt(message_id[:80], word[:40], "" if code.strip("0") == "" else code[:20])


def answered(message_id: str, receipts: str) -> str:
    """The id of an answer in the form in which it is compared."""
    return message_id if receipts == SAME else _number(message_id, 16 if receipts == DECIMAL else 10)


def receipted(message_id: str, receipts: str) -> str:
    """The id of a receipt in the form in which it is compared."""
    return message_id if receipts == SAME else _number(message_id, 10 if receipts == DECIMAL else 16)


def _number(text: str, base: int) -> str:
    try:
        return str(int(text, base))
    except ValueError:
        return text
