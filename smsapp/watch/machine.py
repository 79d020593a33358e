"""This machine and this installation: disk, and the address at which gateways reach us."""

import shutil
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from providers import registry
from providers.backends.simulator import SimulatorBackend
from providers.models import Provider
from smsapp.watch.findings import Finding, mind, wrong

LITTLE, VERY_LITTLE = 0.10, 0.03  # share of the disk that is free
ENOUGH = 50 * 1024**3  # bytes: of a large disk a small share will do


def look() -> list[Finding]:
    """Findings about both."""
    return [*_disk(), *_address()]


def _disk() -> list[Finding]:
    folder = Path(settings.MEDIA_ROOT)
    while not folder.exists():
        folder = folder.parent
    total, _used, free = shutil.disk_usage(folder)
    share = free / total if total else 1.0
    if share >= LITTLE or free > ENOUGH:
        return []
    what = _("The disk of %(folder)s is nearly full: %(free)s GB are free.") % {"folder": settings.MEDIA_ROOT, "free": f"{free / 1024**3:.1f}"}
    say = wrong if share < VERY_LITTLE else mind
    return [say("disk_full", what, _("Make room: old exports and imports, logs, backups. A full disk stops imports, exports and, beside it, PostgreSQL."))]


def _address() -> list[Finding]:
    if settings.PUBLIC_BASE_URL:
        return []
    used = {kind for kind in Provider.objects.filter(active=True).values_list("kind", flat=True) if _is_called_by(kind)}
    if not used:
        return []
    what = _("PUBLIC_BASE_URL is not set: no delivery report and no reply can arrive.")
    say = wrong if used - {SimulatorBackend.kind} else mind  # nobody waits for what a simulator tells
    return [say("no_public_address", what, _("Set it to the address at which gateways reach this console, for example https://sms.example.org."))]


def _is_called_by(kind: str) -> bool:
    """Whether gateways of this kind post to our address; unknown kinds are told elsewhere."""
    try:
        backend = registry.get(kind)
    except registry.UnknownKind:
        return False
    return backend.has_webhooks and backend.reports_delivery
