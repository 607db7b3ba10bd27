"""The packed download of a feed on disk: a sync that must try again need not fetch it again."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

KEPT_FOR = 2 * 24 * 3600  # seconds; what is older is nobody's any more
PACKED = (b"\x1f\x8b", b"PK\x03\x04")


class KeptFile:
    """One feed's download in a folder of such files that hold no more than `max_bytes` together.

    Only files that came packed are kept, as they came: nothing is ever unpacked to disk. A disk that is full,
    or not there, only means that nothing is kept.
    """

    def __init__(self, folder: Path, name: str, max_bytes: int) -> None:
        self._folder, self._max_bytes = folder, max_bytes
        self._data, self._about = folder / f"{name}.packed", folder / f"{name}.json"

    @property
    def version(self) -> dict[str, str]:
        """What the network calls the version that is kept; {} when none is, or not whole."""
        try:
            about = json.loads(self._about.read_text())
            return about["version"] if about["size"] == self._data.stat().st_size else {}
        except (OSError, ValueError, KeyError, TypeError):
            return {}

    @contextmanager
    def open(self) -> Iterator[KeptStream]:
        """Open the kept file in place of the download. Raises OSError."""
        about = json.loads(self._about.read_text())
        with self._data.open("rb") as file:
            yield KeptStream(file, about["size"], about["content_type"])

    def drop(self) -> None:
        """Forget the file."""
        for path in (self._about, self._data):
            with suppress(OSError):
                path.unlink(missing_ok=True)

    @contextmanager
    def keeping(self) -> Iterator[Keeper]:
        """Yield what takes the pieces of a download; unless it is finished, nothing of them is left."""
        keeper = Keeper(self._make_room())
        try:
            yield keeper
        finally:
            keeper.close()

    def adopt(self, keeper: Keeper, version: Mapping[str, str], content_type: str) -> None:
        """Make a finished download the kept file. Killed at any line, it is either that or none."""
        path, size = keeper.take()
        if path is None:
            return
        with suppress(OSError):
            self._about.unlink(missing_ok=True)
            path.replace(self._data)
            about = {"version": dict(version), "size": size, "content_type": content_type}
            draft = self._about.with_suffix(f".{os.getpid()}.part")
            draft.write_text(json.dumps(about))
            draft.replace(self._about)

    def _make_room(self) -> tuple[Path, int]:
        """Delete what is too old; return the folder and how many bytes may still go there."""
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            used = 0
            for path in self._folder.iterdir():
                with suppress(FileNotFoundError):
                    stat = path.stat()
                    if stat.st_mtime < time.time() - KEPT_FOR:
                        path.unlink()
                    elif path != self._data:  # it will be replaced
                        used += stat.st_size
            return self._folder, self._max_bytes - used
        return self._folder, 0


class Keeper:
    """Writes the pieces of a download beside their reading, for as long as there is room."""

    def __init__(self, room: tuple[Path, int]) -> None:
        self._folder, self._left = room
        self._file: tempfile._TemporaryFileWrapper[bytes] | None = None
        self._size = 0
        self.is_on = self._left > 0

    def add(self, data: bytes) -> None:
        if not self.is_on or not data:
            return
        if self._file is None and not data.startswith(PACKED):
            self.is_on = False
            return
        self._size += len(data)
        try:
            if self._size > self._left:
                raise OSError("no room")
            if self._file is None:
                self._file = tempfile.NamedTemporaryFile(dir=self._folder, suffix=".part", delete=False)  # noqa: SIM115 closed in `close`
            self._file.write(data)
        except OSError:
            self.close()

    def take(self) -> tuple[Path | None, int]:
        """Return the whole file and its size; None where it could not be kept."""
        if not self.is_on or self._file is None:
            return None, 0
        try:
            self._file.close()
        except OSError:
            self.close()
            return None, 0
        path, self._file = Path(self._file.name), None
        return path, self._size

    def close(self) -> None:
        self.is_on = False
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            with suppress(OSError):
                Path(self._file.name).unlink(missing_ok=True)
            self._file = None


class KeptStream:
    """A kept file, read like the download it was (`importer.http.client.Stream`)."""

    def __init__(self, file: BinaryIO, size: int, content_type: str) -> None:
        self._file = file
        self.bytes_total = size
        self.headers = {"Content-Type": content_type}

    def read(self, size: int) -> bytes:
        return self._file.read(size)

    @property
    def bytes_read(self) -> int:
        return self._file.tell()
