"""Files without end cost no memory; large rows are read."""

import tracemalloc

import pytest

from contacts.importing import reader


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
        with pytest.raises(reader.FileProblem, match="quotation mark is not closed"):
            dialect = reader.recognise(path)
            reader.header(path, dialect)
            reader.count(path, dialect)
        assert tracemalloc.get_traced_memory()[1] < 40 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_a_row_of_many_long_cells_in_many_lines_is_read(tmp_path):
    path = tmp_path / "wide.csv"
    cell = '"' + "line\r\n" * 1_000 + '"'
    path.write_text("Name" + ",Note" * 100 + "\n" + ("Anna," + ",".join([cell] * 100) + "\n") * 2, newline="")
    dialect = reader.recognise(path)
    assert [(number, len(cells)) for number, cells in reader.rows(path, dialect)] == [(2, 101), (3, 101)]
