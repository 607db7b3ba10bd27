"""What Tradedoubler says when it refuses: four envelopes (docs/networks/tradedoubler.md 7)."""

from __future__ import annotations

import json
import re

from importer.normalise import clean_text


def error_of(text: str) -> tuple[str, str]:
    """Return the code and the words of an error in any of the four envelopes; ("", "") for anything else."""
    if plain := re.fullmatch(r"\s*(\d): (.{1,300}?)\s*", text):
        return plain[1], plain[2]
    if '"products"' in text[:500] or '"feeds"' in text[:500]:
        return "", ""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return "", ""
    if not isinstance(data, dict):
        return "", ""
    errors = data.get("errors")
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        data = errors[0]
    elif "code" not in data and "statuscode" not in data:
        return "", ""
    code = clean_text(data.get("code") or data.get("statuscode"), 20)
    return code, clean_text(data.get("message") or code, 300)
