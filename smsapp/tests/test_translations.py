"""French is complete, compiled, and knows every string of the sources."""

import gettext
import re
import shutil
import subprocess
import sys

import pytest

from smsapp.testing.processes import ROOT

CATALOGUE = ROOT / "locale" / "fr" / "LC_MESSAGES" / "django.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
ENTRY = re.compile(
    r'(?P<flags>(?:^#.*\n)*)(?:^msgctxt (?P<context>(?:".*"\n)+))?^msgid (?P<id>(?:".*"\n)+)'
    r'(?:^msgid_plural (?P<plural>(?:".*"\n)+))?(?P<texts>(?:^msgstr(?:\[\d\])? (?:".*"\n?)+)+)',
    re.MULTILINE,
)


def text_of(quoted):
    return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', quoted or "")).replace("\\n", "\n").replace('\\"', '"').replace("\\\\", "\\")


def entries(path=CATALOGUE):
    for match in ENTRY.finditer(path.read_text(encoding="utf-8")):
        texts = [text_of(part) for part in re.split(r"^msgstr(?:\[\d\])? ", match["texts"], flags=re.MULTILINE)[1:]]
        if text_of(match["id"]):
            yield match["flags"], text_of(match["context"]), text_of(match["id"]), text_of(match["plural"]), texts


def test_every_string_has_its_french():
    missing = [key for _flags, _context, key, _plural, texts in entries() if not all(texts)]
    unsure = [key for flags, _context, key, _plural, _texts in entries() if re.search(r"^#,.*fuzzy", flags, re.MULTILINE)]
    assert (missing, unsure) == ([], [])
    assert len(list(entries())) > 1_000


def test_placeholders_are_kept():
    def wrong(key, plural, texts):
        known = set(PLACEHOLDER.findall(key + plural))
        return any(set(PLACEHOLDER.findall(text)) - known for text in texts) or (not plural and set(PLACEHOLDER.findall(texts[0])) != known)

    assert [key for _flags, _context, key, plural, texts in entries() if wrong(key, plural, texts)] == []


def test_the_compiled_catalogue_says_the_same():
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    stale = [
        key
        for _flags, context, key, plural, texts in entries()
        if (compiled.pgettext(context, key) if context else compiled.ngettext(key, plural, 1) if plural else compiled.gettext(key)) != texts[0]
    ]
    assert stale == [], "compile it: manage.py compilemessages -l fr"


@pytest.mark.skipif(not shutil.which("xgettext"), reason="needs xgettext: install Debian's package gettext")
def test_the_catalogue_has_every_string_of_the_sources(tmp_path):
    leave = shutil.ignore_patterns(".*", "var", "artefacts", "tests", "benchmarks", "docs", "__pycache__", "staticfiles")
    shutil.copytree(ROOT, tmp_path / "copy", ignore=leave)
    command = [sys.executable, "-m", "django", "makemessages", "-l", "fr", "--no-obsolete"]
    subprocess.run(command, cwd=tmp_path / "copy", check=True, capture_output=True)
    fresh = {(context, key) for _f, context, key, _p, _t in entries(tmp_path / "copy" / "locale" / "fr" / "LC_MESSAGES" / "django.po")}
    kept = {(context, key) for _f, context, key, _p, _t in entries()}
    assert fresh - kept == set(), "translate them: manage.py makemessages -l fr"
