"""Text as XML may hold it."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: object) -> str:
    """Return `text` without the characters that XML forbids, escaped."""
    return escape(_ILLEGAL.sub("", str(text)))


def element(name: str, value: object) -> str:
    return f"<{name}/>" if value in (None, "") else f"<{name}>{clean(value)}</{name}>"


def attributes(**values: object) -> str:
    """Return ` name="value"` for each, ready to stand in a start tag."""
    return "".join(f" {name}={quoteattr(_ILLEGAL.sub('', str(value)))}" for name, value in values.items())
