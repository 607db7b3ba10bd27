"""Prove that bytes are a picture, and get it as WebP in the widths that pages need.

What a server says about a type or a size counts for nothing: the bytes are decoded (`drawing`). A
large picture is decoded by a process of its own, so that neither workers nor web processes grow by it.
"""

import fcntl
import hashlib
import json
import subprocess
import sys
from collections.abc import Sequence
from functools import cached_property

from django.conf import settings

from catalog.pictures.drawing import WIDTHS, PictureError, Rendition, draw, measure

__all__ = ["MAX_BYTES", "WIDTHS", "Picture", "PictureError", "Rendition", "render"]

MAX_BYTES = 10 * 1024 * 1024
LARGE = 100_000_000  # bytes of memory from which on a picture is drawn by a process of its own
MOST = 1_400_000_000  # bytes of memory for that process, its code included
SECONDS = 20


class Picture:
    """Bytes that claim to be a picture; `digest` names them whatever their address."""

    def __init__(self, data: bytes) -> None:
        self.digest = hashlib.sha256(data).hexdigest()
        self._data = data

    @cached_property
    def renditions(self) -> list[Rendition]:
        """The picture in up to three widths, narrowest first. Raises PictureError."""
        renditions = render(self._data)
        self._data = b""  # ten megabytes that nobody needs any more
        return renditions


def render(data: bytes, widths: Sequence[int] = WIDTHS) -> list[Rendition]:
    """Return the picture as `drawing.draw` does. Raises PictureError, also for more than 10 MB."""
    if len(data) > MAX_BYTES:
        raise PictureError(f"It is larger than {MAX_BYTES >> 20} MB.")
    if not data:
        raise PictureError("Nothing came.")
    return draw(data, widths) if measure(data) <= LARGE else _draw_apart(data, widths)


def _draw_apart(data: bytes, widths: Sequence[int]) -> list[Rendition]:
    """Draw in a process that ends afterwards; one at a time on this machine, so that they cannot add up."""
    command = [sys.executable, "-m", "catalog.pictures.drawing", str(MOST), *map(str, widths)]
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    with (settings.VAR_DIR / "large-picture.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            done = subprocess.run(  # noqa: S603 our own code, with numbers as arguments
                command, input=data, capture_output=True, cwd=settings.BASE_DIR, timeout=SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            raise PictureError("It takes too long to read.") from None
    if done.returncode:
        # Without a word of its own the process was ended from outside: memory or time ran out.
        raise PictureError(done.stdout.decode() or "It takes too much memory to read.")
    sizes, _, rest = done.stdout.partition(b"\n")
    renditions = []
    for width, height, length in json.loads(sizes):
        renditions.append(Rendition(width, height, rest[:length]))
        rest = rest[length:]
    return renditions
