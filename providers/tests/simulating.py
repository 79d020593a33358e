"""Calls to the simulated gateway, and somebody who takes its reports in the place of the console."""

import json
import threading
import time
import urllib.error
import urllib.request
from base64 import b64encode
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode


def post(url: str, fields: dict[str, str] | bytes = b"", login: str = "ACtest:hush") -> tuple[int, dict[str, object]]:
    """Status and answer."""
    data = urlencode(fields).encode() if isinstance(fields, dict) else fields
    request = urllib.request.Request(url, data, {"Authorization": "Basic " + b64encode(login.encode()).decode()})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, json.loads(answer.read() or b"{}")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"{}")


def text(simulator, number: str = "+33639980101", **changes: str) -> tuple[int, dict[str, object]]:
    """A text, handed over as Twilio's customers do it."""
    fields = {"To": number, "From": "RIVERSIDE", "Body": "Hello"} | changes
    return post(f"{simulator.url}/2010-04-01/Accounts/ACtest/Messages.json", fields)


def get(simulator, path: str) -> bytes:
    """A page of it."""
    return urllib.request.urlopen(simulator.url + path, timeout=5).read()


class Console:
    """Takes reports in the place of the console."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, dict[str, str], str]] = []
        self.status = 200


@contextmanager
def console(port: int = 0):
    """A console on a port of this machine."""
    heard = Console()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            fields = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode(), keep_blank_values=True))
            heard.posts.append((self.path, fields, self.headers["X-Twilio-Signature"]))
            self.send_response(heard.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    heard.url = f"http://127.0.0.1:{server.server_port}/hooks/x/t/status/?ref=1f-9ab"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield heard
    finally:
        server.shutdown()
        server.server_close()


def until(condition, seconds: float = 5.0) -> None:
    """Look until it is so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)
