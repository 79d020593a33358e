"""The browser counts as the server does: the same texts through both, every field compared."""

import json
import re
import unicodedata

import pytest
from django.conf import settings

from providers.browser_tables import lookalikes, script
from providers.charset import normalise
from providers.lookalikes import replacement
from providers.segments import measure, parts
from providers.tests.texts import CASES, PIECES, generated

JS = settings.BASE_DIR / "static/js"
SWAPPED = ["…" * 70, "½" * 70, "…’" + "ж" * 68, "C’est prêt, c’est fait… " + "a" * 60, "l’été ж", "…" * 23 + "ж" * 50]
# One call for all; texts travel as UTF-16 units, for halves of pairs would not survive the way.
COUNT = """(texts) => texts.map((units) => {
  let text = "";
  for (const unit of units) text += String.fromCharCode(unit);
  return {normalised: smsText.normalise(text), size: smsText.measure(text), parts: smsText.parts(text), replacement: smsText.replacement(text)};
})"""


def test_the_tables_of_the_browser_are_those_of_the_server():
    shipped = (JS / "alphabet.js").read_text()
    if f'"unicode": "{unicodedata.unidata_version}"' in shipped:
        assert shipped == script(), "Run: python -m providers.browser_tables > static/js/alphabet.js"
        return
    told = dict(re.findall(r'^    (".*"): (".*"),$', shipped, re.MULTILINE))  # another Unicode knows more characters, or fewer
    ours = {char: other for other, chars in lookalikes().items() for char in chars}
    theirs = {char: json.loads(other) for other, chars in told.items() for char in json.loads(chars)}
    assert {char: other for char, other in theirs.items() if unicodedata.category(char) != "Cn"}.items() <= ours.items()


@pytest.mark.e2e
def test_the_browser_counts_every_text_as_the_server_does(page):
    texts = [text for text, *_size in CASES] + PIECES + SWAPPED + generated(4_000, seed=11)
    page.goto("about:blank")
    page.add_script_tag(path=JS / "alphabet.js")
    page.add_script_tag(path=JS / "measure.js")
    counted = page.evaluate(COUNT, [units(text) for text in texts])
    wrong = [(ascii(text), theirs, ours(text)) for text, theirs in zip(texts, counted, strict=True) if theirs != ours(text)]
    assert wrong[:3] == []
    assert len({answer["size"]["segments"] for answer in counted}) > 5  # they were not all the same


def units(text):
    data = text.encode("utf-16-le", "surrogatepass")
    return [int.from_bytes(data[place : place + 2], "little") for place in range(0, len(data), 2)]


def size_of(found):
    return {
        "encoding": found.encoding, "units": found.units, "segments": found.segments, "left": found.left, "perSegment": found.per_segment,
        "dear": [[index, char] for index, char in found.dear],
    }  # fmt: skip


def ours(text):
    return {"normalised": normalise(text), "size": size_of(measure(text)), "parts": parts(text), "replacement": replacement(text).text}
