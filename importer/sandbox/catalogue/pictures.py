"""Pictures of products that do not exist, drawn when they are asked for."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from unicodedata import normalize

from PIL import Image, ImageDraw, ImageFont

from importer.sandbox.catalogue.shapes import draw_family
from importer.sandbox.catalogue.vocabulary import COLOURS

SIZE = 640
_SCALE = 2  # drawn larger, then shrunk: smooth edges
_BACKDROPS = ("#eef2f7", "#f6efe6", "#e9f3ee", "#f3ecf5", "#eaf1fb", "#f4f4f1")


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _blend(one: tuple[int, int, int], other: tuple[int, int, int], share: float) -> tuple[int, int, int]:
    return tuple(round(a + (b - a) * share) for a, b in zip(one, other, strict=True))


@lru_cache(maxsize=64)
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.load_default(size)


def _lettering(text: str) -> str:
    """Return the text in letters that Pillow's own font has: "Küchen" would show a box."""
    return normalize("NFKD", text).encode("ascii", "ignore").decode()


def _backdrop(colour: str) -> Image.Image:
    """A soft studio wall: light above, the colour below, a shadow where things stand."""
    column = Image.new("RGB", (1, 64))
    for y in range(64):
        column.putpixel((0, y), _blend((255, 255, 255), _rgb(colour), y / 63))
    return column.resize((SIZE * _SCALE, SIZE * _SCALE), Image.Resampling.BILINEAR)


@lru_cache(maxsize=256)
def product(family: str, brand: str, colour: int, backdrop: int, view: int, kind: str) -> bytes:
    """Return the picture as JPEG or PNG bytes; `view` 2 and 3 are the same thing seen otherwise."""
    picture = _backdrop(_BACKDROPS[(backdrop + view) % len(_BACKDROPS)])
    draw = ImageDraw.Draw(picture)
    side = SIZE * _SCALE
    base = _rgb(COLOURS[colour][1])
    shadow = _blend(_rgb(_BACKDROPS[(backdrop + view) % len(_BACKDROPS)]), (60, 66, 78), 0.16)
    draw.ellipse((side * 0.2, side * 0.735, side * 0.8, side * 0.815), fill=shadow)
    light, dark = _blend(base, (255, 255, 255), 0.35), _blend(base, (0, 0, 0), 0.35)
    draw_family(draw, side, family, (base, light, dark))
    if view == 2:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    elif view == 3:
        picture = picture.crop((side // 6, side // 6, side * 5 // 6, side * 5 // 6))
    picture = picture.reduce(_SCALE) if view < 3 else picture.resize((SIZE, SIZE), Image.Resampling.BOX)
    draw = ImageDraw.Draw(picture)
    draw.text(
        (SIZE / 2, SIZE * 0.905), _lettering(brand.upper()), fill=(92, 98, 112), font=_font(26), anchor="mm"
    )
    return _encode(picture, kind)


@lru_cache(maxsize=64)
def logo(name: str, colour: str) -> bytes:
    """Return a shop's logo as PNG: its name on its colour."""
    name = _lettering(name)
    picture = Image.new("RGB", (480, 160), colour)
    draw = ImageDraw.Draw(picture)
    size = 84
    while size > 20 and draw.textlength(name, font=_font(size)) > 420:
        size -= 4
    draw.text((240, 80), name, fill="white", font=_font(size), anchor="mm")
    return _encode(picture, "PNG")


@lru_cache(maxsize=1)
def placeholder() -> bytes:
    """Return the one picture that shops send for everything they have no picture of."""
    picture = Image.new("RGB", (SIZE, SIZE), "#eceff3")
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((220, 240, 420, 380), 16, outline="#b8c0cc", width=8)
    draw.ellipse((285, 275, 355, 345), outline="#b8c0cc", width=8)
    draw.text((SIZE / 2, 440), "no image", fill="#8b95a5", font=_font(30), anchor="mm")
    return _encode(picture, "PNG")


def _encode(picture: Image.Image, kind: str) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, kind, **({"quality": 86} if kind == "JPEG" else {"optimize": False}))
    return buffer.getvalue()
