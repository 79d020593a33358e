"""Every kind of gateway: the subclasses of Backend found in providers/backends/."""

import importlib
import pkgutil
from functools import cache
from typing import Any

from providers import backends
from providers.backends.base import Backend


class UnknownKind(LookupError):
    """No backend speaks to this kind of gateway."""


@cache
def _found() -> dict[str, Backend]:
    modules = [importlib.import_module(f"{backends.__name__}.{info.name}") for info in pkgutil.iter_modules(backends.__path__)]
    classes = {item for module in modules for item in vars(module).values() if isinstance(item, type) and issubclass(item, Backend) and item.kind}
    return {cls.kind: cls() for cls in sorted(classes, key=lambda cls: (cls.order, cls.kind))}


def get(kind: str) -> Backend:
    """The backend of a kind. Raises UnknownKind."""
    try:
        return _found()[kind]
    except KeyError:
        raise UnknownKind(kind) from None


def choices() -> list[tuple[str, Any]]:
    """(kind, label) of each backend, for the provider form."""
    return [(kind, backend.label) for kind, backend in _found().items()]


def session_bound() -> list[str]:
    """Kinds whose texts travel over sessions of a sender process; other workers leave them alone."""
    return [kind for kind, backend in _found().items() if backend.session_bound]
