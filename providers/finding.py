"""Where something stands in what a gateway says: a field, a path into JSON or XML, or a pattern. Bounded in time.

    status              a field of a form or query, or at the top of a JSON object
    $.messages[0].id    a path into JSON; $['odd name'] too
    /reply/sms/@id      a path into XML, by names without prefixes; sms[2] is the second
    re:^OK (\\S+)        a pattern over the first characters; what is in brackets, else the whole match
"""

import json
import re
from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import Any
from xml.etree import ElementTree

from django.utils.translation import gettext_lazy as _

from providers.backends.answers import form_fields, plain

LOOKED_AT = 300  # characters that a pattern is tried on: with two repeats that is some milliseconds in the worst case
LONGEST = 200
_STEP = re.compile(r"\.([^\W\d][\w-]*)|\['([^']{1,80})'\]|\[(\d{1,4})\]")
_XML_STEP = re.compile(r"([^\W\d][\w.-]*)(?:\[([1-9]\d{0,3})\])?|@([^\W\d][\w.-]*)")
_FIELD = re.compile(r"[\w.\-\[\]]{1,80}")
_SIGN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{\d*(?:,\d*)?\}|\(\?:|.", re.DOTALL)
_REPEATS, _PERHAPS = 2, 3


class PathFault(ValueError):
    """An expression that cannot be used; its only argument is a sentence for who wrote it."""


class Content:
    """Something that a gateway said, read in the ways that are asked for."""

    def __init__(self, body: bytes, query: bytes = b"", value: Any = None) -> None:
        self._body, self._query, self._value = body, query, value

    @cached_property
    def text(self) -> str:
        """What a pattern looks at."""
        return self._body[: LOOKED_AT * 4].decode("utf-8", "replace")[:LOOKED_AT]

    @cached_property
    def value(self) -> Any:
        """Its JSON; None when it is none."""
        if self._value is not None:
            return self._value
        try:
            return json.loads(self._body.decode())
        except (ValueError, RecursionError):
            return None

    @cached_property
    def root(self) -> ElementTree.Element | None:
        """Its XML, without document types: they can make much of little."""
        try:
            text = self._body.decode().lstrip("\ufeff \r\n\t")
            return ElementTree.fromstring(text) if text.startswith("<") and "<!DOCTYPE" not in text else None  # noqa: S314
        except (ValueError, ElementTree.ParseError):
            return None

    @cached_property
    def fields(self) -> dict[str, Any]:
        """Its query and its form, or the top of its JSON object. Raises ValueError for too many fields."""
        fields: dict[str, Any] = dict(form_fields(self._query)) if self._query else {}
        if isinstance(self.value, dict):
            return fields | self.value
        return fields if self._body.lstrip()[:1] in (b"<", b"{", b"[") else fields | form_fields(self._body)


Find = Callable[[Content], str | None]


@lru_cache(maxsize=500)
def path(expression: str) -> Find:
    """How to find it; finds nothing for an empty expression. Raises PathFault."""
    if not expression:
        return lambda content: None
    if len(expression) > LONGEST:
        raise PathFault(_("At most %(count)s characters.") % {"count": LONGEST})
    if expression.startswith("re:"):
        return _by_pattern(expression[3:])
    if expression.startswith("$"):
        steps = _json_steps(expression)
        return lambda content: as_text(_descend(content.value, steps))
    if expression.startswith("/"):
        return _by_xml(expression)
    if not _FIELD.fullmatch(expression):
        raise PathFault(_("“%(path)s” is no place. Write a field's name, a path such as $.id or /reply/@id, or re: and a pattern.") % {"path": expression[:60]})
    return lambda content: as_text(content.fields.get(expression))


@lru_cache(maxsize=100)
def items(expression: str) -> Callable[[Content], list[Content]]:
    """The entries of a list at a path into JSON; without an expression, the whole as the only one. Raises PathFault."""
    if not expression:
        return lambda content: [content]
    if not expression.startswith("$"):
        raise PathFault(_("A list stands in JSON: write a path such as $.reports, or $ for the whole."))
    steps = _json_steps(expression)

    def entries(content: Content) -> list[Content]:
        found = _descend(content.value, steps)
        if not isinstance(found, list):
            raise ValueError(_("there is no list where one was told to be"))
        return [Content(b"", value=entry) for entry in found if isinstance(entry, dict)]

    return entries


def as_text(value: Any) -> str | None:
    """A value as its words; None for what has none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return plain(str(value)) if isinstance(value, str | int | float) else None


def _json_steps(expression: str) -> list[str | int]:
    steps: list[str | int] = []
    place = 1
    while place < len(expression):
        step = _STEP.match(expression, place)
        if step is None:
            raise PathFault(_("“%(path)s” is no path into JSON. Write it like $.messages[0].id or $['odd name'].") % {"path": expression[:60]})
        steps.append(int(step[3]) if step[3] else step[1] or step[2])
        place = step.end()
    return steps


def _descend(value: Any, steps: list[str | int]) -> Any:
    for step in steps:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and step < len(value) else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value


def _by_xml(expression: str) -> Find:
    steps = [_XML_STEP.fullmatch(step) for step in expression[1:].split("/")]
    if any(step is None or (step[3] and place < len(steps) - 1) for place, step in enumerate(steps)) or steps[0][3]:  # type: ignore[index]
        raise PathFault(_("“%(path)s” is no path into XML. Write it like /reply/sms[1]/id or /reply/sms/@id.") % {"path": expression[:60]})
    told = [(step[1], int(step[2] or 1), step[3]) for step in steps if step]

    def find(content: Content) -> str | None:
        node, children = None, [content.root] if content.root is not None else []
        for name, number, attribute in told:
            if attribute:
                return next((plain(value) for key, value in node.attrib.items() if _local(key) == attribute), None) if node is not None else None
            alike = [child for child in children if _local(child.tag) == name]
            if len(alike) < number:
                return None
            node = alike[number - 1]
            children = list(node)
        return plain("".join(node.itertext()).strip()) if node is not None else None

    return find


def _local(name: str) -> str:
    return str(name).rpartition("}")[2]


def _by_pattern(text: str) -> Find:
    """A pattern in which no repeat holds another: it cannot run away."""
    repeats = perhaps = 0
    before = ""
    for sign in _SIGN.findall(text):
        repeat = sign in ("*", "+") or (sign[0] == "{" and len(sign) > 1)
        if repeat and (before in (")", "*", "+", "?") or before[:1] == "{"):
            raise PathFault(_("A pattern cannot repeat a group, nor repeat a repeat: it could run for hours."))
        if (sign == "?" and before == "(") or re.fullmatch(r"\\[1-9]", sign):
            raise PathFault(_("A pattern has plain groups, ( ) and (?: ), and does not refer back to them."))
        repeats += repeat and not (sign[0] == "{" and "," not in sign)
        perhaps += sign == "?" and before not in ("*", "+") and before[:1] != "{"
        before = sign
    if repeats > _REPEATS or perhaps > _PERHAPS:
        raise PathFault(_("A pattern may have two of * + {,} and three of ?, no more."))
    try:
        pattern = re.compile(text)
    except re.error as problem:
        raise PathFault(_("This is no pattern (%(where)s).") % {"where": f"{problem}"[:80]}) from None

    def find(content: Content) -> str | None:
        found = pattern.search(content.text)
        return plain(found[1] if pattern.groups and found[1] is not None else found[0]) if found else None

    return find
