"""Secrets stay out of sentences and logs."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus


class Redactor:
    """Replace secrets in any text, also where they were encoded for a URL, JSON or XML."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms: set[str] = set()
        for secret in filter(None, secrets):
            escaped = secret.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            forms |= {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), escaped}
            forms |= {json.dumps(secret)[1:-1], quote(quote(secret, safe=""), safe=""), repr(secret)[1:-1]}
        # The longest first, or a short form would leave the rest of a longer one behind.
        longest_first = sorted(forms, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first)), re.I) if forms else None

    def __call__(self, text: object) -> str:
        return self._pattern.sub("•••", str(text)) if self._pattern else str(text)


class _NoQueries(logging.Filter):
    """Cut query strings out of urllib3's log lines: Tradedoubler's token is one."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = re.sub(r"\?[^\s'\"]*", "?…", record.getMessage()), ()
        record.exc_info = record.exc_text = None
        return True


for _name in ("urllib3.connectionpool", "urllib3.util.retry"):
    logging.getLogger(_name).addFilter(_NoQueries())
