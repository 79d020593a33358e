"""What a person and a script may ask the simulator: a page, figures, and levers for reports and rules."""

import json
import re
import resource
from email.utils import formatdate
from html import escape
from itertools import islice
from time import localtime, strftime
from urllib.parse import parse_qs, parse_qsl

from providers.simulator.callbacks import Callbacks, inbound_fields, make_post
from providers.simulator.gateway import Gateway, Text
from providers.simulator.outcomes import ScriptError, read_script
from providers.simulator.protocol import account_page
from providers.simulator.smpp import Smsc
from providers.smpp.pdus import Address

SHOWN = 50
_LIST = re.compile(r"GET /2010-04-01/Accounts/([^/ ]+)/Messages\.json(?:\?(\S*))?$")
_JSON, _HTML = b"application/json", b"text/html; charset=utf-8"
_STYLE = """body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#12262a;background:#f2f5f4}
table{border-collapse:collapse;width:100%;background:#fff}th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #d5dedd;vertical-align:top}
dl{display:flex;gap:2rem;flex-wrap:wrap}dt{color:#4a5e62}dd{margin:0;font-size:1.6rem}"""


class Pages:
    """Everything but the Messages resource."""

    def __init__(self, gateway: Gateway, callbacks: Callbacks) -> None:
        self.gateway, self.callbacks = gateway, callbacks
        self.written = ""  # the script as it was sent
        self.smsc: Smsc  # set by the server

    def __call__(self, line: bytes, body: bytes) -> tuple[int, bytes, bytes] | None:
        """(status, content type, body) for a request line; None when there is no such page."""
        method, _, target = line.decode("latin-1").partition(" ")
        path = target.partition(" ")[0].partition("?")[0]
        if account := account_page(line):
            return 200, _JSON, account
        if asked := _LIST.match(f"{method} {target.partition(' ')[0]}"):
            return 200, _JSON, self._messages(asked[1], dict(parse_qsl(asked[2] or "")))
        found = {
            "GET /": lambda: (200, _HTML, self._html()),
            "GET /_stats": self._stats,
            "POST /_reports/release": lambda: self._hold(hold=False),
            "POST /_reports/hold": lambda: self._hold(hold=True),
            "POST /_script": lambda: self._script(body),
            "POST /_inbound": lambda: self._inbound(body),
        }.get(f"{method} {path}")
        return found() if found else None

    def _messages(self, account: str, wanted: dict[str, str]) -> bytes:
        """The list of the Messages resource: what was sent to a number, whatever the answer was."""
        size = wanted.get("PageSize", "")
        texts = self.gateway.listed(account, wanted, min(int(size), 1000) if size.isdigit() and len(size) < 5 else SHOWN)
        return json.dumps({"messages": [_message(text) for text in texts]}).encode()

    def figures(self) -> dict[str, object]:
        """Counts of texts and reports, and what they cost."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        facts = {"waiting": self.callbacks.waiting(), "held": self.callbacks.hold, **self.callbacks.counts}
        return {**self.gateway.figures(), "reports": facts, "smpp_sessions": len(self.smsc.all), "cpu_seconds": round(used.ru_utime + used.ru_stime, 4)}

    def _stats(self) -> tuple[int, bytes, bytes]:
        return 200, _JSON, json.dumps(self.figures()).encode()

    def _hold(self, *, hold: bool) -> tuple[int, bytes, bytes]:
        self.callbacks.hold = hold
        return 200, _JSON, json.dumps({"held": hold}).encode()

    def _script(self, body: bytes) -> tuple[int, bytes, bytes]:
        """Follow another script: JSON by itself, or from the page's form, which is answered with the page."""
        told = body.decode("utf-8", "replace")
        form = parse_qs(told, keep_blank_values=True).get("script") if not told.lstrip().startswith("{") else None
        wanted = form[0] if form else told
        try:
            self.gateway.use(read_script(wanted if wanted.strip() or not form else "{}"))
            self.callbacks.replan()
            self.written, problem = wanted, ""
        except (ScriptError, TypeError, ValueError) as fault:
            problem = str(fault)
        if form:
            return (400 if problem else 200), _HTML, self._html(problem or "The script is followed from now on.", wanted)
        return (400, _JSON, json.dumps({"error": problem}).encode()) if problem else (200, _JSON, b"{}")

    def _inbound(self, body: bytes) -> tuple[int, bytes, bytes]:
        """Text the console: fields url, token, from, to, body; with a system_id instead of the url over its SMPP sessions."""
        told = {name: values[-1] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
        if system_id := told.get("system_id"):
            recipient = told.get("to", "").removeprefix("+")
            self.smsc.text_in(system_id, told.get("from", ""), Address(int(recipient.isdigit()), 1, recipient), told.get("body", ""))
            return 200, _JSON, b"{}"
        sid = f"SM{abs(hash(body)):032x}"
        fields = inbound_fields(told.get("account", "ACsimulated"), sid, told.get("from", ""), told.get("to", ""), told.get("body", ""))
        token = told.get("token") or self.gateway.settings.auth_token
        job = make_post(told.get("url") or self.gateway.settings.inbound_url, token, fields)
        if job is None:
            return 400, _JSON, b'{"error": "url must be http on this machine"}'
        self.callbacks.send(job)
        return 200, _JSON, json.dumps({"sid": sid}).encode()

    def _html(self, said: str = "", script: str | None = None) -> bytes:
        rows = "".join(
            f"<tr><td>{strftime('%H:%M:%S', localtime(text.at))}<td>{escape(text.number)}<td>{escape(text.sender)}"
            f"<td>{escape(text.state)}<td>{escape(text.body)}"
            for text in islice(reversed(self.gateway.latest), SHOWN)
        )
        told = self.figures()
        figures = "".join(f"<div><dt>{name}<dd>{told[name]}</div>" for name in ("requests", "accepted", "refused"))
        reports = ", ".join(f"{escape(str(name))}: {count}" for name, count in told["reports"].items())  # type: ignore[attr-defined]
        return (
            f"<!doctype html><html lang=en><meta charset=utf-8><title>Simulated gateway</title><style>{_STYLE}</style>"
            f"<h1>Simulated gateway</h1><p>These texts reached nobody.<dl>{figures}</dl><p>Reports: {reports}"
            f"<h2>Script</h2><p>{escape(said)}<form method=post action=/_script><textarea name=script rows=8 cols=90 aria-label=Script>"
            f"{escape(self.written if script is None else script)}</textarea><p><button>Follow this script</button></form>"
            f"<h2>Latest 50</h2><table><tr><th>Time<th>Number<th>Sender<th>State<th>Text{rows}</table>"
        ).encode()


def _message(text: Text) -> dict[str, object]:
    at = formatdate(text.at, usegmt=True)
    return {
        "sid": text.sid, "account_sid": text.account, "to": text.number, "from": text.sender, "body": text.body, "status": text.state,
        "error_code": text.error or None, "direction": "outbound-api", "date_created": at, "date_sent": at,
    }  # fmt: skip
