"""Patterns of sub-ids: text with `*` for anything. Pure, and never slower than reading the text once a piece.

No regular expressions: one that a person wrote may take hours on a sub-id that a stranger wrote.
"""

MOST_STARS = 5


def find_fault(pattern: str) -> str:
    """Return why this is no pattern, as a sentence, or ""."""
    if not pattern.strip():
        return "Write what the sub-id is, or begins with: newsletter-*."
    if not pattern.replace("*", "").strip():
        return "A pattern of stars alone fits every sub-id. Write some letters of it."
    if pattern.count("*") > MOST_STARS:
        return f"At most {MOST_STARS} stars."
    return ""


def fits(pattern: str, text: str) -> bool:
    """Tell whether the pattern describes the whole text; capitals are small letters."""
    first, *others = pattern.strip().lower().split("*")
    text = text.strip().lower()
    if not others:
        return text == first
    *middle, last = others
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        return False
    at, end = len(first), len(text) - len(last)
    for piece in middle:
        # The leftmost is as good as any: it leaves most for the pieces behind it.
        found = text.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True
