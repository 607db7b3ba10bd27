"""What a word is, and when two are the same: one notion for feeds, for the dashboard and for visitors."""

import unicodedata
from collections.abc import Iterator
from itertools import combinations

MAX_WORD = 200  # characters; PostgreSQL refuses lexemes above 2 kB

# ISO 639-1 -> PostgreSQL's own text search configuration.
CONFIGS = {
    "da": "danish",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "it": "italian",
    "nb": "norwegian",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "tr": "turkish",
}
# Where a feed does not name its language, the program's market speaks one.
LANGUAGE_OF_MARKET = {
    **dict.fromkeys(("AT", "DE"), "de"),
    **dict.fromkeys(("AU", "GB", "IE", "UK", "US"), "en"),
    **{"DK": "da", "ES": "es", "FI": "fi", "FR": "fr", "HU": "hu", "IT": "it", "NL": "nl", "NO": "no"},
    **{"BR": "pt", "PT": "pt", "RO": "ro", "RU": "ru", "SE": "sv", "TR": "tr"},
}

# Letters that Unicode does not take apart into a letter and an accent.
_LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i"}
)


def fold(text: str) -> str:
    """Return the text in lower case without accents: `Crème` -> `creme`, `Straße` -> `strasse`."""
    text = text.casefold()
    if text.isascii():
        return text
    letters = unicodedata.normalize("NFKD", text.translate(_LETTERS)).replace("⁄", "/")
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


class _Folded(dict[int, str]):
    """Characters as the letters and digits they fold to, a space for anything else; looked up once each."""

    def __missing__(self, code: int) -> str:
        self[code] = "".join(letter if letter.isalnum() else " " for letter in fold(chr(code)))
        return self[code]


_FOLDED = _Folded()


def words_of(text: str) -> list[str]:
    """Return the folded words: runs of letters and digits."""
    folded = text.translate(_FOLDED)
    found = folded.split()
    return found if len(folded) <= MAX_WORD else [word[:MAX_WORD] for word in found]


def config_of(language: str, market: str = "") -> str:
    """Return the text search configuration of a feed; `simple` knows no word forms."""
    language = language.lower()[:2] or LANGUAGE_OF_MARKET.get(market.upper(), "")
    return CONFIGS.get(language, "simple")


# --- Words that visitors type ----------------------------------------------------------------------
MIN_PART = 3  # letters of a word that is looked for within longer ones
MIN_TYPO = 4  # letters of a word that may have a typo
LONG = 8  # letters of a word that may have two
NEAR_LETTERS = 7  # of a long word, the first so many are compared by what is left of them
GRAM = 4


def key_of(word: str) -> str:
    """Return what all spellings of a word share: `Grün`, `gruen` and `grun` -> `grun`."""
    word = fold(word)
    for spelled, letter in (("ae", "a"), ("oe", "o"), ("ue", "u")):
        word = word.replace(spelled, letter)
    return word


def typos_allowed(key: str) -> int:
    """Return how many typos a word may have; a number has none: 4711 is not 4712."""
    if len(key) < MIN_TYPO or not key.isalpha():
        return 0
    return 2 if len(key) >= LONG else 1


def near_keys(key: str, typos: int) -> set[str]:
    """Return what is left of a word without so many letters. Words that near share one of these.

    After Garbe's symmetric deletes: of long words the first `NEAR_LETTERS` count, so that none has more
    than 29.
    """
    head = key[:NEAR_LETTERS]
    least = max(len(head) - typos, 0)
    return {"".join(kept) for size in range(least, len(head) + 1) for kept in combinations(head, size)}


def stored_near_keys(key: str) -> set[str]:
    """Return the near keys that the vocabulary holds of a word, for whatever is typed."""
    if not key.isalpha() or len(key) < MIN_TYPO - 1:
        return set()
    # Two letters shorter than a long word: that may be typed for it, with two typos.
    return near_keys(key, 2 if len(key) >= LONG - 2 else 1)


def grams(text: str) -> Iterator[str]:
    """Yield each run of four letters."""
    return (text[start : start + GRAM] for start in range(len(text) - GRAM + 1))


def typos_between(one: str, other: str, most: int) -> int:
    """Return how many letters are wrong, missing, too many or swapped with the next; `most` + 1 if more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        line = [row]
        for column, against in enumerate(other, 1):
            cost = min(last[column] + 1, line[-1] + 1, last[column - 1] + (letter != against))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == against:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        if min(line) > most:
            return most + 1
        before, last = last, line
    return min(last[-1], most + 1)
