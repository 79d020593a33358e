"""How the sessions of providers stand that travel over such, for the page of their health."""

from typing import Any

from django.utils.translation import gettext as _

from providers import registry
from providers.models import Provider
from providers.services import binds


def figures(provider_ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    """For each provider with sessions how many stand, of how many a sender holds, and why one does not."""
    theirs = Provider.objects.filter(pk__in=provider_ids, kind__in=registry.session_bound()).values_list("pk", flat=True)
    held = binds.standing(theirs)
    return {pk: [_row(held.get(pk, []))] for pk in theirs}


def _row(held: list[Any]) -> dict[str, Any]:
    problem = next((bind.problem for bind in held if bind.problem), "") if held else _("no sender runs")
    return {"label": _("Sessions"), "value": sum(bind.bound_since is not None for bind in held), "note": problem or _("of %(wanted)s") % {"wanted": len(held)}}
