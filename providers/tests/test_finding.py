"""Paths into what a gateway says: found, not found, and never for long."""

import time

import pytest

from providers import finding
from providers.finding import LOOKED_AT, Content, PathFault

JSON = b'{"id": 7, "ok": true, "odd name": "x", "list": [{"a": "b"}, {"a": null}], "deep": {"er": "y"}, "text": "a\\u0000b"}'
XML = b'<r:reply xmlns:r="urn:x" n="1"><sms id="a">one</sms><sms id="b">t<b>w</b>o</sms></r:reply>'


@pytest.mark.parametrize(
    ("body", "path", "found"),
    [
        (JSON, "id", "7"), (JSON, "$.id", "7"), (JSON, "$.ok", "true"), (JSON, "$['odd name']", "x"), (JSON, "$.list[0].a", "b"), (JSON, "$.list[1].a", None),
        (JSON, "$.list[9].a", None), (JSON, "$.deep.er", "y"), (JSON, "$.deep", None), (JSON, "$.text", "ab"), (JSON, "$", None), (JSON, "/id", None),
        (XML, "/reply/sms", "one"), (XML, "/reply/sms[2]", "two"), (XML, "/reply/sms[2]/@id", "b"), (XML, "/reply/@n", "1"), (XML, "/reply/sms[3]", None),
        (XML, "/other", None), (XML, "id", None), (b"id=7&x=a%20b&x=c", "x", "c"), (b"id=7", "$.id", None), (b"", "id", None), (b"<a", "/a", None),
        (b"OK m17 queued", r"re:^OK (\S+)", "m17"), (b"OK m17", "re:^OK", "OK"), (b"ERR 5", r"re:^OK (\S+)", None), (b"[1]", "id", None),
    ],
)  # fmt: skip
def test_paths(body, path, found):
    assert finding.path(path)(Content(body)) == found


def test_a_query_counts_as_fields():
    assert finding.path("ref")(Content(b'{"id": 1}', b"ref=1f-9")) == "1f-9"


@pytest.mark.parametrize("path", [
    "$.", "$.a[", "$a", "$.a[-1]", "/", "/a//b", "/a/@b/c", "/@a", "/a[0]", "a b", "é é", "x" * 201, "re:(", "re:(a+)+", "re:(a*)*b", "re:(?:a|aa)+$", r"re:(a)\1",
    "re:(?=a)", "re:(?P<x>a)", "re:(?i)a", "re:a*a*a*b", "re:a{1,9}a{1,9}a{1,9}", "re:a?a?a?a?b", "re:a**", "re:(x{2,})*",
])  # fmt: skip
def test_expressions_that_are_refused_with_a_sentence(path):
    with pytest.raises(PathFault) as caught:
        finding.path(path)
    assert str(caught.value.args[0]).endswith(".")


@pytest.mark.parametrize("path", [r"re:^OK (\S+) at .*$", "re:[+*?]{2}", r"re:id=(\d+)", "re:a+?b", "re:^(?:OK|0): (.+)", r"re:\(\d+\)"])
def test_ordinary_patterns_are_taken(path):
    finding.path(path)(Content(b"anything"))


@pytest.mark.parametrize("pattern", ["a*a*b", ".*.*x", "[a]+[a]+$b", "a?a?a?a+a+b", "(a*)(a*)c"])
def test_no_pattern_that_is_taken_runs_away(pattern):
    begun = time.perf_counter()
    assert finding.path("re:" + pattern)(Content(b"a" * 60_000)) is None
    assert time.perf_counter() - begun < 2
    assert len(Content(b"a" * 60_000).text) == LOOKED_AT


def test_deep_and_wide_answers_are_no_answer():
    for body in (b"[" * 60_000, b'{"a":' * 10_000, b"<a>" * 20_000, b"a=1&" * 20_000):
        for path in ("$.a", "/a", "re:^x"):
            assert finding.path(path)(Content(body)) is None
