"""The file of a backup: a tar of its parts, which ends in a manifest that proves the rest."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any, Self

FORMAT = 1
MANIFEST = "manifest.json"
MAX_MANIFEST = 10 * 2**20
BLOCK = 2**20
CUT = "{path} is cut short, or no backup of this site. Nothing was changed."


class BackupError(Exception):
    """A sentence on why a backup cannot be made or put back."""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a backup says of itself. `digest` is over the names, sizes and bytes of all other members."""

    format: int = FORMAT
    created_at: str = ""
    version: str = ""  # of the software
    site_url: str = ""
    postgres: int = 0  # the server's major version
    migrations: dict[str, list[str]] = field(default_factory=dict)
    tables: dict[str, int] = field(default_factory=dict)  # rows of each
    has_keys: bool = False
    file_count: int = 0  # of the media folder
    member_count: int = 0
    digest: str = ""

    @classmethod
    def from_json(cls, values: Any) -> Self:
        known = cls.__dataclass_fields__
        return cls(**{name: value for name, value in values.items() if name in known})


class Writer:
    """Writes a backup to `path`, readable for its owner alone; it has that name only once it is whole."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._draft = path.with_name(f".{path.name}.part")
        self._digest, self._count = hashlib.sha256(), 0

    def __enter__(self) -> Self:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        except OSError as error:
            raise BackupError(f"{self.path} cannot be written ({error.strerror}).") from error
        self._file = os.fdopen(descriptor, "wb")
        self._tar = tarfile.open(fileobj=self._file, mode="w|", format=tarfile.PAX_FORMAT)  # noqa: SIM115
        return self

    def __exit__(self, kind: type | None, *_: object) -> None:
        self._file.close()
        self._draft.unlink(missing_ok=True)

    def add(self, name: str, source: IO[bytes], size: int) -> None:
        """Add the first `size` bytes of `source`. Raises BackupError where there are fewer."""
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, 0o600
        self._count += 1
        try:
            self._tar.addfile(info, _Hashed(source, _begin(self._digest, name, size)))  # type: ignore[arg-type]
        except OSError as error:
            raise BackupError(f"{name} could not be added: {error.strerror or error}.") from error

    def add_bytes(self, name: str, data: bytes) -> None:
        self.add(name, io.BytesIO(data), len(data))

    def finish(self, manifest: dict[str, Any]) -> Manifest:
        """End the file with its manifest and give it its name; return the manifest."""
        whole = Manifest(**manifest, member_count=self._count, digest=self._digest.hexdigest())
        text = json.dumps(asdict(whole), indent=1).encode()
        info = tarfile.TarInfo(MANIFEST)
        info.size, info.mode = len(text), 0o600
        try:
            self._tar.addfile(info, io.BytesIO(text))
            self._tar.close()
            self._file.flush()
            os.fsync(self._file.fileno())
            self._draft.replace(self.path)
        except OSError as error:
            raise BackupError(f"{self.path} could not be finished: {error.strerror or error}.") from error
        return whole


def read_manifest(path: Path) -> Manifest:
    """Read the whole file and return its manifest. Raises BackupError unless it is whole and unchanged."""
    digest, count, text = hashlib.sha256(), 0, b""
    for info, source in members(path):
        if info.name == MANIFEST:
            text = source.read(MAX_MANIFEST)
            continue
        if text:
            raise BackupError(f"{path} goes on after its end: it is no backup of this site.")
        count += 1
        hashed = _Hashed(source, _begin(digest, info.name, info.size))
        while hashed.read(BLOCK):
            pass
    if not text:
        raise BackupError(CUT.format(path=path))
    try:
        manifest = Manifest.from_json(json.loads(text))
    except (ValueError, TypeError, AttributeError) as error:
        raise BackupError(f"{path} has a manifest that cannot be read. Nothing was changed.") from error
    if manifest.format != FORMAT:
        raise BackupError(f"{path} was made by a newer version of this software. Nothing was changed.")
    if (manifest.member_count, manifest.digest) != (count, digest.hexdigest()):
        raise BackupError(f"{path} is damaged: it is not what was written. Nothing was changed.")
    return manifest


def members(path: Path) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    """Yield each member with its bytes, to be read before the next. Raises BackupError where it ends."""
    try:
        with tarfile.open(path, "r|") as tar:
            for info in tar:
                source = tar.extractfile(info)
                if source is None or not is_plain(info.name):
                    raise BackupError(
                        f"{path} holds “{info.name}”, which is no plain file. Nothing was changed."
                    )
                yield info, _Source(source, path)  # type: ignore[misc]  # what is asked of it is `read`
    except FileNotFoundError:
        raise BackupError(f"There is no {path}.") from None
    except (tarfile.TarError, OSError, EOFError) as error:
        raise BackupError(CUT.format(path=path)) from error


def is_plain(name: str) -> bool:
    """Tell whether a member's name leads nowhere but below the folder it is put in."""
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts and "\\" not in name


def _begin(digest: Any, name: str, size: int) -> Any:
    digest.update(f"{name}\0{size}\0".encode("utf-8", "surrogateescape"))
    return digest


class _Source:
    """A member that may end early, as the file may: its reader hears of it in words."""

    def __init__(self, source: IO[bytes], path: Path) -> None:
        self._source, self._path = source, path

    def read(self, size: int = -1) -> bytes:
        try:
            return self._source.read(size)
        except (tarfile.TarError, OSError, EOFError) as error:
            raise BackupError(CUT.format(path=self._path)) from error


class _Hashed:
    """A file whose bytes go through a digest as they are read."""

    def __init__(self, source: IO[bytes], digest: Any) -> None:
        self._source, self._digest = source, digest

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size)
        self._digest.update(data)
        return data
