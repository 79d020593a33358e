"""Small parts of pages: pills, ribbons, links that exist; numbers and times as `readable` says them."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django import template
from django.template.context import Context
from django.template.loader import render_to_string
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.urls import NoReverseMatch, reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from smsapp.common import bidi, countries, dates, readable
from smsapp.common import phone as phone_rules

register = template.Library()
for name in ("number", "percent", "person_time", "person_time_within"):
    register.filter(getattr(readable, name))
for name in ("money", "price"):
    register.simple_tag(getattr(readable, name))
TONES = {"", "grey", "blue", "green", "yellow", "red"}
LEAST_WIDTH = 0.6  # percent: a part that is not zero can be seen


def _tone_class(tone: str) -> str:
    return f" is-{tone}" if tone in TONES - {"", "grey"} else ""


@register.simple_tag
@lru_cache(maxsize=500)
def icon(name: str) -> SafeString:
    """A Bootstrap icon that says nothing to a screen reader."""
    return format_html('<i class="bi bi-{}" aria-hidden="true"></i>', name)


@register.simple_tag
def status_pill(word: Any, tone: str = "", icon: str = "", plain: bool = False) -> SafeString:
    """A state in words: `{% status_pill "Delivered" "green" "check2-all" %}`; `plain=True` inside a sentence."""
    return _pill(word if isinstance(word, str) else str(word), tone, icon, plain)


@lru_cache(maxsize=2_000, typed=True)  # a list shows the same few twice in each row; typed, for a safe word and the same one unsafe are equal
def _pill(word: str, tone: str, icon: str, plain: bool) -> SafeString:
    picture = format_html('<i class="bi bi-{}" aria-hidden="true"></i>', icon) if icon else ""
    return format_html('<span class="pill{}{}">{}{}</span>', _tone_class(tone), " plain" if plain else "", picture, word)


@register.simple_tag
def pill_of(look: Any) -> SafeString:
    """A state that has word, tone and icon, as a pill: `{% pill_of contact.look %}`."""
    return status_pill(look.word, look.tone, look.icon)


@register.filter
def selecting(name: Any) -> str:
    """What the box in front of somebody or something does, for those who do not see where it stands."""
    return _("Select %(name)s") % {"name": name}


@register.filter
def phone(number: Any) -> str:
    """E.164 grouped for people: +33 6 39 98 04 17. Anything else as it is."""
    return phone_rules.display(str(number)) if number else ""


@register.filter
def isolated(name: Any) -> str:
    """A name that may run from right to left, fit for a sentence."""
    return bidi.isolated(str(name))


@register.filter
def country(region: Any) -> str:
    """The name of a country's two letters in the reader's language."""
    return countries.name_of(str(region)) if region else ""


@register.simple_tag
def faults(form: Any, also: Any = ()) -> dict[str, Any]:
    """What is wrong in a form and in the small ones that stand in it: how many fields (the whole counts as one), and which."""
    parts = [part for part in (form, *(also or ())) if part and part.errors]
    return {"n": sum(len(part.errors) for part in parts), "fields": [field for part in parts for field in part if field.errors]}


@register.filter(expects_localtime=True)
def date_said(day: Any, form: str) -> str:
    """As Django's `date`, for a sentence: `{{ day|date_said:"l j F" }}`."""
    return dates.said(day, form) if day else ""


@register.filter
def initials(user: Any) -> str:
    """Two letters for a person's picture."""
    words = [word for word in (getattr(user, "first_name", ""), getattr(user, "last_name", "")) if word] or [str(user)]
    return "".join(word[0] for word in words).upper()[:2]


@register.simple_tag(takes_context=True)
def nav_link(context: Context, url_name: str, label: Any, icon: str = "", permission: str = "", css: str = "rail-link") -> SafeString:
    """A link to a named place, or nothing when the place does not exist or this person may not go there."""
    request = context.get("request")
    if permission and not (request and request.user.has_perm(permission)):
        return SafeString("")
    try:
        url = reverse(url_name)
    except NoReverseMatch:
        return SafeString("")
    current = mark_safe(' aria-current="page"') if request and request.path == url else ""
    picture = format_html('<i class="bi bi-{}" aria-hidden="true"></i>', icon) if icon else ""
    return format_html('<a class="{}" href="{}"{}>{}{}</a>', css, url, current, picture, label)


@register.simple_tag(takes_context=True)
def nav_section(context: Context) -> str:
    """What the page wrote into `{% block nav_section %}`: the url name of the place that it belongs to, else empty."""
    blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
    block = blocks.get_block("nav_section") if blocks else None
    return str(block.render(context)).strip() if block else ""


@register.filter
def undo_url(message: Any) -> str:
    """Where a toast's Undo posts: messages.success(…, extra_tags="undo=" + url)."""
    tags = getattr(message, "extra_tags", "") or ""
    return next((tag.removeprefix("undo=") for tag in tags.split() if tag.startswith("undo=/")), "")


@register.inclusion_tag("parts/_ribbon.html")
def ribbon(parts: Iterable[Any], size: str = "", legend: bool = True, total: int | None = None) -> dict[str, Any]:
    """A whole divided into parts: (label, count, fill[, url]) with fill of green, blue, red, yellow, grey, brand, mid, pale.

    `total` larger than the parts leaves the rest empty; `size` is "big" or "thin"; no ribbon stands without words.
    """
    rows = [dict(zip(("label", "count", "fill", "url"), part, strict=False)) for part in parts]
    whole = max(total or 0, sum(row["count"] or 0 for row in rows))
    bars = _bars(rows, whole)
    words = ", ".join(f"{readable.number(row['count'])} {row['label']}" for row in rows if row["count"])
    return {"bars": bars, "rows": rows, "size": size, "legend": legend, "words": words or _("Nothing yet")}


def _bars(rows: list[dict[str, Any]], whole: int) -> list[dict[str, str]]:
    shares = [max(100 * row["count"] / whole, LEAST_WIDTH) if row["count"] else 0.0 for row in rows] if whole else []
    shrink = min(1.0, 100 / sum(shares)) if sum(shares) else 1.0
    bars, left = [], 0.0
    for row, share in zip(rows, shares, strict=False):
        if share:
            bars.append({"x": f"{left:.2f}%", "width": f"{share * shrink:.2f}%", "fill": str(row["fill"])})
            left += share * shrink
    return bars


@register.simple_tag(takes_context=True)
def card_body(context: Context, card: dict[str, Any]) -> str:
    """The inside of a home page card: its template with its own context."""
    return render_to_string(card["template"], {"card": card, **(card.get("context") or {})}, request=context.get("request"))


@register.simple_tag(takes_context=True)
def sort_link(context: Context, name: str, label: Any, parameter: str = "sort", usual: str = "") -> SafeString:
    """A table head's link that sorts by `name`, and by its reverse when pressed again; paging starts anew. `usual`: the order of an address without one."""
    request = context["request"]
    current = request.GET.get(parameter) or usual
    parameters = request.GET.copy()
    for gone in ("after", "before"):
        parameters.pop(gone, None)
    parameters[parameter] = f"-{name}" if current == name else name
    arrow = {name: "arrow-up-short", f"-{name}": "arrow-down-short"}.get(current)
    picture = format_html(' <i class="bi bi-{}" aria-hidden="true"></i>', arrow) if arrow else ""
    return format_html('<a class="sort" href="?{}">{}{}</a>', parameters.urlencode(), conditional_escape(label), picture)


@register.simple_tag
def colon() -> str:
    """The colon between a label and its value: French sets a no-break space before it."""
    return pgettext("between a label and its value", ":")
