"""The bytes of an import's file, kept in the database in pieces, read as one seekable file."""

import hashlib
import io
from typing import BinaryIO, Final, cast

from contacts.models import Import, ImportPart
from fluenzr_site.core.saying import say

PART_BYTES: Final = 1024 * 1024


class TooLarge(Exception):
    """The file is larger than an upload may be."""


def store_parts(source: Import, file: BinaryIO, *, most: int) -> None:
    """Copy the file into parts; sets ``size`` and ``digest``. Raises TooLarge past ``most`` bytes."""
    digest, size, number = hashlib.sha256(), 0, 0
    while data := file.read(PART_BYTES):
        size += len(data)
        if size > most:
            raise TooLarge(say("The file is larger than %(most)s MB", most=str(most // PART_BYTES)))
        digest.update(data)
        ImportPart.objects.create(source=source, number=number, data=data)
        number += 1
    source.size, source.digest = size, digest.hexdigest()


class _Parts(io.RawIOBase):
    """Reads the parts in order, one in memory at a time."""

    def __init__(self, source_id: str, size: int) -> None:
        self._source_id, self._size = source_id, size
        self._position = 0
        self._number, self._data = -1, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if self._position >= self._size:
            return 0
        number, start = divmod(self._position, PART_BYTES)
        piece = self._part(number)[start : start + len(buffer)]
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def _part(self, number: int) -> bytes:
        if number != self._number:
            part = ImportPart.objects.get(source_id=self._source_id, number=number)
            self._number, self._data = number, bytes(part.data)
        return self._data


def open_parts(source: Import) -> BinaryIO:
    """The file from its start."""
    raw = _Parts(source.pk, source.size)
    return cast(BinaryIO, io.BufferedReader(raw, buffer_size=PART_BYTES))


def forget_parts(source: Import) -> None:
    """Drop the file of an import that has ended: nobody reads it again, and it holds people's data."""
    ImportPart.objects.filter(source=source).delete()
