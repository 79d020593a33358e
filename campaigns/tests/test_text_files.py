"""Files of text: the same letters out of every encoding, and a sentence for what is none."""

import codecs
import io
import zipfile

import pytest
from django.utils import translation

from campaigns.text_files import TextFileProblem, read

FRENCH = "Chère {contact.first_name|amie},\nl’été à Noël coûte 5 € : « œuvre » …"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_one_text_in_every_encoding(encoding):
    assert read(FRENCH.encode(encoding)) == FRENCH


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"plain", "plain"),
        (b"one\r\ntwo\rthree\n\r\n", "one\ntwo\nthree"),
        (b"  kept before, not behind \n\n", "  kept before, not behind"),
        (b"of DOS\x1a", "of DOS"),
        (codecs.BOM_UTF16_BE + "é".encode("utf-16-be"), "é"),
        (codecs.BOM_UTF16_LE + "你好 😀".encode("utf-16-le"), "你好 😀"),
        ("Привет, 😀 ok".encode("utf-16-le"), "Привет, 😀 ok"),
        ("Привет 你好".encode(), "Привет 你好"),
        ("\u200bДа".encode(), "\u200bДа"),
        ("Déjà vu à Nîmes".encode("latin-1"), "Déjà vu à Nîmes"),
        ("5 € – “oui” – l’œuvre".encode("cp1252"), "5 € – “oui” – l’œuvre"),
        (b"BM: hello", "BM: hello"),
        (b"a < b and <b>bold</b>", "a < b and <b>bold</b>"),
        (b"x" * 2_000 + b"\r\n", "x" * 2_000),
    ],
)  # fmt: skip
def test_what_comes_out(content, text):
    assert read(content) == text


def packed(name):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, "x")
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", "empty", "The file is empty."),
        (b" \r\n\t ", "blank", "nothing but blanks"),
        (codecs.BOM_UTF8, "blank", "nothing but blanks"),
        (codecs.BOM_UTF16_LE, "blank", "nothing but blanks"),
        ("\u00a0\n".encode(), "blank", "nothing but blanks"),
        (b"x" * 2_001, "too_long", "The file holds 2,001 characters, a text has at most 2,000."),
        (b"x" * (1024 * 1024 + 1), "too_large", "larger than 1 MB"),
        (packed("word/document.xml"), "word", "This is a Word file. Save it as plain text."),
        (packed("xl/workbook.xml"), "excel", "This is a workbook."),
        (packed("ppt/presentation.xml"), "powerpoint", "This is a presentation."),
        (packed("text.txt"), "packed", "Unpack it"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "office", "an old Word or Excel file"),
        (b"{\\rtf1\\ansi Hello}", "rtf", "formatting (RTF)"),
        (b"%PDF-1.7\n%\xe2\xe3", "pdf", "PDF document"),
        (b"\x89PNG\r\n\x1a\n" + bytes(20), "picture", "This is a picture."),
        (b"\xff\xd8\xff\xe0" + bytes(20), "picture", "This is a picture."),
        (b"GIF89a" + bytes(20), "picture", "This is a picture."),
        (b"BM" + bytes(60), "picture", "This is a picture."),
        (b"\x1f\x8b\x08\x00", "packed", "packed file"),
        (b"<!DOCTYPE html><html><p>Hi", "html", "web page"),
        (b"Hello\x00world, this is it", "binary", "not a file of text"),
        (b"ab\x00c", "binary", "not a file of text"),
        (bytes(range(256)), "binary", "not a file of text"),
        (b"\x01\x02\x03 text", "binary", "not a file of text"),
        (b"\xff\xfea", "unknown_encoding", "Save it as UTF-8"),
        (b"\xff\xfe\x00\xd8", "unknown_encoding", "Save it as UTF-8"),
        (codecs.BOM_UTF8 + b"\xe9t\xe9", "unknown_encoding", "Save it as UTF-8"),
        ("Élan à l'été".encode("cp850"), "unknown_encoding", "Save it as UTF-8"),
        ("Répondez demain".encode("cp850"), "unknown_encoding", "Save it as UTF-8"),
        ("Привет, как дела".encode("cp1251"), "unknown_encoding", "Save it as UTF-8"),
        ("dernière".encode("mac-roman"), "unknown_encoding", "Save it as UTF-8"),
    ],
)  # fmt: skip
def test_what_is_refused_and_why(content, code, words):
    with translation.override("en"), pytest.raises(TextFileProblem) as problem:
        read(content)
    assert problem.value.code == code
    assert words in str(problem.value.message)
