"""What a status of an answer means: not sent, refused, or our settings. An answer with an error is never "may have been sent".

Source: SMPP 3.4, "command_status". Codes from 0x400 on are each vendor's own: what an administrator says that they mean, else refused; the code is kept.
"""

from collections.abc import Mapping

from providers.errors import Misconfigured, NotSent, ProviderError, Refused

OK = 0
ALREADY_BOUND, SYSTEM_ERROR, BIND_FAILED, QUEUE_FULL, THROTTLED, TEMPORARY = 0x05, 0x08, 0x0D, 0x14, 0x58, 0x64
BAD_LENGTH, BAD_COMMAND, BAD_STATE, BAD_PASSWORD, BAD_SYSTEM_ID = 0x02, 0x03, 0x04, 0x0E, 0x0F
BAD_NUMBER, BAD_SENDER, TOO_LONG, SUBMIT_FAILED, BAD_EXPIRY = 0x0B, 0x0A, 0x01, 0x45, 0x62

NAMES = {
    0x01: "RINVMSGLEN", 0x02: "RINVCMDLEN", 0x03: "RINVCMDID", 0x04: "RINVBNDSTS", 0x05: "RALYBND", 0x06: "RINVPRTFLG", 0x07: "RINVREGDLVFLG",
    0x08: "RSYSERR", 0x0A: "RINVSRCADR", 0x0B: "RINVDSTADR", 0x0C: "RINVMSGID", 0x0D: "RBINDFAIL", 0x0E: "RINVPASWD", 0x0F: "RINVSYSID",
    0x11: "RCANCELFAIL", 0x13: "RREPLACEFAIL", 0x14: "RMSGQFUL", 0x15: "RINVSERTYP", 0x33: "RINVNUMDESTS", 0x34: "RINVDLNAME", 0x40: "RINVDESTFLAG",
    0x42: "RINVSUBREP", 0x43: "RINVESMCLASS", 0x44: "RCNTSUBDL", 0x45: "RSUBMITFAIL", 0x48: "RINVSRCTON", 0x49: "RINVSRCNPI", 0x50: "RINVDSTTON",
    0x51: "RINVDSTNPI", 0x53: "RINVSYSTYP", 0x54: "RINVREPFLAG", 0x55: "RINVNUMMSGS", 0x58: "RTHROTTLED", 0x61: "RINVSCHED", 0x62: "RINVEXPIRY",
    0x63: "RINVDFTMSGID", 0x64: "RX_T_APPN", 0x65: "RX_P_APPN", 0x66: "RX_R_APPN", 0x67: "RQUERYFAIL", 0xC0: "RINVOPTPARSTREAM",
    0xC1: "ROPTPARNOTALLWD", 0xC2: "RINVPARLEN", 0xC3: "RMISSINGOPTPARAM", 0xC4: "RINVOPTPARAMVAL", 0xFE: "RDELIVERYFAILURE", 0xFF: "RUNKNOWNERR",
}  # fmt: skip
_SLOWER = {THROTTLED, QUEUE_FULL}
_LATER = {SYSTEM_ERROR, TEMPORARY}
_OURS = {BAD_STATE: "account", BIND_FAILED: "credentials", BAD_PASSWORD: "credentials", BAD_SYSTEM_ID: "credentials", 0x53: "credentials",
         BAD_COMMAND: "account", ALREADY_BOUND: "account", 0x15: "account"}  # fmt: skip
_REASONS = {
    BAD_NUMBER: "invalid_number", 0x50: "invalid_number", 0x51: "invalid_number", BAD_SENDER: "sender_not_allowed", 0x48: "sender_not_allowed",
    0x49: "sender_not_allowed", TOO_LONG: "text_not_allowed", BAD_LENGTH: "text_not_allowed", 0x43: "text_not_allowed", 0xC1: "text_not_allowed",
    0xC2: "text_not_allowed", 0xC4: "text_not_allowed", 0x66: "blocked",
}  # fmt: skip

# What an administrator may say that an operator's own codes mean, in receipts and in answers.
OF_TEXTS = ("opted_out", "unknown_number", "invalid_number", "not_mobile", "unreachable", "blocked", "filtered", "country_not_allowed", "no_route",
            "sender_not_allowed", "text_not_allowed", "too_expensive")  # fmt: skip
OF_ANSWERS = (*OF_TEXTS, "throttled", "gateway_trouble", "credentials", "account")


def name_of(status: int) -> str:
    """A status as operators write it: `ESME_RINVDSTADR (0x0B)`."""
    known = NAMES.get(status)
    return f"ESME_{known} (0x{status:02X})" if known else f"0x{status:08X}"


def refusal(status: int, own: Mapping[int, str] | None = None) -> ProviderError:
    """The error that the answer to a text means; `own` are the operator's codes with one of OF_ANSWERS each, which count more."""
    detail, meaning = name_of(status), _meaning(status, own or {})
    if meaning == "throttled":
        return NotSent("The gateway asks for a slower pace.", throttled=True, reason=meaning, detail=detail)
    if meaning == "gateway_trouble":
        return NotSent("The gateway had a fault, and did not take the text.", reason=meaning, detail=detail)
    if meaning in ("credentials", "account"):
        return Misconfigured("The gateway refuses our account.", reason=meaning, detail=detail)
    return Refused("The gateway refused the text.", reason=meaning, detail=detail)


def _meaning(status: int, own: Mapping[int, str]) -> str:
    if status in own:
        return own[status]
    if status in _SLOWER | _LATER:
        return "throttled" if status in _SLOWER else "gateway_trouble"
    return _OURS.get(status) or _REASONS.get(status, "refused")


def bind_refusal(status: int) -> ProviderError:
    """The error that the answer to a bind means; what is no fault of our settings may be different the next time."""
    detail = name_of(status)
    if status in _OURS and status != ALREADY_BOUND:
        return Misconfigured("The gateway refuses our login.", reason="credentials", detail=detail)
    words = "The gateway takes no further session of this login." if status == ALREADY_BOUND else "The gateway refuses the session."
    return NotSent(words, reason="not_reached" if status in _LATER | _SLOWER else "account", detail=detail)
