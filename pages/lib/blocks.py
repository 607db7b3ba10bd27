"""Blocks in a text: `[product 12]` in a paragraph of its own becomes a box with the product. Pure.

[product 12]                                      a box
[top category=lamps brand=acme max=100 count=5]   a list, live from the catalogue
[top 12 15 18]                                    a list, picked by hand
[compare 12 15 attributes="weight, colour"]       a table
[button 12 text="To the shop"]                    a button, also within a sentence
[price 12]                                        the price now, also within a sentence
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from html import unescape

KINDS = ("product", "top", "compare", "button", "price")
INLINE = ("button", "price")
SORTS = ("price", "-price", "newest", "reduced")
MAX_BLOCKS = 100
MAX_LISTS = 20  # live from the catalogue
MAX_PICKED = 20
MAX_COMPARED = 8
MAX_COUNT = 20
DEFAULT_COUNT = 5
MAX_ATTRIBUTES = 15
OPTIONS = {
    "product": (),
    "top": ("category", "brand", "min", "max", "sort", "count"),
    "compare": ("attributes",),
    "button": ("text",),
    "price": (),
}

_BLOCK = r"\[(?:product|top|compare|button|price)(?=[\s\]]|&nbsp;)[^\[\]<>]*\]"
# As nh3 writes HTML: every "<" begins a tag, and values of attributes stand in double quotes.
_TAG = r'<[^>"]*(?:"[^"]*"[^>"]*)*>'
_PIECES = re.compile(rf"(<p>\s*{_BLOCK}\s*</p>|{_TAG}|{_BLOCK})", re.IGNORECASE)
_LONELY = re.compile(rf"^[ \t]*({_BLOCK})[ \t]*$", re.IGNORECASE | re.MULTILINE)
_WORD = re.compile(r'([a-z]+)\s*=\s*(?:"([^"]*)"|(\S+))|(\S+)', re.IGNORECASE)
_QUOTES = str.maketrans("“”„«»", '"""""')


@dataclass(frozen=True, slots=True)
class Block:
    """A block as it was written: `source`; `fault` says in words what is wrong with how it is written."""

    kind: str
    source: str
    ids: tuple[int, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    fault: str = ""
    is_own: bool = True  # in a paragraph of its own

    @property
    def is_live(self) -> bool:
        """Whether it is a list that the catalogue fills."""
        return self.kind == "top" and not self.ids

    @property
    def count(self) -> int:
        return int(self.options.get("count", DEFAULT_COUNT))

    @property
    def sort(self) -> str:
        return self.options.get("sort", "price")

    @property
    def attributes(self) -> list[str]:
        names = (name.strip() for name in self.options.get("attributes", "").split(","))
        return [name for name in names if name][:MAX_ATTRIBUTES]


def split_text(html: str) -> Iterator[str | Block]:
    """Yield clean HTML in pieces: what stays as it is, and blocks."""
    kept: list[str] = []
    for piece in _PIECES.split(html):
        is_own = piece[:3].lower() == "<p>" and len(piece) > 3
        if is_own or piece[:1] == "[" and _PIECES.fullmatch(piece):
            if kept:
                yield "".join(kept)
                kept.clear()
            yield parse_block(piece[3:-4] if is_own else piece, is_own=is_own)
        else:
            kept.append(piece)
    if kept:
        yield "".join(kept)


def find_blocks(html: str) -> list[Block]:
    return [piece for piece in split_text(html) if isinstance(piece, Block)]


def parse_block(source: str, *, is_own: bool = True) -> Block:
    """Return the block that is written as `source`; `is_own`: in a paragraph of its own."""
    source = " ".join(unescape(source).split())
    kind, _, rest = source[1:-1].strip().partition(" ")
    kind = kind.lower()
    ids: list[int] = []
    options: dict[str, str] = {}
    fault = ""
    for name, quoted, bare, word in _WORD.findall(rest.translate(_QUOTES)):
        name = name.lower()
        if name:
            options[name] = (quoted or bare).strip()
            if name not in OPTIONS[kind]:
                known = ", ".join(OPTIONS[kind]) or "none"
                fault = fault or f"it has no option “{name}” (it knows: {known})"
        elif word.isascii() and word.isdecimal() and len(word) < 19:
            ids.append(int(word))
        else:
            fault = fault or f"“{word[:40]}” is neither the number of a product nor an option"
    block = Block(kind, source, tuple(dict.fromkeys(ids)), options, is_own=is_own)
    if not is_own and kind not in INLINE:
        fault = fault or "it needs a paragraph of its own"
    fault = fault or _fault_of(block)
    return replace(block, fault=fault) if fault else block


def _fault_of(block: Block) -> str:
    count = len(block.ids)
    if block.kind == "top":
        return _fault_of_list(block)
    if block.kind == "compare":
        if not 2 <= count <= MAX_COMPARED:
            return f"it compares 2 to {MAX_COMPARED} products, and names {count}"
    elif count != 1:
        return f"it needs the number of one product, and has {count}"
    return ""


def _fault_of_list(block: Block) -> str:
    options = block.options
    if block.ids:
        if options:
            return "it names products, so it takes no options"
        return f"it lists {MAX_PICKED} products at most" if len(block.ids) > MAX_PICKED else ""
    if not options:
        return "it needs the numbers of products, or options such as category=lamps"
    for name in ("min", "max"):
        if name in options and read_price(options[name]) is None:
            return f"“{options[name][:40]}” is no price"
    if "sort" in options and options["sort"] not in SORTS:
        return f"it sorts by {', '.join(SORTS)}"
    if "count" in options:
        text = options["count"]
        if not (text.isascii() and text.isdecimal() and len(text) < 4 and 1 <= int(text) <= MAX_COUNT):
            return f"count is a number from 1 to {MAX_COUNT}"
    return ""


def read_price(text: str) -> Decimal | None:
    """Return what was written as a price, "99,50" too; None where it is none."""
    try:
        price = Decimal(text.strip()[:20].replace(",", "."))
    except InvalidOperation:
        return None
    return round(price, 2) if price.is_finite() and 0 <= price < 10**10 else None


def set_apart(text: str) -> str:
    """Give blocks that stand in a line of their own a paragraph, as people write them without an editor."""
    return _LONELY.sub(r"<p>\1</p>", text) if "<" in text else _LONELY.sub(r"\n\n\1\n\n", text)
