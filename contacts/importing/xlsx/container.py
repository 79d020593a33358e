"""The archive that a workbook is: which parts it has, and their bytes, counted while they unpack."""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from contacts.importing import limits

END = b"PK\x05\x06"
END_SIZE = 22
LONGEST_COMMENT = 65_535
LOCAL_HEADER = struct.Struct("<4s5H3L2H")
LARGEST_DIRECTORY = limits.MOST_PARTS * 512  # bytes of the list of parts
BLOCK = 64 * 1024
WORKBOOK, CONTENT_TYPES = "xl/workbook.xml", "[content_types].xml"  # names of parts are compared without case
STORED, DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED


class Problem(Exception):
    """Why the workbook cannot be read: a code, and facts for its sentence."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


class Container:
    """An opened archive. Sizes that it tells of itself are never trusted: each part is counted anew while it unpacks."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("rb")
        _check_directory(self.file)
        try:
            parts = zipfile.ZipFile(self.file).infolist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError, struct.error):
            raise Problem("damaged") from None
        self.parts = {part.filename.lower(): part for part in parts}
        self._check(parts)

    def _check(self, parts: list[zipfile.ZipInfo]) -> None:
        if len(parts) > limits.MOST_PARTS:
            raise Problem("too_many_parts")
        if len(self.parts) < len(parts):
            raise Problem("damaged")  # two parts of one name: two readers might see two different workbooks
        if sum(part.file_size for part in parts) > limits.LARGEST_UNPACKED:
            raise Problem("unpacks_too_large")
        if any(part.flag_bits & 1 for part in parts):
            raise Problem("encrypted")
        if WORKBOOK not in self.parts or CONTENT_TYPES not in self.parts:
            raise Problem("no_workbook", parts=sorted(self.parts)[:20])

    def text(self, name: str, most: int = 10 * limits.MB) -> bytes:
        """A small part as a whole."""
        return b"".join(self.blocks(name, most))

    def blocks(self, name: str, most: int = limits.LARGEST_UNPACKED) -> Iterator[bytes]:
        """A part's bytes in blocks. Raises Problem as soon as there are too many of them, or not as many as the list of parts says."""
        part = self.parts[name]
        if part.compress_type not in (STORED, DEFLATED):
            raise Problem("damaged")
        size = 0
        for block in self._unpacked(part):
            size += len(block)
            if size > most or (size > limits.RATIO_COUNTS_FROM and size > part.compress_size * limits.HIGHEST_RATIO):
                raise Problem("unpacks_too_large")
            if size > part.file_size:
                raise Problem("damaged")
            yield block
        if size != part.file_size:
            raise Problem("damaged")

    def _unpacked(self, part: zipfile.ZipInfo) -> Iterator[bytes]:
        """Unpacked here and not by zipfile, which stops at the size that the archive claims: another reader would go on."""
        packed = self._packed(part)
        if part.compress_type == STORED:
            yield from packed
            return
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            for block in packed:
                while block:
                    yield inflate.decompress(block, BLOCK)
                    block = inflate.unconsumed_tail
            yield inflate.flush()
        except zlib.error:
            raise Problem("damaged") from None
        if not inflate.eof or inflate.unused_data:
            raise Problem("damaged")

    def _packed(self, part: zipfile.ZipInfo) -> Iterator[bytes]:
        self.file.seek(part.header_offset)
        header = self.file.read(LOCAL_HEADER.size)
        if len(header) < LOCAL_HEADER.size or not header.startswith(b"PK\x03\x04"):
            raise Problem("damaged")
        fields = LOCAL_HEADER.unpack(header)
        at = part.header_offset + LOCAL_HEADER.size + fields[-2] + fields[-1]
        left = part.compress_size
        while left:
            self.file.seek(at)  # a caller may have read another part meanwhile
            block = self.file.read(min(BLOCK, left))
            if not block:
                raise Problem("damaged")
            at, left = at + len(block), left - len(block)
            yield block


def _check_directory(file: IO[bytes]) -> None:
    """Before zipfile reads the list of parts: it would take a list of any length into memory."""
    size = file.seek(0, 2)
    file.seek(max(0, size - END_SIZE - LONGEST_COMMENT))
    tail = file.read()
    at = tail.rfind(END)
    if at < 0 or len(tail) - at < END_SIZE:
        raise Problem("damaged")
    _disk, _start, _here, count, directory = struct.unpack_from("<4HL", tail, at + 4)
    if count > limits.MOST_PARTS or directory > LARGEST_DIRECTORY:  # an archive for more (zip64) has their highest values here
        raise Problem("too_many_parts")
