"""Compile what the public pages say in other languages: from .po, as people edit it, to .mo.

Done at every start by babel, so that nobody needs GNU gettext and no binary file is in the repository.
"""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings

SOURCE = settings.BASE_DIR / "locale"


def compile_translations() -> int:
    """Bring settings.LOCALE_PATHS up to date; return how many files had changed."""
    target = Path(settings.LOCALE_PATHS[0])
    written = 0
    for source in sorted(SOURCE.glob("*/LC_MESSAGES/django.po")):
        compiled = (target / source.relative_to(SOURCE)).with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as file:
            catalog = read_po(file, locale=source.parts[-3])
        compiled.parent.mkdir(parents=True, exist_ok=True)
        unfinished = compiled.with_suffix(".tmp")  # another process may read at this moment
        with unfinished.open("wb") as file:
            write_mo(file, catalog)
        unfinished.replace(compiled)
        written += 1
    return written
