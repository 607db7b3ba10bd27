"""What Adtraction says when it refuses, and until when it allows nothing more."""

from __future__ import annotations

import json
import re

from importer.http.answers import Answer
from importer.http.budget import seconds_until
from importer.http.client import retry_after
from importer.normalise import clean_text


def message_of(text: str) -> str:
    """Return the network's words in an error body, "" when there are none."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    return clean_text(data.get("message"), 300) if isinstance(data, dict) else ""


def reset_seconds(answer: Answer) -> float:
    """Return the seconds until the rate window ends, from the message or the headers; else a minute."""
    found = re.search(r"[Rr]eset time:? (\d{13})", answer.text)
    reset = seconds_until(found[1] if found else answer.headers.get("X-RateLimit-Reset"))
    return retry_after(answer.headers) or reset or 60.0
