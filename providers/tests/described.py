"""A gateway as an administrator describes it, inside: for tests of the backend that speaks to any."""

from typing import ClassVar

import pytest

from providers.tests.contract import Asked
from providers.types import ProviderSnapshot

KEY, SIGNING, PASSWORD = "api-key-4711 &", "signature-secret-0815", "pass/word=23"
STATUS_MAP = "DELIVRD = delivered\nUNDELIV = undelivered\nREJECTD = failed\nbuffered = accepted"
JSON = {
    "url": "/send?key={api_key}", "method": "POST", "format": "json", "auth": "bearer",
    "body": '{"to": "{to}", "from": "{from}", "sms": {"text": "{text}", "ref": "{reference}"}, "dlr": "{callback}"}',
    "headers": "X-Reference: {reference}\nAccept: application/json",
    "id_at": "$.data.id", "success_at": "$.status", "success_words": "ok, queued", "error_at": "$.code", "error_words_at": "$.message",
    "error_map": "E1 = invalid_number\nE7 = throttled\nE8 = account\nE9 = gateway_trouble\n6 = unreachable",
    "report_status_at": "$.data.state", "report_id_at": "$.data.id", "report_reference_at": "$.data.ref", "report_code_at": "$.data.err",
    "status_map": STATUS_MAP, "text_from_at": "from", "text_to_at": "to", "text_at": "$.message.text", "text_id_at": "$.message.id",
    "proof": "hmac", "signature_header": "X-Signature", "signature_algorithm": "sha256", "signature_encoding": "hex",
}  # fmt: skip


class Described(Asked):
    """Hosts inside are named by the installation; a test may take the names away."""

    kind = "generic_http"
    secrets = (KEY, SIGNING, PASSWORD)
    options: ClassVar[dict[str, str]] = JSON

    @pytest.fixture(autouse=True)
    def _inside(self, settings):
        settings.PRIVATE_GATEWAY_HOSTS = ["127.0.0.1", "gateway.invalid"]
        self.settings = settings

    def provider(self, url: str) -> ProviderSnapshot:
        options = {**self.options, "url": url + self.options["url"]}
        return ProviderSnapshot(id=7, kind=self.kind, options=options, secrets={"api_key": KEY, "signature_secret": SIGNING, "password": PASSWORD})
