"""Files of text: encodings, limits that name the place, files without end that cost no memory, and any bytes at all."""

import tracemalloc

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as pace
from hypothesis import strategies as st

from contacts.importing import columns, limits, reader, tables
from contacts.importing.problems import FileProblem


@pytest.mark.parametrize(
    "content",
    [
        "," * 20_000_000,
        "Name,Mobile\nAnna,0639980001\n" + "ab," * 7_000_000,
        "Name,Mobile\n" + '"a\nb",' * 3_000_000,
        'Name,Mobile\n"' + "\n" * 20_000_000,
    ],
    ids=["commas", "cells", "quoted cells of two lines", "quotation without end"],
)
def test_a_row_without_end_is_told_and_does_not_fill_the_memory(tmp_path, content):
    path = tmp_path / "long.csv"
    path.write_text(content)
    del content
    tracemalloc.start()
    try:
        with pytest.raises(FileProblem, match="quotation mark is not closed"):
            dialect = reader.recognise(path)
            reader.header(path, dialect)
            sum(1 for _row in reader.rows(path, dialect))
        assert tracemalloc.get_traced_memory()[1] < 40 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_a_row_of_many_long_cells_in_many_lines_is_read(tmp_path):
    path = tmp_path / "wide.csv"
    cell = '"' + "line\r\n" * 1_000 + '"'
    path.write_text("Name" + ",Note" * 100 + "\n" + ("Anna," + ",".join([cell] * 100) + "\n") * 2, newline="")
    dialect = reader.recognise(path)
    assert [(number, len(cells)) for number, cells in reader.rows(path, dialect)] == [(2, 101), (3, 101)]


def read(path):
    with tables.table_of(path) as (table, dialect):
        return reader.header(table, dialect), list(reader.rows(table, dialect))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_separators(tmp_path, encoding, delimiter):
    text = f'Prénom{delimiter}Note\r\nZoë{delimiter}"two\r\nlines"\r\nÅsa{delimiter}€\r\n'
    mark = "\ufeff".encode(encoding) if encoding in {"utf-16-le", "utf-16-be"} else b""
    (tmp_path / "a.csv").write_bytes(mark + text.encode(encoding))
    assert read(tmp_path / "a.csv") == (["Prénom", "Note"], [(2, ["Zoë", "two\r\nlines"]), (3, ["Åsa", "€"])])


@pytest.mark.parametrize(
    ("content", "words", "row"),
    [
        (b"Name\nAnna\nB\0b\n", "Line 3 holds zero bytes", 3),
        ("Name\nAnna\nB\0b\n".encode("utf-16"), "Line 3 holds zero bytes", 3),
        (b"Name,Note\nAnna,\nBob," + b"x" * 10_001 + b"\n", "cell B3 is longer than 10,000", 3),
        (b"Name,Note\nAnna,\nBob," + b"x" * 200_000 + b"\n", "cell of row 3 is longer than 10,000", 3),
        (b"Name\n" + b"\n" * 1_000_000 + b"Anna\n", "more than 1,000,000 rows", 1_000_002),
        (b"Name\nAnna" + b",x" * 200 + b"\n", "Row 2 has more than 200 columns", 2),
        ("Name\nAnna".encode("utf-16")[:-1], "letters", None),
        (b"%PDF-1.7 ...", "PDF", None),
        (b"\x89PNG\r\n", "a picture", None),
    ],
)
def test_limits_say_where(tmp_path, content, words, row):
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(FileProblem, match=words) as told:
        read(tmp_path / "a.csv")
    assert told.value.row == row


def test_a_folder_and_a_large_file_are_told(tmp_path, monkeypatch):
    with pytest.raises(FileProblem, match="not a file"):
        read(tmp_path)
    monkeypatch.setattr(limits, "LARGEST_FILE", 3)
    (tmp_path / "a.csv").write_text("Name\nA\n")
    with pytest.raises(FileProblem, match="larger than"):
        read(tmp_path / "a.csv")


BYTES = st.one_of(
    st.binary(max_size=400),
    st.text(max_size=200).map(lambda text: text.encode("utf-16", "surrogatepass")),
    st.lists(st.sampled_from([b"PK\x03\x04", b"PK\x05\x06", b"PK\x01\x02", b"\xd0\xcf\x11\xe0", b'"', b",", b";", b"\n", b"\0", b"sep=;", b"a"]), max_size=60).map(b"".join),
)


@pace(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=BYTES)
def test_any_bytes_give_rows_or_a_sentence(tmp_path, content):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    try:
        header, found = read(path)
    except FileProblem as problem:
        assert str(problem.message).endswith(".") or "no such" in str(problem.message)
        return
    assert [number for number, _cells in found] == sorted({number for number, _cells in found})
    assert columns.guess(header).keys() <= {str(index) for index in range(len(header))}
    assert len(set(columns.names(header))) <= len(header)


def test_names_of_columns_are_told_apart():
    header = ["Name", "", " Name", "Mobile"]
    assert columns.names(header) == ["Name (A)", "Column B", "Name (C)", "Mobile"]
    assert columns.repeated(header) == [2]
