"""Workbooks: what people write comes as text; what is hostile is refused in words, in seconds, and costs no memory."""

import datetime as dt
import signal
import subprocess
import sys
import time
import zipfile

import openpyxl
import pytest
import xlsxwriter
from django.conf import settings
from hypothesis import HealthCheck, given
from hypothesis import settings as pace
from hypothesis import strategies as st

from contacts.importing import limits, reader, tables, workbook
from contacts.importing.problems import FileProblem
from contacts.importing.xlsx import convert
from contacts.tests import workbooks
from contacts.tests.workbooks import cell, pack, parts


def read(path, sheet=""):
    """(header, rows) of a file, and how it is read."""
    with tables.table_of(path, sheet) as (table, dialect):
        return reader.header(table, dialect), list(reader.rows(table, dialect)), dialect


def test_cells_come_as_people_would_type_them(tmp_path):
    rows = [
        ["Text", "Whole", "Part", "Long", "Day", "Moment", "Yes", "Formula-like", "Thousandth"],
        ["Zoë  Œuvre", 33612345678.0, 0.1 + 0.2, 1.2345678901234567e17, dt.date(1990, 4, 17), dt.datetime.fromisoformat("2024-05-01 13:45"), True, "'=1+1", 1.234],
    ]
    path = workbooks.table(tmp_path / "a.xlsx", rows)
    header, found, dialect = read(path)
    assert header == rows[0]
    assert found == [(2, ["Zoë  Œuvre", "33612345678", "0.3", "1.23456789012346e+17", "1990-04-17", "2024-05-01 13:45:00", "TRUE", "'=1+1", "1.2340"])]
    assert (dialect.sheet, dialect.sheets) == ("People", ("People",))


def test_row_numbers_are_those_of_the_sheet_and_a_table_may_stand_lower_and_to_the_right(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    for reference, text in {"C5": "Name", "D5": "Mobile", "C7": "Anna", "D9": "0639980001"}.items():
        sheet[reference] = text
    book.save(tmp_path / "a.xlsx")
    header, found, _dialect = read(tmp_path / "a.xlsx")
    assert header == ["", "", "Name", "Mobile"]
    assert found == [(7, ["", "", "Anna"]), (9, ["", "", "", "0639980001"])]


def test_the_first_sheet_with_anything_in_it_is_read_unless_one_is_named(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Empty"
    hidden = book.create_sheet("Hidden")
    hidden.sheet_state, hidden["A1"] = "hidden", "no"
    book.create_sheet("People")["A1"] = "Name"
    book.create_sheet("Other")["A1"] = "Nom"
    book.save(tmp_path / "a.xlsx")
    assert read(tmp_path / "a.xlsx")[0] == ["Name"]
    assert read(tmp_path / "a.xlsx", "other")[0] == ["Nom"]
    with pytest.raises(FileProblem, match="Choose one of: Empty, Hidden, People, Other"):
        read(tmp_path / "a.xlsx", "Nobody")


def test_formulas_give_their_value_and_cells_without_one_are_marked(tmp_path):
    rows = (
        f'<row r="1">{cell("A1", "Name")}{cell("B1", "Note")}</row>'
        '<row r="2"><c r="A2" t="str"><f>B9</f><v>Anna</v></c><c r="B2"><f>1+1</f><v>2</v></c></row>'
        '<row r="3"><c r="A3"><f>1+1</f><v/></c><c r="B3" t="e"><f>NA()</f><v>#N/A</v></c></row>'
        '<row r="4"><c r="A4" t="str"><f>""</f><v></v></c><c r="B4" t="e"><v>#DIV/0!</v></c></row>'
        '<row r="6"><c t="inlineStr"><is><t>a_x0000_b</t></is></c><c><f>C1</f></c></row>'
    )
    assert read(pack(tmp_path / "a.xlsx", parts(rows)))[1] == [
        (2, ["Anna", "2"]), (3, ["\0=", "\0#N/A"]), (4, ["", "\0#DIV/0!"]), (6, ["\0ab", "\0="]),
    ]  # fmt: skip


def test_cells_out_of_order_are_marked_all_the_same(tmp_path):
    rows = f'<row r="3"><c r="A3"><f>1</f></c>{cell("B3", "x")}</row><row r="1">{cell("A1", "Name")}</row><row r="2"><c r="B2" t="e"><v>#N/A</v></c></row>'
    assert read(pack(tmp_path / "a.xlsx", parts(rows)))[1] == [(2, ["", "\0#N/A"]), (3, ["\0=", "x"])]


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=40).filter(lambda text: not text.startswith("=") and "_x" not in text)
VALUE = st.one_of(TEXT, st.integers(-(2**53) + 1, 2**53 - 1), st.booleans(), st.dates(dt.date(1900, 3, 1), dt.date(2999, 1, 1)))


def typed(value):
    """What the console should read."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int):
        return str(int(float(f"{value:.16g}"))) if abs(value) >= 10**15 else str(value)  # the writers keep 16 digits
    return value.isoformat() if isinstance(value, dt.date) else value


@pytest.mark.parametrize("program", ["xlsxwriter", "openpyxl"])
@pace(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(VALUE, min_size=1, max_size=4), min_size=1, max_size=5))
def test_what_other_programs_write_is_read(tmp_path, program, rows):
    path = tmp_path / "a.xlsx"
    rows = [["Name", "B", "C", "D"], *rows]
    if program == "xlsxwriter":
        with xlsxwriter.Workbook(path, {"strings_to_urls": False, "strings_to_formulas": False, "default_date_format": "yyyy-mm-dd"}) as book:
            sheet = book.add_worksheet()
            for number, cells in enumerate(rows):
                sheet.write_row(number, 0, cells)
    else:
        book = openpyxl.Workbook()
        for cells in rows:
            book.active.append(cells)
        book.save(path)
    unpacked = tmp_path / "table.csv"
    convert.convert(path, unpacked, "")
    found = dict(reader.rows(unpacked, reader.Dialect("utf-8", ",")))
    for number, cells in enumerate(rows[1:], 2):
        wanted = [typed(value).strip() for value in cells]
        while wanted and not wanted[-1]:
            wanted.pop()
        assert [text.strip() for text in found.get(number, [])] == wanted


HEAD = f'<row r="1">{cell("A1", "Name")}</row>'
BOMB = '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa">' + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)) + "]>"
OUTSIDE = '<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


def many_parts(path):
    return workbooks.by_hand(path, [(f"xl/media/{n}.png", b"", 0) for n in range(limits.MOST_PARTS + 1)])


def overlapping(path):
    """60 kB that unpack to gigabytes: a hundred sheets of the same bytes."""
    packed = workbooks.raw(b" " * (50 * 2**20))
    return workbooks.by_hand(path, [(f"xl/worksheets/sheet{n}.xml", packed, 50 * 2**20) for n in range(100)], shared=True)


def encrypted(path):
    path.write_bytes(workbook.OLD_WORKBOOK + b"\0" * 2000 + workbook.ENCRYPTED + b"\0" * 2000)
    return path


def with_zip_password(path):
    pack(path, parts(HEAD))
    data = bytearray(path.read_bytes())
    at = data.find(b"PK\x01\x02")
    data[at + 8] |= 1
    path.write_bytes(data)
    return path


def two_of_one_name(path):
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "w") as archive:
        for name, text in [*parts(HEAD).items(), ("xl/workbook.xml", "<workbook/>")]:
            archive.writestr(name, text)
    return path


def cut_short(path):
    pack(path, parts(HEAD * 1000))
    path.write_bytes(path.read_bytes()[:-300])
    return path


# fmt: off
HOSTILE = {
    "60 kB that unpack to gigabytes": (overlapping, "far more than its table"),
    "a sheet of 600 MB of spaces": (lambda path: workbooks.huge_part(path, "xl/worksheets/sheet1.xml", 600), "far more than its table"),
    "texts of 600 MB": (lambda path: workbooks.huge_part(path, "xl/sharedStrings.xml", 600), "far more than its table"),
    "a sheet that lies about its size": (lambda path: workbooks.huge_part(path, "xl/worksheets/sheet1.xml", 600, says=200), "damaged|far more"),
    "a blank cell in row 1,048,576": (lambda path: pack(path, parts(f'{HEAD}<row r="1048576"><c r="A1048576" s="1"/></row>')), "down to row 1,048,576"),
    "a cell at the far corner": (lambda path: pack(path, parts(f'{HEAD}<row r="9"><c r="XFD9"><v>1</v></c></row>')), "to column XFD; at most 200"),
    "many blank cells": (lambda path: pack(path, parts(f'{HEAD}<row r="90000"><c r="GR90000"/></row>')), "90,000 rows of 200 columns"),
    "a cell of 200 kB": (lambda path: pack(path, parts(f'{HEAD}<row r="2">{cell("C2", "x" * 200_000)}</row>')), "cell C2 has more than 10,000"),
    "an entity bomb in the sheet": (lambda path: pack(path, parts("", sheet1=f"{BOMB}<w>&i;</w>")), "definitions"),
    "an entity bomb in the texts": (lambda path: pack(path, parts(HEAD, sharedStrings=f"{BOMB}<sst>&i;</sst>")), "definitions"),
    "a file of this machine": (lambda path: pack(path, parts(HEAD, **{"workbook.xml": f"{OUTSIDE}<w>&a;</w>"})), "definitions|damaged"),
    "an undefined entity": (lambda path: pack(path, parts(f'{HEAD}<row r="2">{cell("A2", "&undefined;")}</row>')), "damaged"),
    "parts without number": (many_parts, "too many parts"),
    "a password": (encrypted, "password"),
    "a password of the archive": (with_zip_password, "password|damaged"),
    "two parts of one name": (two_of_one_name, "damaged"),
    "cut short": (cut_short, "damaged"),
    "an address that is none": (lambda path: pack(path, parts(f'{HEAD}<row r="2"><c r="A99999999"/></row>')), "damaged"),
    "another workbook than it says": (
        lambda path: pack(path, parts(HEAD) | {"_rels/.rels": workbooks.RELATIONS.format(workbooks.ROOT.replace("xl/w", "xl/other/w"))}), "damaged",
    ),
    "an error of newer programs": (lambda path: pack(path, parts(f'{HEAD}<row r="2"><c r="B2" t="e"><v>#SPILL!</v></c></row>')), "cell B2 holds the error"),
    "a number that is none": (lambda path: pack(path, parts(f'{HEAD}<row r="2"><c r="B2" t="n"><v>abc</v></c></row>')), "damaged"),
    "no XML": (lambda path: pack(path, parts("", sheet1="nothing")), "damaged"),
    "an archive of something else": (lambda path: pack(path, {"photo.jpg": "x"}), "archive without an Excel workbook"),
    "an OpenDocument sheet": (lambda path: pack(path, {"mimetype": "x", "content.xml": "x"}), "OpenDocument"),
    "a binary workbook": (lambda path: pack(path, {"[Content_Types].xml": "x", "xl/workbook.bin": "x"}), "binary Excel workbook"),
    "a Word document": (lambda path: pack(path, {"word/document.xml": "x"}), "Word document"),
    "no sheets": (lambda path: pack(path, parts()), "No sheet of the workbook"),
    "blank sheets": (lambda path: pack(path, parts('<row r="2"><c r="A2" s="1"/></row>', "")), "No sheet of the workbook"),
}
# fmt: on


PEAK = """
import sys
from contacts.importing.xlsx import convert
convert.main(*sys.argv[1:])
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    return lambda name: HOSTILE[name][0](folder / "hostile.xlsx")


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_workbooks_are_refused_in_words_and_cost_no_memory(hostile, name, tmp_path):
    path = hostile(name)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(FileProblem, match=HOSTILE[name][1]):
        read(path)
    done = subprocess.run([sys.executable, "-c", PEAK, str(path), str(tmp_path / "table.csv")], cwd=settings.BASE_DIR, capture_output=True, check=True)
    assert int(done.stdout.split()[-2]) < 100 * 1024, done.stdout


def test_an_old_workbook_is_told(tmp_path):
    (tmp_path / "a.xls").write_bytes(workbook.OLD_WORKBOOK + b"\0" * 3000)
    with pytest.raises(FileProblem, match=r"old Excel workbook \(\.xls\)"):
        read(tmp_path / "a.xls")


@pytest.mark.parametrize("content", [b"Name,Mobile\nAnn,0639980001\n", b"this is no workbook\n", b"\x00\x01\x02\x03" * 50])
def test_a_file_that_is_a_workbook_by_its_name_only_is_told(tmp_path, content):
    (tmp_path / "a.XLSX").write_bytes(content)
    with pytest.raises(FileProblem, match=r"no Excel workbook, although its name ends in \.xlsx\."):
        read(tmp_path / "a.XLSX")
    (tmp_path / "a.xlsx").write_bytes(b"%PDF-1.7")
    with pytest.raises(FileProblem, match="a PDF document"):
        read(tmp_path / "a.xlsx")


def test_what_the_library_cannot_take_ends_its_process_only(tmp_path, monkeypatch):
    path = workbooks.table(tmp_path / "a.xlsx", [["Name"], ["Anna"]])
    for ending, words in ((signal.SIGABRT, "too much memory"), (signal.SIGXCPU, "too long"), (-1, "damaged")):
        monkeypatch.setattr("contacts.importing.workbook.subprocess.run", lambda command, ending=ending, **options: subprocess.CompletedProcess(command, -ending))
        with pytest.raises(FileProblem, match=words):
            read(path)


def test_a_workbook_that_takes_too_long_is_told(tmp_path, monkeypatch):
    path = workbooks.table(tmp_path / "a.xlsx", [["Name"], ["Anna"]])
    monkeypatch.setattr(limits, "SECONDS", 0.001)
    with pytest.raises(FileProblem, match="too long"):
        read(path)


def test_the_process_bounds_its_own_memory(tmp_path):
    code = "from contacts.importing.xlsx import convert; convert.bound(); b'x' * 2**31"
    done = subprocess.run([sys.executable, "-c", code], cwd=settings.BASE_DIR, capture_output=True, check=False)
    assert b"MemoryError" in done.stderr


def test_secrets_stay_out_of_the_process(tmp_path, monkeypatch):
    seen = {}

    def run(command, **options):
        seen.update(options["env"])
        return subprocess.CompletedProcess(command, 0, b'{"sheet": "A", "sheets": ["A"]}', b"")

    monkeypatch.setattr("contacts.importing.workbook.subprocess.run", run)
    workbook.unpack(workbooks.table(tmp_path / "a.xlsx", [["Name"]]), tmp_path / "table.csv")
    assert seen.keys() <= {"PYTHONDONTWRITEBYTECODE"}


def test_a_large_sheet_is_read_in_little_memory(tmp_path):
    """The worker itself holds one row at a time; the process beside it the sheet."""
    path = workbooks.table(tmp_path / "a.xlsx", ([f"Name {n}", n, f"p{n}@example.org"] for n in range(20_000)))
    began = time.monotonic()
    header, found, _dialect = read(path)
    assert len(found) == 19_999 and time.monotonic() - began < 60
    assert header[0] == "Name 0"
