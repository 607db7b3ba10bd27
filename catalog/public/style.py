"""The one style sheet of the public pages: tokens, charts, css/public/ and the site's accent colour.

One file, so that a page can be read after two requests. Its name holds a digest of what is in it: browsers
keep it for a year, and a new colour is a new name.
"""

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.urls import reverse

from catalog.lib.colour import DEFAULT_ACCENT, accent_tokens
from catalog.models import SiteSettings

FILES = (
    "css/tokens.css",
    "css/chart.css",
    *(
        f"css/public/{name}.css"
        for name in (
            *("frame", "search", "lists", "cards", "product", "alerts", "compare", "text", "guides"),
            "screens",
        )
    ),
)


@dataclass(frozen=True, slots=True)
class Sheet:
    digest: str
    css: bytes
    compressed: bytes


def style_url(site: SiteSettings) -> str:
    """Return the address of the style sheet as it is now."""
    return reverse("public:style", args=[get_sheet(site.accent).digest])


def get_sheet(accent: str) -> Sheet:
    """Return the style sheet with an accent colour; made once in each process."""
    return _make_sheet.__wrapped__(accent) if settings.DEBUG else _make_sheet(accent)


@lru_cache(maxsize=8)
def _make_sheet(accent: str) -> Sheet:
    css = "".join(_read(name) for name in FILES)
    if accent != DEFAULT_ACCENT:
        light, dark = (
            "".join(f"--{name}:{value};" for name, value in tokens.items())
            for tokens in accent_tokens(accent)
        )
        css += f":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}"
    content = css.encode()
    return Sheet(hashlib.sha256(content).hexdigest()[:16], content, gzip.compress(content, 9, mtime=0))


def _read(name: str) -> str:
    css = Path(str(finders.find(name))).read_text(encoding="utf-8")
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r'url\("(?:\.\./)+([^"]+)"\)', lambda match: f'url("{static(match[1])}")', css)
    return re.sub(r"\s*\n\s*", "\n", css)
