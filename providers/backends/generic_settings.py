"""What an administrator tells of a gateway that nobody wrote a backend for."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from django.conf import settings as installation
from django.core.validators import RegexValidator
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from providers import filling, finding
from providers.backends import guard
from providers.backends.base import Setting
from providers.backends.pairs import PairFault, table
from providers.backends.validity import VALIDITY
from providers.failures import ADDRESS, FAILURES

# What a code of a gateway may mean; the others only the console can tell.
MEANINGS = tuple(code for code in FAILURES if code not in (*ADDRESS, "redirected", "fictional_number", "not_reached", "partly_sent"))
STATUS_WORDS = ("accepted", "delivered", "undelivered", "failed")
_CALL, _ANSWER, _REPORTS = _("The call"), _("Its answer"), _("Delivery reports")
_TEXTS, _PROOF = _("Incoming texts"), _("How calls to us are proved")
_AT = _("A field's name, a path such as $.messages[0].id or /reply/sms/@id, or re: and a pattern.")
_header = RegexValidator(r"\A[A-Za-z0-9-]{1,80}\Z", _("A header's name has letters, digits and hyphens, for example X-Signature."))

SETTINGS = (
    Setting("url", _("Address"), _("Where a text is posted to. Values may stand behind the question mark, as in https://sms.example.org/send?to={to}."),
            address=True, group=_CALL),
    Setting("method", _("Method"), choices=(("POST", "POST"), ("GET", "GET"), ("PUT", "PUT")), initial="POST", group=_CALL),
    Setting("format", _("Body"), choices=(("form", _("Form")), ("json", "JSON"), ("xml", "XML"), ("none", _("No body"))), initial="form", group=_CALL),
    Setting("body", _("Template of the body"), _("Form: one name=value a line. JSON or XML: the document. Placeholders: {to} {to_digits} {from} {text} "
            "{reference} {callback} {valid_minutes} {username} {password} {api_key}. Each value is escaped for its place."),
            required=False, rows=8, group=_CALL),
    Setting("headers", _("Headers"), _("One “Name: value” a line; they may hold placeholders, but no text of a message."), required=False, rows=3, group=_CALL),
    Setting("auth", _("Login"), choices=(("none", _("None, or by the templates")), ("basic", _("Basic: user name and password")),
            ("bearer", _("Bearer: API key"))), initial="none", group=_CALL),
    Setting("username", _("User name"), required=False, group=_CALL),
    Setting("password", _("Password"), required=False, secret=True, group=_CALL),
    Setting("api_key", _("API key"), required=False, secret=True, group=_CALL),
    replace(VALIDITY, group=_CALL),
    Setting("id_at", _("The gateway's id"), _AT, required=False, group=_ANSWER),
    Setting("success_at", _("Sign of an accepted text"), _("Where the answer says so. Without it, a text counts as accepted where an id is found. "
            "HTTP statuses other than 200 to 299 are never an acceptance."), required=False, group=_ANSWER),
    Setting("success_words", _("What it says then"), _("Words apart by commas, for example ok, queued, 0. Empty: anything found."),
            required=False, group=_ANSWER),
    Setting("error_at", _("Error code"), _AT, required=False, group=_ANSWER),
    Setting("error_words_at", _("Words of the error"), _AT, required=False, group=_ANSWER),
    Setting("error_map", _("What codes mean"), format_lazy(_("One “code = category” a line, also for reports: {all}. With "
            "throttled the lane slows down, with credentials and account it pauses; with gateway_trouble, no_answer and odd_answer nobody knows whether "
            "the text left."), all=", ".join(MEANINGS)), required=False, rows=4, group=_ANSWER),
    Setting("report_status_at", _("Status"), _AT, required=False, group=_REPORTS),
    Setting("status_map", _("What statuses mean"), _("One “word = status” a line: accepted (still on its way), delivered, undelivered or failed. "
            "Words that are not here change nothing and are kept."), required=False, rows=4, group=_REPORTS),
    Setting("report_id_at", _("The gateway's id in a report"), _AT, required=False, group=_REPORTS),
    Setting("report_reference_at", _("Our reference in a report"), _("Where {reference} comes back. Not needed with {callback}: its address carries it."),
            required=False, group=_REPORTS),
    Setting("report_code_at", _("Error code in a report"), _AT, required=False, group=_REPORTS),
    Setting("report_list_at", _("List of reports"), _("Where one post tells of several: a path to the list, such as $.reports. "
            "The paths above then begin at each entry."), required=False, group=_REPORTS),
    Setting("text_from_at", _("Sender of a text"), _AT, required=False, group=_TEXTS),
    Setting("text_to_at", _("Recipient of a text"), _AT, required=False, group=_TEXTS),
    Setting("text_at", _("Text"), _AT, required=False, group=_TEXTS),
    Setting("text_id_at", _("Id of a text"), _("Without it, the same words from the same person are taken for a repeat."), required=False, group=_TEXTS),
    Setting("proof", _("Proof"), choices=(("hmac", _("Signature (HMAC over the body)")), ("basic", _("Basic: user name and password")),
            ("address", _("The secret address alone"))), initial="hmac", group=_PROOF),
    Setting("signature_header", _("Header of the signature"), required=False, validators=(_header,), group=_PROOF),
    Setting("signature_algorithm", _("Algorithm"), choices=(("sha256", "SHA-256"), ("sha512", "SHA-512"), ("sha1", "SHA-1")), initial="sha256", group=_PROOF),
    Setting("signature_encoding", _("Written as"), choices=(("hex", _("hexadecimal")), ("base64", "base64")), initial="hex", group=_PROOF),
    Setting("signature_secret", _("Secret of the signature"), required=False, secret=True, group=_PROOF),
    Setting("hook_user", _("User name of the gateway"), _("That it shows when it calls us."), required=False, group=_PROOF),
    Setting("hook_password", _("Password of the gateway"), required=False, secret=True, group=_PROOF),
    Setting("hook_answer", _("Our answer"), _("What it wants to read when it has called us, for example OK. Empty: nothing."), required=False, group=_PROOF),
)  # fmt: skip
PATHS = tuple(setting.name for setting in SETTINGS if setting.name.endswith("_at"))
PAIRS: dict[str, Collection[str]] = {"error_map": MEANINGS, "status_map": STATUS_WORDS}
EXAMPLE = dict.fromkeys(filling.NAMES, "1")


def faults_of(options: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, Any]:
    """What is wrong: name of the setting → a sentence."""
    faults = {name: fault for name in PATHS if (fault := _fault(_finder(name), options.get(name, "")))}
    faults |= {name: fault for name, right in PAIRS.items() if (fault := _fault(partial(table, right=right), options.get(name, "")))}
    faults |= {name: fault for name, read in _templates(options).items() if (fault := _fault(read, options.get(name, "")))}
    if "url" not in faults:
        faults |= _fault_of_address(options.get("url", ""))
    return _missing(options, secrets) | faults


def _fault(read: Callable[[str], Any], text: str) -> Any:
    try:
        read(text)
    except (filling.TemplateFault, finding.PathFault, PairFault) as fault:
        return fault.args[0]
    return None


def _finder(name: str) -> Callable[[str], Any]:
    return finding.items if name.endswith("_list_at") else finding.path


def _templates(options: Mapping[str, str]) -> dict[str, Callable[[str], Any]]:
    kind = options.get("format", "form")
    body = {"body": filling.BODIES[kind][0]} if kind in filling.BODIES and options.get("body") else {}
    return {"url": filling.url, "headers": filling.headers, **body}


def _fault_of_address(url: str) -> dict[str, Any]:
    place = guard.place_of(filling.url(url)(EXAMPLE))
    if place is None:
        return {"url": _("Enter a whole address without user name, for example https://sms.example.org/send.")}
    if not place.secure and not guard.is_named(place, installation.PRIVATE_GATEWAY_HOSTS):
        return {"url": _("Use https. Plain http is for hosts that the setting PRIVATE_GATEWAY_HOSTS names.")}
    if guard.is_inside(place, installation.PRIVATE_GATEWAY_HOSTS):
        return {"url": _("This is an address inside. The setting PRIVATE_GATEWAY_HOSTS has to name it first.")}
    return {}


def _missing(options: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, Any]:
    needed = _("Needed for what is chosen above.")
    proof, auth, kind = options.get("proof", "hmac"), options.get("auth", ""), options.get("format", "form")
    wants = {
        "signature_header": proof == "hmac" and not options.get("signature_header"),
        "signature_secret": proof == "hmac" and not secrets.get("signature_secret"),
        "hook_user": proof == "basic" and not options.get("hook_user"),
        "hook_password": proof == "basic" and not secrets.get("hook_password"),
        "username": auth == "basic" and not options.get("username"),
        "password": auth == "basic" and not secrets.get("password"),
        "api_key": auth == "bearer" and not secrets.get("api_key"),
        "body": kind in filling.BODIES and not options.get("body"),
    }
    faults: dict[str, Any] = {name: needed for name, missing in wants.items() if missing}
    if not options.get("id_at") and not options.get("success_at"):
        faults["id_at"] = _("Say where the id stands, or below how an accepted text is known: any other page must not count as sent.")
    if "text" not in filling.names_in(options.get("url", ""), options.get("body", "") if kind in filling.BODIES else ""):
        faults["body"] = _("The text goes nowhere: put {text} into the body, or behind the question mark of the address.")
    if kind in filling.BODIES and options.get("method") == "GET":
        faults["format"] = _("A GET has no body: choose “No body”.")
    return faults
