"""Decode a picture and draw it anew as WebP in the widths that pages need.

What is drawn anew carries no EXIF, no place, no thumbnail and nothing behind the end of the picture. Needs
nothing but Pillow: for large pictures, `catalog.pictures.picture` runs this module as a process of its own.
"""

import io
import json
import resource
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import Image, ImageCms

MAX_MEGAPIXELS = 50
# Bytes of memory that a pixel costs at most until it is drawn, as measured: JPEG is decoded small, but one
# that comes in ever finer scans is held whole; Pillow has a WebP four times over.
BYTES_PER_PIXEL = {"JPEG": 4, "MPO": 4, "PNG": 7, "GIF": 4, "AVIF": 10, "WEBP": 17}
PROGRESSIVE = 10
JPEGS = ("JPEG", "MPO")  # a camera puts more views of the same thing behind the first, and calls it MPO
MIN_SIDE = 16  # what is smaller counts visitors or draws lines
WIDTHS = (320, 640, 1280)
LONGEST = 20  # times as long as the other side
TALLEST = 2  # times as high as wide
QUALITY = 82
EXIF_ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
STRIP = 512  # rows that are shrunk at once
CPU_SECONDS = 60  # of a child process whose parent has died


class PictureError(ValueError):
    """A sentence on why these bytes cannot be shown as a picture."""


@dataclass(frozen=True, slots=True)
class Rendition:
    """A picture as WebP, in one width."""

    width: int
    height: int
    data: bytes


def draw(data: bytes, widths: Sequence[int] = WIDTHS) -> list[Rendition]:
    """Return the picture as WebP in these widths, narrowest first; the last is its own where it is narrower.

    It is turned upright by its EXIF data, brought to sRGB and never enlarged. Raises PictureError with a
    sentence for the user where the bytes are no picture, too large, too small or animated.
    """
    with _in_words(data):
        picture = _decode(data, widths[-1])
        return [_encode(picture, width) for width in _useful(widths, picture)]


def measure(data: bytes) -> int:
    """Return how many bytes of memory `draw` needs at most, by the header alone. Raises PictureError."""
    with _in_words(data), _open(data) as picture:
        _check(picture)
        each = PROGRESSIVE if picture.info.get("progressive") else BYTES_PER_PIXEL[str(picture.format)]
        return picture.width * picture.height * each


@contextmanager
def _in_words(data: bytes) -> Iterator[None]:
    """Turn what Pillow says of hostile bytes into a sentence."""
    try:
        with warnings.catch_warnings(action="ignore"):  # broken EXIF and the like, which is dropped anyway
            yield
            return
    except (PictureError, MemoryError):
        raise
    except Image.DecompressionBombError:
        problem = "It has far too many pixels."
    except Exception:  # noqa: BLE001 Pillow raises a dozen kinds of error
        problem = _what_instead(data)
    raise PictureError(problem)


def _open(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "GIF", "AVIF", "WEBP"))


def _decode(data: bytes, width: int) -> Image.Image:
    """Return the picture upright, in sRGB, and no larger than `width` allows."""
    with _open(data) as picture:
        _check(picture)
        turn = TURNS.get(picture.getexif().get(EXIF_ORIENTATION, 1))
        profile = picture.info.get("icc_profile")
        if picture.format in JPEGS:
            picture.draft(None, (width * TALLEST, width * TALLEST))
        small = _shrunk(picture, width * TALLEST)
    if turn is not None:
        small = small.transpose(turn)
    small = _in_srgb(small, profile)
    small.thumbnail((width, width * TALLEST), Image.Resampling.LANCZOS)
    return small


def _check(picture: Image.Image) -> None:
    """Refuse by the header, before anything is decoded."""
    if picture.width * picture.height > MAX_MEGAPIXELS * 1_000_000:
        raise PictureError(
            f"It has {picture.width:,} × {picture.height:,} pixels. "
            f"At most {MAX_MEGAPIXELS} megapixels can be read."
        )
    if min(picture.size) < MIN_SIDE:
        raise PictureError(f"It has only {picture.width} × {picture.height} pixels.")
    if max(picture.size) > LONGEST * min(picture.size):
        raise PictureError(f"It is {picture.width:,} × {picture.height:,} pixels: a line, not a picture.")
    if picture.format not in JPEGS and getattr(picture, "is_animated", False):
        raise PictureError("It is animated.")


def _shrunk(picture: Image.Image, side: int) -> Image.Image:
    """Return a copy with plain colours, at least `side` in its longer side if it was.

    Strip by strip: a second copy of a large picture would take too much memory.
    """
    picture.load()
    factor = max(1, max(picture.size) // side)
    mode = "CMYK" if picture.mode == "CMYK" else "RGBA" if _has_alpha(picture) else "RGB"
    small = Image.new(mode, (-(-picture.width // factor), -(-picture.height // factor)))
    rows = STRIP * factor
    for top in range(0, picture.height, rows):
        strip = picture.crop((0, top, picture.width, min(top + rows, picture.height)))
        if strip.mode.startswith(("I", "F")):  # 16 bits a pixel
            strip = strip.convert("I").point(lambda value: value * (1 / 256)).convert("L")
        strip = strip.convert(mode)
        small.paste(strip.reduce(factor) if factor > 1 else strip, (0, top // factor))
    return small


def _has_alpha(picture: Image.Image) -> bool:
    return picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    target = "RGBA" if picture.mode == "RGBA" else "RGB"
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            srgb = ImageCms.createProfile("sRGB")
            turned = ImageCms.profileToProfile(picture, source, srgb, outputMode=target)
            if turned is not None:  # it only changes the picture in its place when asked to
                return turned
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a broken profile, or one of another kind of colours: most are close to sRGB
    return picture.convert(target)


def _useful(widths: Sequence[int], picture: Image.Image) -> list[int]:
    """Return the widths up to the picture's own."""
    narrower = [width for width in widths if width < picture.width]
    return narrower if len(narrower) == len(widths) else [*narrower, picture.width]


def _encode(picture: Image.Image, width: int) -> Rendition:
    size = (width, max(1, round(picture.height * width / picture.width)))
    copy = picture if size == picture.size else picture.resize(size, Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    copy.save(buffer, "WEBP", quality=QUALITY, method=3, exif=b"", icc_profile=b"", xmp=b"")
    return Rendition(copy.width, copy.height, buffer.getvalue())


def _what_instead(data: bytes) -> str:
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<svg", b"<?xml")) and b"<svg" in data[:4096].lower():
        return "It is an SVG file: a program, not a picture."
    if head.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "A web page came instead of a picture."
    if head.startswith((b"\xff\xd8\xff", b"\x89png", b"gif8", b"riff")) or head[4:8] == b"ftyp":
        return "The picture is cut off or damaged."
    return "It is not a JPEG, PNG, WebP, AVIF or GIF picture."


def main() -> None:
    """Draw the picture of the standard input, with little memory and time: what a child process does.

    Arguments: bytes of memory, widths. Answers a line of JSON and the bytes of the renditions; or, with exit
    code 1, the sentence of a PictureError.
    """
    memory, *widths = map(int, sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    try:
        renditions = draw(sys.stdin.buffer.read(), widths)
    except (PictureError, MemoryError) as error:
        sys.stdout.write(str(error) or "It takes too much memory to read.")
        sys.exit(1)
    sizes = [(each.width, each.height, len(each.data)) for each in renditions]
    sys.stdout.buffer.write(json.dumps(sizes).encode() + b"\n")
    for each in renditions:
        sys.stdout.buffer.write(each.data)


if __name__ == "__main__":
    main()
