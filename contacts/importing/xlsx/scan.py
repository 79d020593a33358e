"""A workbook's XML in streams, before a library takes it into memory: which sheets there are, how far one reaches, which cells hold no value."""

import posixpath
import re
from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from contacts.importing import limits
from contacts.importing.xlsx.container import CONTENT_TYPES, WORKBOOK, Container, Problem

ROOT, RELATIONS = "_rels/.rels", "xl/_rels/workbook.xml.rels"
TEXTS, STYLES = "xl/sharedstrings.xml", "xl/styles.xml"
REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
ERRORS = ("#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!")  # those that the library knows
FORMULA = 0  # kinds of cells to look at; the errors are kinds 1, 2, … in their order

Start = Callable[[str, dict[str, str]], None]


def local(name: str) -> str:
    """A name without its prefix."""
    return name.rpartition(":")[2]


def parser_for(start: Start) -> Any:
    """A reader of XML that gives each element to `start`. A document type is refused: nothing that grows or is fetched can be defined without one."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def feed(parser: Any, blocks: Iterable[bytes]) -> None:
    """Run through all of it. Raises Problem."""
    try:
        for block in blocks:
            parser.Parse(block, False)
        parser.Parse(b"", True)
    except expat.ExpatError:
        raise Problem("damaged") from None


def parse(blocks: Iterable[bytes], start: Start) -> None:
    """The two together."""
    feed(parser_for(start), blocks)


def _refuse_doctype(*args: Any) -> None:
    raise Problem("document_type")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of the workbook, and the part that holds it."""

    name: str
    part: str
    hidden: bool


def sheets(container: Container) -> list[Sheet]:
    """The workbook's tables in its order. Looks through the other parts that a library reads, too."""
    parse(container.blocks(CONTENT_TYPES, 10 * limits.MB), lambda name, attributes: None)
    if set(_targets(container, ROOT, "/", "/officeDocument").values()) != {WORKBOOK}:
        raise Problem("damaged")  # a library might open another one than we look through
    targets = _targets(container, RELATIONS, "/xl", "/worksheet")
    found: list[Sheet] = []

    def sheet(name: str, attributes: dict[str, str]) -> None:
        if local(name) == "sheet":
            relation_id = next((value for key, value in attributes.items() if local(key) == "id"), "")
            part = targets.get(relation_id, "")
            if part in container.parts:
                found.append(Sheet(attributes.get("name", ""), part, attributes.get("state", "visible") != "visible"))

    parse(container.blocks(WORKBOOK, 10 * limits.MB), sheet)
    for part, most in ((STYLES, 20 * limits.MB), (TEXTS, limits.LARGEST_TEXTS)):
        if part in container.parts:
            parse(container.blocks(part, most), lambda name, attributes: None)
    return found


def _targets(container: Container, part: str, folder: str, kind: str) -> dict[str, str]:
    """The parts of one kind that a part of relations names, by their ids."""
    if part not in container.parts:
        raise Problem("damaged")
    found: dict[str, str] = {}

    def relation(name: str, attributes: dict[str, str]) -> None:
        if local(name) == "Relationship" and attributes.get("Type", "").endswith(kind):
            found[attributes.get("Id", "")] = posixpath.normpath(posixpath.join(folder, attributes.get("Target", ""))).lstrip("/").lower()

    parse(container.blocks(part, 10 * limits.MB), relation)
    return found


@dataclass(slots=True)
class Extent:
    """How far a sheet reaches, whether any cell has a value, and which cells to look at (see `position`), in order."""

    rows: int = 0
    columns: int = 0
    has_values: bool = False
    suspects: "array[int]" = field(default_factory=lambda: array("Q"))


def position(row: int, column: int, kind: int = 0) -> int:
    """A cell as one number: row from 1, column from 0, and why it is looked at."""
    return row << 20 | column << 4 | kind


def extent(container: Container, sheet: Sheet) -> Extent:
    """Look through a sheet cell by cell without keeping any. Raises Problem when it reaches too far."""
    reader = _CellReader()
    feed(reader.parser, container.blocks(sheet.part))
    found = reader.extent
    if any(found.suspects[n] > found.suspects[n + 1] for n in range(len(found.suspects) - 1)):
        found.suspects = array("Q", sorted(found.suspects))
    return found


class _CellReader:
    """Gets each element of a sheet; fast, as there are millions."""

    def __init__(self) -> None:
        self.parser = parser_for(self.element)
        self.extent = Extent()
        self.row = self.column = 0  # where the last cell stands; column from 1
        self.kind = ""
        self.letters: dict[str, int] = {}

    def element(self, name: str, attributes: dict[str, str]) -> None:
        """Take one."""
        name = name.rpartition(":")[2]
        if name == "c":
            self._cell(attributes.get("r"), attributes.get("t", ""))
        elif name == "row":
            self.row, self.column = self._row(attributes.get("r")), 0
        elif name in {"v", "is"}:
            self.extent.has_values = True
            if self.kind == "e" and name == "v":
                self.parser.CharacterDataHandler = self._error
        elif name == "f":
            self.extent.has_values = True
            if self.kind != "str":  # a formula whose value is a text has it, even an empty one
                self.extent.suspects.append(position(self.row, self.column - 1, FORMULA))

    def _row(self, told: str | None) -> int:
        if told is None:
            return self.row + 1
        if not told.isascii() or not told.isdigit() or len(told) > 7:
            raise Problem("damaged")
        return int(told)

    def _cell(self, told: str | None, kind: str) -> None:
        self.kind = kind
        if self.parser.CharacterDataHandler:
            self.parser.CharacterDataHandler = None
        if told is None:
            self.column += 1
        else:
            self._go_to(told)
        found = self.extent
        if self.row > found.rows or self.column > found.columns:
            found.rows, found.columns = max(found.rows, self.row), max(found.columns, self.column)
            _check_extent(found)

    def _go_to(self, told: str) -> None:
        letters = told.rstrip("0123456789")
        column = self.letters.get(letters)
        if column is None:
            if not REFERENCE.fullmatch(told):
                raise Problem("damaged")
            column = 0
            for letter in letters:
                column = column * 26 + ord(letter) - ord("A") + 1
            self.letters[letters] = column
        self.column = column
        digits = told[len(letters) :]
        if len(digits) > 7 or not digits:
            raise Problem("damaged")
        self.row = int(digits)

    def _error(self, text: str) -> None:
        if text not in ERRORS:
            raise Problem("unknown_error", row=self.row, column=self.column - 1, error=text[:20])
        self.extent.suspects.append(position(self.row, self.column - 1, ERRORS.index(text) + 1))
        self.parser.CharacterDataHandler = None


def _check_extent(found: Extent) -> None:
    if found.rows > limits.MOST_ROWS + 1:
        raise Problem("too_many_rows", row=found.rows)
    if found.columns > limits.MOST_COLUMNS:
        raise Problem("too_many_columns", column=found.columns)
    if found.rows * found.columns > limits.MOST_CELLS:
        raise Problem("too_many_cells", rows=found.rows, columns=found.columns)
