"""Links and pictures."""

from __future__ import annotations

import re
from urllib.parse import unquote

import idna

from importer.normalise.text import JUNK

MAX_URL = 2_000  # characters; a longer URL is dropped: half of it would lead elsewhere
MAX_IMAGES = 10  # entries

_URL = re.compile(r"(?:https?:)?//(?P<host>[^/?#\s\\@<>\"]+)(?P<rest>(?:[/?#].*)?)", re.I | re.S)
# Most addresses, in one look: nothing of `_URL_UNSAFE`, nothing that is not ASCII.
_PLAIN_URL = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]+)?(?:[/?#][!#-;=?-\[\]_a-z|~]*)?")
_URL_UNSAFE = re.compile(r'[\s<>"\\^`]')
_AMPERSAND = re.compile(r"&(?:amp;|#0*38;|#x0*26;)+", re.I)  # only this entity: `&copy=1` is a parameter
_WHOLE_ENCODED = re.compile(r"https?%(?:25)*3A%(?:25)*2F%(?:25)*2F", re.I)
_NO_SCHEME = re.compile(r"www\.[^\s/?#@:]+\.[^\s/?#@:]+(?:[/?#]|$)", re.I)
_UNSEEN = re.compile("[\u00ad\u200b\u2060]")
_SCHEME_BROKEN = re.compile(r"^(https?)(?::/|//)(?=[^/\s:]+\.)", re.I)
_NEXT_URL = re.compile(r"\s+(?=https?://)", re.I)
_SCHEME_TWICE = re.compile(r"^(?:https?:?/*)+(?=https?://)", re.I)
_IN_LIST = re.compile(r"""(?:https?:)?\\?/\\?/[^\s"'<>\[\]{}]+""", re.I)
_BETWEEN_URLS = re.compile(r"[\s,;|]+(?=(?:https?:)?//|www\.)", re.I)

# File names of pictures that say "no picture", in whole words: `blank.gif`, not `blanket-red.jpg`.
_FILLER = (
    r"(?:images?|img|pictures?|pics?|photos?|thumbs?|thumbnails?|fotos?|bild(?:er|e)?|billede|afbeelding|kuva"
    r"|product|default|large|small|medium|big|full|available|white|gr[ae]y|en|de|nl|sv|\d+(?:x\d+)?|x|v)"
)
_NONE = "|".join(
    (
        r"no[-_]?(?:image|picture|photo|img|pic(?![a-z])|foto|thumb)",
        r"(?:image|picture|photo|img)s?[-_]?(?:is[-_]?)?(?:not|un)[-_]?(?:available|found|avail(?![a-z]))",
        r"placeholder",
        r"pna(?![a-z])",
        r"(?:image|picture|photo|img)[-_]coming[-_]soon",
        r"(?:geen|zonder)[-_]?(?:afbeelding|foto|plaatje)",
        r"(?:kein|ohne)[-_]?(?:bild|foto)(?![a-z])",
        r"(?:ingen|intet|inget|saknar)[-_]?(?:bilde?|billede|foto)(?![a-z])",
        r"ei[-_]?kuvaa",
        r"(?:pas[-_]d[-_]?|sans[-_]|aucune[-_]?)(?:image|photo)",
        r"(?:sin|senza|sem)[-_]?(?:imagen|immagine|imagem|foto)",
        r"brak[-_]?(?:zdjecia|zdjęcia|obrazka|foto)",
        r"bez[-_]?(?:obrazku|foto|izobrazheniya)",
        r"nincs[-_]?kep",
        r"net[-_]?(?:foto|izobrazheniya)",
    )
)
_EMPTY = r"blank|missing|spacer|empty|nopic|coming[-_]?soon|pixel|dummy|1x1|transparent|none|null|undefined"
# Folders of one picture in several sizes: `/low/a.jpg` and `/high/a.jpg`.
_SIZE = re.compile(
    r"/(?:low|high|thumbs?|thumbnails?|small|medium|large|big|full|original|zoom|hires)(?:[_-](?:pics?|res|size|images?))?"
    r"(?=/)",
    re.I,
)
# The first letters of words that `_PLACEHOLDER` looks for.
_SUSPECTS = {
    *("no", "un", "pl", "pn", "co", "ge", "zo", "ke", "oh", "in", "sa", "ei", "pa", "au", "si", "se", "br"),
    *("be", "ni", "ne", "bl", "mi", "sp", "em", "pi", "du", "1x", "tr", "nu"),
}
# One of these stands in whatever `_PLACEHOLDER` finds: many times quicker to ask.
_PIECES = (
    *("pixel", "dummy", "1x1", "transparent", "none", "null", "undefined"),
    *("noim", "nopi", "noph", "nofo", "noth", "no-", "no_", "avail", "found", "placeholder", "pna", "coming"),
    *("geen", "zonder", "kein", "ohne", "ingen", "intet", "inget", "saknar", "kuvaa", "pas-d", "pas_d"),
    *("sans", "aucune", "imagen", "immagine", "imagem", "foto", "brak", "obrazku", "izobraz", "nincs"),
    *("blank", "missing", "spacer", "empty"),
)
_PLACEHOLDER = re.compile(
    rf"(?:[/_=.-]|%20)(?:{_NONE})[^/?]*(?:\?.*)?$"
    rf"|[/=](?:{_FILLER}[-_.])*(?:{_EMPTY})(?:[-_.]{_FILLER})*\.\w{{3,4}}(?:\?.*)?$"
    r"|/(?:null|none|undefined)(?:\?.*)?$"
    r"|/(?:placeholders?|no[-_]?images?)/[^?]*$",
    re.I,
)


def clean_url(value: object) -> str:
    """Return an http(s) URL of at most `MAX_URL` characters, safe inside an attribute, else "".

    Its host in ASCII; `www.` without a scheme, JSON's slashes and what was encoded too often are mended.
    """
    if not value:
        return ""
    text = str(value).strip()
    if len(text) <= MAX_URL and ";" not in text and _PLAIN_URL.fullmatch(text):
        return text
    if len(text) > MAX_URL * 3:
        return ""
    text = _mend(text)
    parts = _URL.fullmatch(text)
    if not parts or len(text) > MAX_URL or JUNK.search(text):
        return ""
    host, rest = parts["host"], parts["rest"]
    scheme = text[: parts.start("host")]
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode()
        except idna.IDNAError:
            return ""
    if _URL_UNSAFE.search(rest):
        rest = _URL_UNSAFE.sub(lambda found: f"%{ord(found[0]):02X}" if ord(found[0]) < 128 else "%20", rest)
    text = ("https:" if scheme == "//" else "") + scheme + host + rest
    return text if len(text) <= MAX_URL else ""


def _mend(text: str) -> str:
    if text[:1] in "\"'<":
        text = text.strip("\"'<> ")
    if text[:1] + text[-1:] in ("[]", "()"):
        text = text[1:-1].strip()
    if not text.isprintable():
        text = _UNSEEN.sub("", _NEXT_URL.split(text)[0])
    elif " http" in text:
        text = _NEXT_URL.split(text)[0]
    if "{{" in text or "${" in text:
        return ""  # a template did not know where it leads
    for _ in range(3):
        if not _WHOLE_ENCODED.match(text):
            break
        text = unquote(text)
    if "\\" in text:
        text = text.replace("\\/", "/").replace("\\u0026", "&")
    if "&" in text:
        text = _AMPERSAND.sub("&", text)
    if _NO_SCHEME.match(text):
        return f"https://{text}"
    return _SCHEME_BROKEN.sub(r"\1://", _SCHEME_TWICE.sub("", text))


def clean_images(*values: object) -> tuple[str, ...]:
    """Return the picture URLs of fields that hold one URL, several or a list; no doubles, no placeholders.

    Of one picture in folders for several sizes the first counts. Commas separate URLs
    only where the next one begins with its scheme; other commas belong to a URL.
    """
    urls: dict[str, None] = {}
    for value in values:
        for text in value if isinstance(value, list | tuple) else (value,):
            for part in _parts(str(text).strip()) if text else ():
                url = clean_url(part.strip(" ,;|"))
                if url and not _is_placeholder(url):
                    urls[url] = None
    if len(urls) < 2:
        return tuple(urls)
    pictures: dict[str, str] = {}
    for url in urls:
        pictures.setdefault(_SIZE.sub("/*", url), url)
    return tuple(pictures.values())[:MAX_IMAGES]


def _is_placeholder(url: str) -> bool:
    name = url.partition("?")[0].rpartition("/")[2] if "=" not in url else url.replace("/", "-")
    words = name.lower().replace("_", "-").replace(".", "-").replace("=", "-").split("-")
    if _SUSPECTS.isdisjoint({word[:2] for word in words}) and "/placeholder" not in url:
        return False
    folded = url.casefold()
    return any(piece in folded for piece in _PIECES) and bool(_PLACEHOLDER.search(url))


def _parts(text: str) -> list[str]:
    """Return the URLs in a cell; one holds `//` once, unless another stands behind it."""
    if text[:1] in ("[", "{"):  # JSON, or a list as Python writes it
        return [part for found in _IN_LIST.findall(text) for part in _BETWEEN_URLS.split(found)]
    return _BETWEEN_URLS.split(text) if text.count("//") > 1 or text.count("www.") > 1 else [text]
