"""Builders of workbooks, good and hostile, written part by part: no file of them is kept."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path

import xlsxwriter

CONTENT_TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"></Types>'
RELATIONS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
ROOT = '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>'
RELATION = (
    '<Relationship Id="rId{0}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet{0}.xml"/>'
)
WORKBOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>{}</sheets></workbook>'
)
SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'


def cell(reference: str, text: str) -> str:
    """A cell that holds its own text."""
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def parts(*sheets: str, **more: str) -> dict[str, str]:
    """The parts of a workbook with these rows of XML; `more` replaces parts by the last word of their name."""
    numbers = range(1, len(sheets) + 1)
    found = {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": RELATIONS.format(ROOT),
        "xl/_rels/workbook.xml.rels": RELATIONS.format("".join(RELATION.format(n) for n in numbers)),
        "xl/workbook.xml": WORKBOOK.format("".join(f'<sheet name="Sheet{n}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)),
        **{f"xl/worksheets/sheet{n}.xml": SHEET.format(rows) for n, rows in zip(numbers, sheets, strict=True)},
    }
    for word, text in more.items():
        found[next((name for name in found if word in name), f"xl/{word}.xml")] = text
    return found


def pack(path: Path, contents: dict[str, str]) -> Path:
    """An archive of these parts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in contents.items():
            archive.writestr(name, text)
    return path


def table(path: Path, rows: Iterable[Iterable[object]], *others: str) -> Path:
    """An ordinary workbook, as a program writes it; `others` are names of further sheets, with nothing in them."""
    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"}) as book:
        sheet = book.add_worksheet("People")
        for name in others:
            book.add_worksheet(name)
        for number, cells in enumerate(rows):
            sheet.write_row(number, 0, cells)
    return path


def huge_part(path: Path, name: str, megabytes: int, *, says: int | None = None) -> Path:
    """A workbook one part of which unpacks to many megabytes of spaces; `says` is the size that it claims instead."""
    contents = parts('<row r="1"><c r="A1"><v>1</v></c></row>')
    text = contents.pop(name, SHEET.format(""))
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed, block, crc = deflate.compress(text.encode()), b" " * 2**20, zlib.crc32(text.encode())
    for _megabyte in range(megabytes):
        packed += deflate.compress(block)
        crc = zlib.crc32(block, crc)
    packed += deflate.flush()
    size = len(text.encode()) + megabytes * 2**20 if says is None else says
    return by_hand(path, [*((part, raw(text.encode()), len(text.encode())) for part, text in contents.items()), (name, packed, size)], crc=crc)


def raw(content: bytes) -> bytes:
    """Packed as it stands inside an archive."""
    return zlib.compress(content, 9, wbits=-zlib.MAX_WBITS)


def by_hand(path: Path, entries: list[tuple[str, bytes, int]], *, crc: int = 0, shared: bool = False) -> Path:
    """An archive of (name, packed bytes, claimed size); `shared`: all entries after the first point to the last one's bytes."""
    body, offsets = io.BytesIO(), []
    for name, packed, size in entries:
        offsets.append(body.tell())
        if not shared or name == entries[-1][0]:
            body.write(struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 8, 0, 0, crc, len(packed), size, len(name), 0) + name.encode() + packed)
    if shared:
        offsets = [offsets[-1]] * len(entries)
    start = body.tell()
    for (name, packed, size), offset in zip(entries, offsets, strict=True):
        body.write(struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, crc, len(packed), size, len(name), 0, 0, 0, 0, 0, offset) + name.encode())
    length = body.tell() - start
    body.write(struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, len(entries), len(entries), length, start, 0))
    path.write_bytes(body.getvalue())
    return path
