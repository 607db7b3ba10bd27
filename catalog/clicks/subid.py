"""The sub-id: what we write into a link, and read again in a network's report of sales. Pure.

`p123-top-3f` is product 123, the button at the top, offer 3f (a number in base 36). Links of before name no
offer (`p123-top`), and are read for ever. It names things and never a person; letters, digits and dashes are
what every network carries, and 40 characters fit everywhere.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.models import Place

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_PAIRS = [high + low for high in DIGITS for low in DIGITS]
MOST = 2**63 - 1  # what a row's id can be
# What follows the product is read by hand: it may be cut anywhere, and have anything behind it.
_OURS = re.compile(r"\s*p([0-9]{1,19})-([a-z]*)(?:-([0-9a-z]*))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class SubId:
    """What a sub-id that came back names.

    `place` is "" where it was cut off, `offer_id` None where it names none. Whether the ids are still there
    and fit each other is for who reads them to ask: a sub-id cut in its last part names another offer.
    """

    product_id: int
    place: str = ""
    offer_id: int | None = None


def make_sub_id(product_id: int, place: str, offer_id: int) -> str:
    """Return the sub-id of a button."""
    return f"p{product_id}-{place}-{to_base36(offer_id)}"


def to_base36(number: int) -> str:
    """Return a number, not negative, in digits and small letters."""
    text = ""
    while number >= 1296:  # two digits at a time: each click waits for it
        number, pair = divmod(number, 1296)
        text = _PAIRS[pair] + text
    return (_PAIRS[number] if number >= 36 else DIGITS[number]) + text


def parse_sub_id(text: str, places: Sequence[str] = tuple(Place.values)) -> SubId | None:
    """Return what a sub-id names, as it came back: in other letters, cut, or with something behind it.

    None where it is not ours, or nothing is certain: of `p12` nobody knows how the number went on.
    """
    text = text.lower()
    found = _OURS.match(text)
    if not found or not 0 < (product_id := int(found[1])) <= MOST:
        return None
    word, number = found[2], found[3]
    is_cut = number is None and found.end() == len(text)
    place = max((each for each in places if word.startswith(each)), key=len, default="")
    if not place:
        if not is_cut:
            return None
        begun = [each for each in places if each.startswith(word)]
        return SubId(product_id, begun[0] if len(begun) == 1 else "") if begun else None
    if word != place or not number:
        return SubId(product_id, place)
    offer_id = int(number, 36) if len(number) <= 13 else 0
    return SubId(product_id, place, offer_id if 0 < offer_id <= MOST else None)
