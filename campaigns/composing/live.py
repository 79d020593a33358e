"""Words of the counter for static/js/counter.js, which says them until the server has counted."""

import json
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def words_json(price: Decimal | None, currency: str) -> str:
    """Sentences with {places}; a pair is for one and for several. `price` is that of a segment."""
    said: dict[str, str | list[str]] = {
        "segments": _both("%(n)s segment", "%(n)s segments"),
        "over": _both("%(n)s segment, %(over)s more than allowed", "%(n)s segments, %(over)s more than allowed", over="{over}"),
        "left": _both("%(n)s character left", "%(n)s characters left"),
        "spill": _both("%(n)s character over the last segment", "%(n)s characters over the last segment"),
        "units": _("%(units)s of %(room)s characters") % {"units": "{units}", "room": "{room}"},
        "unicode": _("Unicode (UCS-2), 67 a segment"),
    }
    if price:
        said |= {"price": str(price), "currency": currency, "cost": _("%(cost)s a text") % {"cost": "{cost}"}}
    return json.dumps(said)


def _both(one: str, several: str, **places: str) -> list[str]:
    return [ngettext(one, several, n) % {"n": "{n}", **places} for n in (1, 2)]
