"""The tests' network switch: whatever leaves this machine fails at once."""

import ipaddress
import os
import socket
from typing import Any
from urllib.parse import urlsplit

_LOCAL_NAMES = {"localhost", "", "testserver", "0.0.0.0"}  # noqa: S104  (a listener's address)


class OutsideNetworkError(OSError):
    """A test tried to reach another machine."""


def is_local(host: Any) -> bool:
    """Whether an address stays on this machine."""
    name = host.decode() if isinstance(host, bytes) else str(host or "")
    if name in _LOCAL_NAMES or name == socket.gethostname():
        return True
    try:
        address = ipaddress.ip_address(name.split("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def forbid_outside() -> None:
    """Refuse outside connections and name look-ups of Python, and of Rust's HTTP client by a dead proxy; our servers stay reachable."""
    for name in ("DATABASE_URL", "REDIS_URL"):
        _LOCAL_NAMES.add(urlsplit(os.environ.get(name, "")).hostname or "")
    if getattr(socket.socket.connect, "inside_only", False):
        return
    for method in ("connect", "connect_ex"):
        setattr(socket.socket, method, _guarded(getattr(socket.socket, method)))
    look_up = socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **options: Any) -> Any:
        _check(host)
        return look_up(host, *args, **options)

    socket.getaddrinfo = getaddrinfo
    os.environ.update(dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9"))
    os.environ.update(dict.fromkeys(("no_proxy", "NO_PROXY"), "127.0.0.1,localhost,::1"))


def _check(host: Any) -> None:
    if host is not None and not is_local(host):
        raise OutsideNetworkError(f"tests may not reach {host}: only this machine")


def _guarded(connect: Any) -> Any:
    def inside_connect(self: socket.socket, address: Any, *args: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            _check(address[0])
        return connect(self, address, *args)

    inside_connect.inside_only = True  # type: ignore[attr-defined]
    return inside_connect
