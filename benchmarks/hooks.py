"""Accepting what gateways post: one request of Django's whole stack and one committed row for each report."""

import time
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.test import Client
from twilio.request_validator import RequestValidator

from benchmarks import stage
from benchmarks.result import Result
from providers.backends.simulator import SimulatorBackend
from providers.models import Provider, WebhookEvent
from providers.services.providers import snapshot_of
from smsapp.common.secrets import sign_reference

SIZE = 5_000


def run(size: int = SIZE) -> Result:
    """Reports per second of one thread, by the clock and by processor time; parsing of HTTP by the server not included."""
    with stage.scratch_database():
        provider = Provider.objects.create(name="Benchmark", kind="simulator", senders=["36111"])
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
    return Result("hooks", figures, {"database_vs_server": database / server}, [f"{size:,} reports, one after the other, each committed"])


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
