"""Requests from templates: each value is escaped for the place where it stands, so that no text can break out of it. Pure.

A placeholder is a name in braces, such as {text}. What is no placeholder stays as it is.
"""

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from urllib.parse import quote, quote_plus
from xml.etree import ElementTree

from django.utils.translation import gettext_lazy as _

OF_A_TEXT = ("to", "to_digits", "from", "text", "reference", "callback", "valid_minutes")
OF_THE_ACCOUNT = ("username", "password", "api_key")
NAMES = (*OF_A_TEXT, *OF_THE_ACCOUNT)
SHORT = tuple(name for name in NAMES if name not in ("text", "callback"))  # what may stand in a path or a header

_PLACE = re.compile(r"\{([a-z_]+)\}")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,80}")
_OURS = {"host", "content-length", "transfer-encoding", "connection", "upgrade", "expect", "te", "trailer", "proxy-authorization"}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NO_NAME = "\ue000"  # a character that no name of XML may hold: what stands in its place is a text or an attribute's value
_OTHER_ENCODING = re.compile(r"\A<\?xml[^>]*encoding=['\"](?!utf-8['\"])", re.IGNORECASE)
_XML = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
Escape = Callable[[str], str]
Values = Mapping[str, str]


class TemplateFault(ValueError):
    """A template that cannot be used; its only argument is a sentence for who wrote it."""


class Template:
    """Text with placeholders, split once."""

    __slots__ = ("_escape", "_parts")

    def __init__(self, text: str, escape: Escape, allowed: Collection[str] = NAMES) -> None:
        self._parts: Sequence[str] = _PLACE.split(text)
        self._escape = escape
        for name in self._parts[1::2]:
            if name not in NAMES:
                raise TemplateFault(_("“{%(name)s}” is no placeholder. There are %(all)s.") % {"name": name[:40], "all": _listed(NAMES)})
            if name not in allowed:
                raise TemplateFault(_("“{%(name)s}” cannot stand here, only in the body or behind the question mark of the address.") % {"name": name})

    def fill(self, values: Values) -> str:
        """The text with the values in their places."""
        return "".join([self._escape(values[part]) if place % 2 else part for place, part in enumerate(self._parts)])


def _listed(names: Collection[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)


def names_in(*texts: str) -> set[str]:
    """The placeholders that texts ask for."""
    return {name for text in texts for name in _PLACE.findall(text)}


# --- where a value can stand ---


def url(text: str) -> Callable[[Values], str]:
    """An address: values are percent-encoded; a whole text fits behind the question mark only."""
    path, mark, query = text.partition("?")
    if names_in(path.partition("://")[2].partition("/")[0]):
        raise TemplateFault(_("A placeholder cannot choose the host."))
    head, tail = Template(path, _in_url, SHORT), Template(mark + query, _in_url)
    return lambda values: head.fill(values) + tail.fill(values)


def headers(text: str) -> Callable[[Values], dict[str, str]]:
    """One "Name: value" a line."""
    found: dict[str, Template] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, colon, value = line.partition(":")
        if not colon or not _HEADER.fullmatch(name.strip()):
            raise TemplateFault(_("“%(line)s” is no header. Write each as “Name: value”.") % {"line": line[:60]})
        if name.strip().lower() in _OURS:
            raise TemplateFault(_("The header “%(name)s” is set by the console itself.") % {"name": name.strip()})
        if not _is_plain(value.strip()):
            raise TemplateFault(_("The header “%(name)s” has characters that no header can hold.") % {"name": name.strip()})
        found[name.strip()] = Template(value.strip(), _in_header, SHORT)
    return lambda values: {name: template.fill(values) for name, template in found.items()}


def form(text: str) -> Callable[[Values], str]:
    """One "name=value" a line, as a form."""
    pairs: list[tuple[str, Template]] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        name, equals, value = line.partition("=")
        if not equals or not name.strip() or names_in(name):
            raise TemplateFault(_("“%(line)s” is no field. Write each as “name=value”, one a line.") % {"line": line[:60]})
        pairs.append((quote_plus(name.strip()), Template(value.strip(), lambda part: part)))
    return lambda values: "&".join([f"{name}={quote_plus(template.fill(values))}" for name, template in pairs])


def json_body(text: str) -> Callable[[Values], str]:
    """A JSON document; placeholders stand inside its strings."""
    template = Template(text, _in_json)
    try:
        json.loads(text)
    except (ValueError, RecursionError) as problem:
        where = {"where": f"{problem}"[:80]}
        raise TemplateFault(_("This is no JSON (%(where)s). Placeholders stand inside quotes, for example \"{text}\".") % where) from None
    return template.fill


def xml_body(text: str) -> Callable[[Values], str]:
    """An XML document; placeholders stand in its texts and attributes."""
    template = Template(text, _in_xml)
    if "<!" in text or text.count("<?") > text.startswith("<?xml"):
        raise TemplateFault(_("Leave out comments, CDATA and document types: a text could break out of them."))
    if _OTHER_ENCODING.search(text):
        raise TemplateFault(_("The console writes UTF-8: leave out any other encoding."))
    try:
        ElementTree.fromstring(_PLACE.sub(_NO_NAME, text))  # noqa: S314  (no document type, our administrator's own)
    except ElementTree.ParseError as problem:
        where = {"where": f"{problem}"[:80]}
        raise TemplateFault(_("This is no XML (%(where)s). Placeholders stand in texts and attributes, for example <text>{text}</text>.") % where) from None
    return template.fill


BODIES: dict[str, tuple[Callable[[str], Callable[[Values], str]], str]] = {
    "form": (form, "application/x-www-form-urlencoded"),
    "json": (json_body, "application/json"),
    "xml": (xml_body, "text/xml; charset=utf-8"),
}


# --- escapes ---


def _in_url(value: str) -> str:
    return quote(value, safe="")


def _in_json(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]


def _in_xml(value: str) -> str:
    return "".join([_XML.get(sign, sign) for sign in _NOT_XML.sub("", value)])


def _in_header(value: str) -> str:
    return value if _is_plain(value) else "".join(sign for sign in value if _is_plain(sign))


def _is_plain(value: Any) -> bool:
    return value.isascii() and value.isprintable()
