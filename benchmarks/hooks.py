"""Accepting what gateways post: one request of the whole stack and one committed row for each report; then a crowd of them at a fixed pace."""

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import uvloop
from django.conf import settings
from django.test import Client
from twilio.request_validator import RequestValidator

from benchmarks import stage
from benchmarks.crowd import Crowd
from benchmarks.result import Result
from providers.backends.simulator import SimulatorBackend
from providers.models import Provider, WebhookEvent
from providers.services.providers import snapshot_of
from smsapp.common.secrets import sign_reference
from smsapp.services.local import web_command
from smsapp.testing import processes

SIZE = 5_000
PACE, SECONDS = 1_000, 10.0  # posts a second, whether the earlier ones are answered or not


def run(size: int = SIZE) -> Result:
    """Reports per second of one thread, parsing of HTTP not included; then PACE signed posts a second for SECONDS to the web processes as deployed."""
    with stage.scratch_database():
        provider = Provider.objects.create(name="Benchmark", kind="simulator", senders=["36111"])
        figures, ratios = _one_after_the_other(provider, size)
        crowd, processor = _crowd(provider, int(PACE * SECONDS))
        stored = WebhookEvent.objects.count() - size - 1
    figures |= {
        "crowd_p50_ms": 1e3 * crowd.at(0.5), "crowd_p99_ms": 1e3 * crowd.at(0.99), "crowd_max_ms": 1e3 * crowd.at(1),
        "crowd_web_us_per_report": 1e6 * processor / len(crowd.waits),
        "crowd_not_answered_200": PACE * SECONDS - crowd.answers["200"], "crowd_lost": PACE * SECONDS - stored,
    }  # fmt: skip
    notes = [f"{size:,} reports, one after the other, each committed", f"{PACE:,} posts a second for {SECONDS:.0f} s, timed from when each was due"]
    return Result("hooks", figures, ratios, notes)


def _one_after_the_other(provider: Provider, size: int) -> tuple[dict[str, float], dict[str, float]]:
    client = Client(HTTP_HOST="127.0.0.1")
    first, *posts = [_signed(provider, number) for number in range(size + 1)]
    _post(client, first)
    stage.quiet_start()
    began, worked, session = time.perf_counter(), time.process_time(), stage.processor_time()
    for post in posts:
        _post(client, post)
    seconds, server, database = time.perf_counter() - began, time.process_time() - worked, stage.processor_time() - session
    assert WebhookEvent.objects.count() == size + 1
    figures = {"reports_per_s": size / seconds, "server_us_per_report": 1e6 * server / size, "database_us_per_report": 1e6 * database / size}
    return figures, {"database_vs_server": database / server}


def _crowd(provider: Provider, count: int) -> tuple[Crowd, float]:
    """The crowd's waits, and the processor time of the web processes."""
    port = processes.free_port()
    posts = [_on_the_wire(_signed(provider, 1_000_000 + number), port) for number in range(count)]
    servers = {"DATABASE_URL": processes.database_url(stage.SCRATCH), "REDIS_URL": stage.broker(), "SECRET_KEY": settings.SECRET_KEY}
    ours = {"PUBLIC_BASE_URL": settings.PUBLIC_BASE_URL, "ALLOWED_HOSTS": "127.0.0.1", "SECURE_COOKIES": "0", "FIELD_KEYS": ",".join(settings.FIELD_KEYS)}
    with processes.running(*web_command("127.0.0.1", port), **servers, **ours) as web:
        stage.wait_until(lambda: processes.answers(f"http://127.0.0.1:{port}/livez"), "the web processes", process=web)
        uvloop.run(Crowd(port).post([_on_the_wire(_signed(provider, number), port) for number in range(200)], 200))  # repeats: each process has met it
        stage.quiet_start()
        worked = _worked(web.group)
        crowd = Crowd(port)
        uvloop.run(crowd.post(posts, PACE))
        return crowd, _worked(web.group) - worked


def _worked(group: int) -> float:
    """Processor seconds of a process group so far; 0 where the system does not tell."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            told = path.read_text(errors="replace").rpartition(")")[2].split()
            ticks += int(told[11]) + int(told[12]) if int(told[2]) == group else 0
    return ticks / os.sysconf("SC_CLK_TCK")


def _on_the_wire(post: dict[str, Any], port: int) -> bytes:
    """The bytes of a post on a connection that is kept."""
    head = (
        f"POST {post['path']} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: {post['content_type']}\r\n"
        f"X-Twilio-Signature: {post['headers']['X-Twilio-Signature']}\r\nContent-Length: {len(post['data'])}\r\n\r\n"
    )
    return (head + post["data"]).encode()


def _signed(provider: Provider, number: int) -> dict[str, Any]:
    """What the gateway posts, made before the clock runs."""
    facts = {"MessageSid": f"SM{number:032d}", "MessageStatus": "delivered", "To": "+33639980001", "From": "36111"}
    path = f"/hooks/simulator/{provider.webhook_token}/status/?ref={sign_reference(number)}"
    signer = RequestValidator(SimulatorBackend().auth_token(snapshot_of(provider)))
    signature = signer.compute_signature(f"{settings.PUBLIC_BASE_URL or 'http://127.0.0.1'}{path}", facts)
    return {"path": path, "data": urlencode(facts), "content_type": "application/x-www-form-urlencoded", "headers": {"X-Twilio-Signature": signature}}


def _post(client: Client, post: dict[str, Any]) -> None:
    response = client.post(**post)
    assert response.status_code in (200, 204), response.status_code
