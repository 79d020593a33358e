"""SMPP: the way to an SMSC, with TLS and without, and the connection test."""

import asyncio
import socket
import ssl
import subprocess
import time

import pytest

from providers.backends import smpp as backend_module
from providers.errors import Misconfigured, NotSent, ProviderError
from providers.smpp.session import Session
from providers.tests.canned import closed_port
from providers.tests.lines import check, fails, make_access, send
from providers.tests.peer import peering
from providers.types import SendResult


def test_nobody_listening_is_not_sent():
    port = closed_port()
    fails(lambda: send(port, wait=False), NotSent)
    fails(lambda: check(port), NotSent)


def test_name_that_leads_nowhere_is_not_sent():
    fails(lambda: check(2775, host="gateway.invalid"), NotSent)


def test_tls_where_nobody_speaks_it_is_not_sent(peer, monkeypatch):
    monkeypatch.setattr(backend_module, "CHECK_SECONDS", 1.0)
    fails(lambda: check(peer.port, tls="yes"), NotSent)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for another host that signs itself."""
    home = tmp_path_factory.mktemp("tls")
    names = ["-subj", "/CN=elsewhere.example", "-addext", "subjectAltName=DNS:localhost"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", home / "key", "-out", home / "cert", *names]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("needs the openssl command")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(home / "cert", home / "key")
    return context, home / "cert"


def test_a_certificate_that_nobody_trusts_is_not_sent_and_the_password_stays_here(certificate):
    with peering(tls=certificate[0]) as peer:
        error = fails(lambda: check(peer.port, tls="yes"), NotSent)
        assert "certificate" in str(error)
        assert not peer.binds


def test_a_certificate_for_another_host_is_not_sent(certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[1]))
    with peering(tls=certificate[0]) as peer:
        fails(lambda: check(peer.port, tls="yes", host="127.0.0.1"), NotSent)
        assert not peer.binds


def test_a_trusted_certificate_lets_texts_through(certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[1]))
    with peering(tls=certificate[0]) as peer:
        assert send(peer.port, tls="yes", host="localhost") == SendResult("msg-1", ("msg-1",))


def test_connecting_that_takes_too_long_is_not_sent(monkeypatch):
    monkeypatch.setattr(backend_module, "CHECK_SECONDS", 0.5)
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        crowd = [socket.socket() for _ in range(4)]  # nobody accepts: the queue is full and the next one waits
        for one in crowd:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        time.sleep(0.05)
        fails(lambda: check(full.getsockname()[1]), NotSent)
        for one in crowd:
            one.close()


# --- the connection test ---


def test_connection_test_binds_and_leaves(peer):
    assert check(peer.port) == "Connected to “peer” as demo."
    peer.wait(lambda: "unbind" in peer.heard)


@pytest.mark.parametrize("status", [0x0E, 0x0F, 0x0D, 0x53])
def test_a_login_that_is_refused_is_misconfigured(peer, status):
    peer.bind_status = status
    fails(lambda: check(peer.port), Misconfigured)


def test_a_login_that_is_bound_already_is_said(peer):
    peer.bind_status = 0x05
    assert "no further session" in str(fails(lambda: check(peer.port), NotSent))


def test_a_bind_that_nobody_answers(peer, monkeypatch):
    monkeypatch.setattr(backend_module, "CHECK_SECONDS", 0.5)
    peer.bind_silence = True
    fails(lambda: check(peer.port), NotSent)


def test_a_bad_host_is_misconfigured():
    access = make_access(2775, host="x" * 70 + ".example").wire  # no name has a part of 70 letters
    with pytest.raises(ProviderError):
        asyncio.run(Session(access, 9, lambda *told: None, 1.0).open())


