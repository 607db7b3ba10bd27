"""Amounts in titles: `6 x 500 ml`, `1,5 l`, `128GB`, `55"`, `60 Kapseln`."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ı": "i", "þ": "th"})
# What is measured -> unit -> how many of the smallest.
UNITS: dict[str, dict[str, float]] = {
    "volume": {
        **dict.fromkeys(("ml", "milliliter", "millilitre"), 1),
        **{"cl": 10, "dl": 100},
        **dict.fromkeys(("l", "lt", "ltr", "liter", "litre", "liters", "litres", "litri", "litros"), 1000),
    },
    "mass": {
        "mg": 0.001,
        **dict.fromkeys(("g", "gr", "gram", "gramm", "grams", "gramme", "grammes"), 1),
        **dict.fromkeys(("kg", "kilo", "kilos", "kilogramm"), 1000),
    },
    "storage": {"mb": 0.001, "gb": 1, "go": 1, "tb": 1000, "to": 1000},
    "pieces": dict.fromkeys(
        (  # noqa: SIM905 a table of words
            "pack packs pk st stk stck stuck stuks pcs piece pieces kpl szt ks count ct kapseln kapsel "
            "capsules capsule kapslar kapsler caps tabletten tablette tablets tablet tabletter tabs tabletek "
            "teebeutel sachets beutel rollen rolls rullar"
        ).split(),
        1,
    ),
    "voltage": {"v": 1, "volt": 1},
    "power": {"w": 1, "watt": 1, "watts": 1, "kw": 1000},
    "charge": {"mah": 1, "ah": 1000},
    "length": {
        **{"mm": 1, "cm": 10, "m": 1000, "meter": 1000, "metre": 1000},
        **dict.fromkeys(("inch", "inches", "zoll", "tum", "tommer", "pouces", "in"), 25.4),
    },
}
_DIMENSION = {unit: (name, factor) for name, units in UNITS.items() for unit, factor in units.items()}
_AMOUNT = re.compile(
    r"(?<![\w.,])(?:(\d{1,3})\s*[x*]\s*)?(\d+(?:[.,]\d+)*)[ -]?("
    + "|".join(sorted(_DIMENSION, key=len, reverse=True))
    + r")(?![\w])"
    r"(?:\s*[x*]\s*(\d{1,3})(?![\w.,]))?"
)
_PACK_OF = re.compile(r"\b(?:pack|set|box) (?:of|a|à|mit|med) (\d+)\b|\b(\d+)[ -]?er[ -]?(?:pack|set|box)\b")
_HALVES_AS = {"¼": ".25", "½": ".5", "¾": ".75"}
_HALVES = frozenset(_HALVES_AS)
_HALF = re.compile("([0-9]+)?([¼½¾])")
_NUMBER = re.compile(r"(?<!\w)(?:(?:gr|nr|no|eu|uk|us)?\d|[ivx]{2})|[^\W\d]{3}\d|\dx")
_GENERATIONS = frozenset({"2g", "3g", "4g", "5g", "6g"})  # of mobile networks, no grams


@dataclass(frozen=True, slots=True)
class Measures:
    """The amounts of a title by what is measured, as they were written, and what is left without them.

    `plain` is the title in small letters without marks, `left` what is left of that; `rest` are its words.
    """

    amounts: dict[str, frozenset[float]]
    texts: dict[str, str]
    plain: str
    left: str
    rest: str
    has_numbers: bool  # without a unit


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Return the words of a text in small letters without marks, one space between them."""
    return " ".join(re.findall(r"\w+", plain(text)))


@lru_cache(maxsize=8192)
def read_measures(title: str) -> Measures:
    """Return what a title says in numbers with units: `6 x 500 ml` is 500 and 3,000; `1.000 g` 1 or 1,000."""
    amounts: dict[str, set[float]] = {}
    texts: dict[str, str] = {}

    def take(found: re.Match[str]) -> str:
        before, number, unit, after = found.groups()
        if number + unit in _GENERATIONS and found[0].endswith(number + unit):
            return found[0]
        name, factor = _DIMENSION[unit]
        values = {value * factor for value in possible_numbers(number)}
        if name == "length":  # `90 x 200 cm` is no 180 metres
            values |= {int(side) * factor for side in (before, after) if side}
        else:
            values |= {value * int(times) for times in (before, after) if times for value in values}
        amounts.setdefault(name, set()).update(values)
        texts[name] = found[0].strip()
        return " "

    def take_pack(found: re.Match[str]) -> str:
        amounts.setdefault("pieces", set()).add(float(found[1] or found[2]))
        texts["pieces"] = found[0]
        return " "

    whole = plain(title)
    text = _PACK_OF.sub(take_pack, whole)
    text = _AMOUNT.sub(take, re.sub(r"(?<=\d) ?(?:\"|''|″|”)", " inch ", text))
    return Measures(
        {name: frozenset(values - {0.0}) or frozenset({0.0}) for name, values in amounts.items()},
        texts,
        whole,
        text,
        " ".join(re.findall(r"\w+", text)),
        bool(_NUMBER.search(text)),
    )


def possible_numbers(text: str) -> set[float]:
    """Return what a number may mean: `1.000` is one or a thousand."""
    parts = re.split(r"[.,]", text)
    if len(parts) == 1:
        return {float(text)}
    values = {float("".join(parts[:-1]) + "." + parts[-1])}
    if all(len(part) == 3 for part in parts[1:]):
        values.add(float("".join(parts)))
    return values


def plain(text: str) -> str:
    """Return a text in small letters without marks; `42½` is `42.5`."""
    if text.isascii():
        return text.lower()
    if not _HALVES.isdisjoint(text):
        text = _HALF.sub(lambda found: f"{found[1] or 0}{_HALVES_AS[found[2]]}", text)
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("×", "x"))
    return "".join(char for char in decomposed if not unicodedata.combining(char)).translate(_LETTERS)
