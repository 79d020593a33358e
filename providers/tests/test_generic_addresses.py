"""Where a gateway that an administrator describes may lead: never to a machine inside, however it is written."""

import asyncio
import socket
import time

import pytest

from providers.backends import http
from providers.errors import Misconfigured, NotSent
from providers.services import sending
from providers.tests.canned import http as answer
from providers.tests.described import Described
from providers.tests.factories import make_sms

ACCEPTED = (200, b'{"status": "OK", "data": {"id": 4711}}')


class TestWhereItMayLead(Described):
    @pytest.mark.parametrize("url", [
        "https://127.0.0.1:1", "https://localhost:1", "https://[::1]:1", "https://10.0.0.1", "https://192.168.1.1", "https://172.16.0.9",
        "https://169.254.169.254", "https://[::ffff:127.0.0.1]", "https://[::ffff:a00:1]", "https://[fd00:ec2::254]", "https://[fe80::1]",
        "https://2130706433", "https://0x7f.1", "https://127.1", "https://0", "https://100.100.100.200", "https://168.63.129.16",
        "https://[64:ff9b::7f00:1]", "https://[2002:7f00:1::]", "https://[::]", "https://224.0.0.1", "https://255.255.255.255",
    ])  # fmt: skip
    def test_a_machine_inside_is_never_called(self, url, caplog):
        self.settings.PRIVATE_GATEWAY_HOSTS = []
        with pytest.raises(Misconfigured) as caught:
            self.send(url)
        assert caught.value.reason in ("inside_address", "address"), str(caught.value)
        if caught.value.reason == "inside_address":
            assert "a gateway's address leads inside" in caplog.text
            assert "credentials" not in sending.in_words(caught.value)
        self.holds_no_secret(caught.value)

    def test_a_name_that_leads_inside_is_never_called(self, gateway, monkeypatch):
        self.settings.PRIVATE_GATEWAY_HOSTS = []
        for addresses in (["127.0.0.1"], ["93.184.215.14", "10.0.0.1"], ["::ffff:127.0.0.1"]):
            self.resolve(monkeypatch, addresses)
            with pytest.raises(Misconfigured):
                self.send(gateway.url.replace("http://127.0.0.1", "https://gateway.example.org"))
        assert gateway.requests == []

    def test_what_was_checked_is_what_is_called(self, gateway, monkeypatch):
        """The name is looked up once; the client has no way to find this name by itself."""
        self.settings.PRIVATE_GATEWAY_HOSTS = ["gateway.example.org"]
        asked = self.resolve(monkeypatch, ["127.0.0.1"])
        gateway.answer = answer(*ACCEPTED)
        assert self.send(gateway.url.replace("127.0.0.1", "gateway.example.org")).gateway_id == "4711"
        assert b"host: gateway.example.org:" in gateway.requests[0].lower()
        assert asked == ["gateway.example.org"]

    def test_a_name_server_that_does_not_answer_is_not_sent_in_time(self, monkeypatch):
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: time.sleep(1))
        self.settings.PRIVATE_GATEWAY_HOSTS = []
        self.fails("https://gateway.example.org", NotSent)

    def test_a_name_is_looked_up_again_after_a_failure(self, gateway, monkeypatch):
        self.settings.PRIVATE_GATEWAY_HOSTS = ["gateway.example.org"]
        gateway.answer = answer(*ACCEPTED)
        wired = self.wired(gateway.url.replace("127.0.0.1", "gateway.example.org"))

        async def calls() -> str:
            async with http.open_session(connections=4, deadline=2) as session:
                self.resolve(monkeypatch, [])
                with pytest.raises(NotSent):
                    await self.backend.send(session, wired, make_sms())
                asked = self.resolve(monkeypatch, ["127.0.0.1"])
                await asyncio.gather(*[self.backend.send(session, wired, make_sms()) for _ in range(10)])
                return ",".join(asked)

        assert asyncio.run(calls()) == "gateway.example.org", "once for the whole session"
        assert len(gateway.requests) == 10

    def resolve(self, monkeypatch, addresses: list[str]) -> list[str]:
        asked: list[str] = []

        def getaddrinfo(host, port, *args, **options):
            asked.append(host)
            return [(socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        return asked

    @pytest.mark.parametrize("url", [
        "http://sms.example.org", "https://user:pass@sms.example.org", "https://sms.example.org\\@10.0.0.1", "https://sms.example.org#x",
        "https://sms.example.org.", "ftp://sms.example.org", "https://", "sms.example.org", "https://sms.example.org:99999", "https://sms .example.org",
        "https://10.1.2.3", "https://127.1", "https://①②⑦.⓪.⓪.①", "https://sms.example.org/\n", "https://{to}.example.org", "javascript:alert(1)",
    ])  # fmt: skip
    def test_addresses_that_are_refused_when_they_are_entered(self, url):
        self.settings.PRIVATE_GATEWAY_HOSTS = []
        options = self.options | {"url": url}
        assert "url" in self.backend.clean(options, self.plain.secrets)

    def test_plain_http_needs_a_named_host_at_the_moment_of_the_call_too(self, gateway):
        self.settings.PRIVATE_GATEWAY_HOSTS = []
        gateway.answer = answer(*ACCEPTED)
        with pytest.raises(Misconfigured):
            self.send(gateway.url)
        assert gateway.requests == []
