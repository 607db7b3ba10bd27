"""One line of text, ids, and what all text shares: junk, entities, encodings, cuts."""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata

import nh3

from importer.normalise.stock_words import NULLS

# Characters, unless said otherwise. What is longer is cut.
MAX_TITLE = 300
MAX_ID = 500
MAX_VALUE = 500
LONGEST_GRAPHEME = 20  # a pile of more accents is not respected

# Controls, direction overrides, byte order marks and half characters: never text, and PostgreSQL refuses NUL
# and lone surrogates. White space among the controls is left for `split`.
JUNK = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]"
)
_BLOCKS = re.compile(
    r"</?(?:br|hr|p|div|ul|ol|li|dl|dt|dd|h[1-6]|table|thead|tbody|tfoot|tr|td|th|section|article|header|footer"
    r"|figure|figcaption|blockquote|pre|address)\b[^>]*>",
    re.I,
)
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
# What a template left where it knew no value.
_TEMPLATE = "|".join(
    (
        r"\{\{[^{}]*\}\}",  # {{ title }}
        r"\{%[^{}]*%\}",
        r"[$#]\{[^{}]*\}",
        r"\{\$?[a-z]\w*(?:(?:\.|->|:)\w+)*\}",  # {product.name}
        r"<%[^<>]*%>",
        r"%%?[a-z]+(?:_[a-z]+)*%%?",  # %NAME%
        r"##?[a-z]+(?:_[a-z]+)*##?",
        r"__[a-z]+(?:_[a-z]+)*__",
        r"@@[a-z_]+@@",
        r"\[\$?(?:[a-z]+(?:[_.][a-z]+)+|title|name|product|description|brand)\]",  # [product_name], not [REC]
    )
)
_ONLY_TEMPLATES = re.compile(rf"(?:(?:{_TEMPLATE})[\s,;:|/–-]*)+", re.I)
_BRACES = re.compile(r"\{\{[^{}]*\}\}|\{%[^{}]*%\}|\$\{[^{}]*\}")
_UNSEEN = re.compile(f"{JUNK.pattern[:-1]}\u00ad\u200b\u2060]")
# `T-shirt <M>` is a name, `<b>` and `<o:p>` are markup.
_NO_TAG = re.compile(
    r"<(?!/?(?:[a-z]\w*:|a|abbr|acronym|address|article|aside|b|big|blockquote|body|br|button|caption|center|cite|code"
    r"|col|colgroup|dd|del|dfn|div|dl|dt|em|fieldset|figcaption|figure|font|footer|form|h[1-6]|head|header|hr|html|i"
    r"|iframe|img|input|ins|kbd|label|legend|li|link|main|mark|meta|nav|noscript|object|ol|optgroup|option|p|param"
    r"|picture|pre|q|s|samp|script|section|select|small|source|span|strike|strong|style|sub|summary|sup|svg|table"
    r"|tbody|td|textarea|tfoot|th|thead|time|title|tr|tt|u|ul|var|video|wbr)\b|!|\?)",
    re.I,
)
_HALVES = re.compile(
    r"&#(?:(5[5-7]\d{3})|x(d[89ab][\da-f]{2}));&#(?:(5[67]\d{3})|x(d[c-f][\da-f]{2}));", re.I
)
_ESCAPED = re.compile(r"(?:\\u[\da-f]{4})+", re.I)
LONGEST_TEMPLATE = 200
# Nearly every text is known to be one by its first character.
_NO_TEXT_STARTS = frozenset("{[%$#_@<") | {start for word in NULLS for start in (word[0], word[0].upper())}


def clean_text(value: object, limit: int = MAX_VALUE) -> str:
    """Return one line of plain text: no tags, entities (even encoded five times), controls or double spaces.

    "" for what programs write where they have no value: `null`, `undefined`, `N/A`, `{{ title }}`.
    """
    if value is None:
        return ""
    text = value if isinstance(value, str) else str(value)
    if "\\u" in text:
        text = decode_escapes(text)
    if "&" in text:
        text = decode_entities(text)
    if not text.isascii():
        text = decode_twice(text)
    if "{" in text:
        text = _BRACES.sub(" ", text)
    if "<" in text or "]]>" in text:
        text = _NO_TAG.sub("&lt;", _BLOCKS.sub(" ", strip_cdata(text)))
        text = html.unescape(nh3.clean(text, tags=set()))
    text = one_line(text)
    if text[:1] in _NO_TEXT_STARTS and is_no_text(text):
        return ""
    return text if len(text) <= limit else cut(text, limit)


def is_no_text(text: str) -> bool:
    """Tell whether this is what a program or a template leaves where it has no value."""
    if len(text) > LONGEST_TEMPLATE:
        return False
    return text.casefold() in NULLS or bool(_ONLY_TEMPLATES.fullmatch(text))


def one_line(text: str) -> str:
    """Drop what is no text, and all white space but single spaces. Printable text has no other kind."""
    if not text.isprintable():
        text = _UNSEEN.sub("", text)
    elif "  " not in text:
        return text.strip()
    return " ".join(text.split())


def decode_entities(text: str) -> str:
    """Return the text that entities stand for, however often they were encoded."""
    for _ in range(5):
        decoded = html.unescape(join_halves(text))
        if decoded == text:
            break
        text = decoded
    return text


def join_halves(text: str) -> str:
    """Return the text with the one character that two references mean: `&#55357;&#56832;`, an emoji."""
    return _HALVES.sub(_joined, text) if "&#" in text else text


def _joined(found: re.Match[str]) -> str:
    high = int(found[1]) if found[1] else int(found[2], 16)
    low = int(found[3]) if found[3] else int(found[4], 16)
    try:
        return (chr(high) + chr(low)).encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeError:
        return ""


def decode_escapes(text: str) -> str:
    """Return the text that JSON's escapes stand for, where JSON was put into JSON: `caf\\u00e9`."""
    return _ESCAPED.sub(_unescaped, text)


def _unescaped(found: re.Match[str]) -> str:
    codes = (int(code, 16) for code in found[0][2:].lower().split("\\u"))
    return "".join(map(chr, codes)).encode("utf-16", "surrogatepass").decode("utf-16", "ignore")


def strip_cdata(text: str) -> str:
    """Return what stands in a CDATA section that came as text; all other text as it is."""
    return _CDATA.sub("", text) if "<![CDATA[" in text or text.endswith("]]>") else text


# UTF-8 that was read as Windows-1252 (`für` -> `fÃ¼r`): the first byte of a letter became one of the letters
# below, the others signs that hardly follow a letter in words. Capitals before a sign are found in right text
# too ("BLÅ–VIT", "NESCAFÉ®"), so most letters need more proof than one.
_WINDOWS = {ord(bytes([byte]).decode("cp1252", "replace")): chr(byte) for byte in range(0x80, 0xA0)}
_WINDOWS.pop(0xFFFD)
_NEXT = "[\x80-\xbf" + "".join(map(chr, _WINDOWS)) + "]"
_TWICE = re.compile(
    f"[ÂÃÄÅÎÏÐÑâã-éð]{_NEXT}(?:"
    f"(?<=[ÂÃ].)(?:(?<![A-ZÀ-ÞĀ-Ž]..)|(?<!\xa0)(?=\\w)|(?<=[^®™…–—’”»°²³€\xa0]))|(?<=[ÄÅ].)(?<![A-ZÀ-ÞĀ-Ž]..)|(?<=[ÎÏ].)[ÎÏ]{_NEXT}|(?<=[ÐÑ].)[ÐÑ]{_NEXT}"
    f"|(?<=â[\x80\x82\x84€‚„]){_NEXT}|(?<=[ã-é].){_NEXT}[ã-é]{_NEXT}{{2}}|(?<=ð[\x9fŸ]){_NEXT}{{2}})"
)


_NO_PROOF = bytes(byte for byte in range(256) if not 0x80 <= byte <= 0xBF)


def decode_twice(text: str) -> str:
    """Return text whose UTF-8 was encoded twice (`fÃ¼r`) as it was meant, all other text as it is.

    Only where the whole can be read so: one right letter, and it stays.
    """
    # Most right text has nothing but letters above ASCII, and is known so in a third of the time.
    plain = text.encode("latin-1", "ignore")
    if len(plain) == len(text) and not plain.translate(None, _NO_PROOF):
        return text
    for _ in range(3):
        if not _TWICE.search(text):
            break
        try:
            meant = _as_bytes(text).decode()
        except UnicodeError:
            break
        if JUNK.search(meant):
            break
        text = meant
    return text


def _as_bytes(text: str) -> bytes:
    # `à` is `Ã` and a no-break space, which is often a plain one by now.
    return text.replace("Ã ", "Ã\xa0 ").translate(_WINDOWS).encode("latin-1")


LOST = "\ufffd"  # where something was that nobody can read any more
_LOST_LETTER = re.compile(rf"\w{LOST}|{LOST}\w")
_LOST_SIGN = re.compile(rf"{LOST}+\s*")


def without_lost(text: str) -> str:
    """Return the text without signs that are lost; "" where letters of its words are."""
    if LOST not in text:
        return text
    return "" if _LOST_LETTER.search(text) else _LOST_SIGN.sub("", text).strip()


def cut(text: str, limit: int) -> str:
    """Return `text` within `limit` characters, cut after a word if one ends nearby, never in a grapheme."""
    if len(text) <= limit:
        return text
    end = limit - 1  # room for the ellipsis
    space = text.rfind(" ", limit * 3 // 4, end + 1)
    if space > 0:
        end = space
    for back in range(min(end, LONGEST_GRAPHEME)):
        if not _joins(text[end - back - 1], text[end - back]):
            end -= back
            break
    return text[:end].rstrip() + "…"


def _joins(before: str, after: str) -> bool:
    """Tell whether both belong to one visible character: accents, emoji sequences, flags."""
    return (
        before == "\u200d"
        or after in "\u200d\ufe0f\u20e3"
        or unicodedata.combining(after) > 0
        or unicodedata.category(after) in ("Mn", "Mc", "Me")
        or "\U0001f3fb" <= after <= "\U0001f3ff"
        or ("\U0001f1e6" <= after <= "\U0001f1ff" and "\U0001f1e6" <= before <= "\U0001f1ff")
    )


def clean_id(value: object) -> str:
    """Return an id as text; an over-long one ends in its hash, so that two never become one."""
    text = "" if value is None else str(value)
    text = text.strip() if text.isprintable() else JUNK.sub("", text).strip()
    if len(text) <= MAX_ID:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f"{text[: MAX_ID - 65]}~{digest}"
