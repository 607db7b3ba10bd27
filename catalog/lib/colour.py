"""Colours: what can be read on what (WCAG 2.2, 1.4.3), and the shades of the site's accent colour."""

import re

from django.core.exceptions import ValidationError

DEFAULT_ACCENT = "#3b50d9"
READABLE = 4.5
WHITE, BLACK = "#ffffff", "#000000"
# The grounds of text in tokens.css, where the contrast is least.
LIGHT_GROUND, DARK_GROUND = "#eef0f4", "#262c3c"

Rgb = tuple[float, float, float]


def contrast(first: str, second: str) -> float:
    """Return how far two colours ("#3b50d9") lie apart in lightness, from 1 to 21.

    >>> contrast("#ffffff", "#000000")
    21.0
    """
    darker, lighter = sorted((_luminance(first), _luminance(second)))
    return round((lighter + 0.05) / (darker + 0.05), 2)


def mix(colour: str, other: str, share: float) -> str:
    """Return a colour with a share (0 to 1) of another in it."""
    pairs = zip(_rgb(colour), _rgb(other), strict=True)
    return "#" + "".join(f"{round(one + (two - one) * share):02x}" for one, two in pairs)


def readable_on(colour: str, ground: str, towards: str) -> str:
    """Return the colour with as little of `towards` as makes it readable as text on the ground."""
    shades = (mix(colour, towards, step / 20) for step in range(21))
    return next((shade for shade in shades if contrast(shade, ground) >= READABLE), towards)


def validate_accent(colour: str) -> None:
    """Refuse what is not a colour, and one on which white text cannot be read."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise ValidationError("Write the colour as # and six digits, like #3b50d9.", code="colour")
    if (found := contrast(colour, WHITE)) < READABLE:
        better = readable_on(colour, WHITE, BLACK)
        raise ValidationError(
            "White text on this colour is hard to read (contrast %(found)s, at least 4.5 is needed). "
            "A darker one like %(better)s works.",
            code="contrast",
            params={"found": found, "better": better},
        )


def accent_tokens(accent: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return what an accent colour changes of tokens.css: in light mode, in dark mode."""
    soft, dark_soft = mix(accent, WHITE, 0.88), mix(accent, DARK_GROUND, 0.7)
    dark_link = readable_on(readable_on(accent, DARK_GROUND, WHITE), dark_soft, WHITE)
    light = {
        "accent": accent,
        "accent-hover": mix(accent, BLACK, 0.18),
        "accent-soft": soft,
        "link": readable_on(readable_on(accent, LIGHT_GROUND, BLACK), soft, BLACK),
        "focus": accent,
    }
    dark = {
        "accent": accent,
        "accent-hover": mix(accent, BLACK, 0.12),
        "accent-soft": dark_soft,
        "link": dark_link,
        "focus": dark_link,
    }
    return light, dark


def _rgb(colour: str) -> Rgb:
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return red, green, blue


def _luminance(colour: str) -> float:
    parts = (part / 255 for part in _rgb(colour))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
