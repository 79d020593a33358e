"""How often something may happen: counters in the database's cache, so that all processes see them and they work without Redis."""

import hashlib
from typing import cast

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest


def count(what: str, *, seconds: int) -> int:
    """Once more; how often by now, within so many seconds from the first time on."""
    key = _key(what)
    if cache.add(key, 1, seconds):
        return 1
    try:
        return cast(int, cache.incr(key))
    except ValueError:  # it ended at this moment
        cache.set(key, 1, seconds)
        return 1


def is_over(what: str, most: int) -> bool:
    """Whether it has happened so often already."""
    return int(cache.get(_key(what), 0)) >= most


def place_of(request: HttpRequest) -> str:
    """Where a request comes from: as the proxy says where there is one of ours, else as the connection does."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.ALLAUTH_TRUSTED_PROXY_COUNT else ""
    return forwarded.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR", ""))


def _key(what: str) -> str:
    return f"limit-{hashlib.sha256(what.encode()).hexdigest()[:40]}"
