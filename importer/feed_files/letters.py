"""Which encoding of one byte a text is in that is not UTF-8, by the letters that its words would have."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice
from math import log

# Language -> its letters beyond ASCII, the frequent ones first.
_LETTERS = {
    "de": "üäößé",
    "nl": "ëéïèöüóáàê",
    "fr": "éèàêçâîôùûœïëü",
    "es": "óíáéñúü",
    "it": "èàùòìé",
    "pt": "ãçáéóíõâêúà",
    "sv": "äåöé",
    "da": "øåæé",
    "nb": "åøæéòô",
    "fi": "äöåšž",
    "en": "éèñüöçïâ",
    "pl": "łąężśóćńź",
    "cs": "íáéěžčřýšůúťďňó",
    "sk": "áíčéýžšúľťôóňďäŕĺ",
    "hu": "áéőöóíüúű",
    "ro": "ăîâşţ",
    "hr": "čšžćđ",
    "tr": "ıüşçöğİ",
    "ru": "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",
    "uk": "оаинвіртескулдмпзяьбгйчхїжшюєцщфґ",
    "bg": "аоеитнрсвлкдпмзгъуябцчшщжхйфьюю",
    "el": "αοιετσνηυρπκμλςωγδθφχβξζψάέήίόύώϊ",
    "et": "äõüöšž",
    "lt": "ėščįųžąūę",
    "lv": "āīēšņģļūķčž",
}
_OTHER_SCRIPTS = ("ru", "uk", "bg", "el")
_WEST = ("de", "nl", "fr", "es", "it", "pt", "sv", "da", "nb", "fi", "en")
_CENTRE = ("pl", "cs", "sk", "hu", "ro", "hr", "de")
# Encoding -> how likely it is before a letter is seen, as a logarithm, and the languages that use it.
_ENCODINGS = {
    "cp1252": (3.0, _WEST),
    "cp1250": (0.0, _CENTRE),
    "cp1251": (0.0, ("ru", "uk", "bg")),
    "cp1254": (0.0, ("tr", "de", "fr")),
    "cp1253": (-3.0, ("el",)),
    "cp1257": (-2.0, ("et", "lt", "lv")),
    "iso8859-15": (0.0, _WEST),
    "iso8859-2": (-1.0, _CENTRE),
    "mac_roman": (-3.0, _WEST),
}
# Countries whose language has another code.
_COUNTRIES = {"cz": "cs", "dk": "da", "se": "sv", "no": "nb", "nn": "nb", "gr": "el", "ee": "et", "ua": "uk"}
_COUNTRIES |= {"at": "de", "ch": "de", "be": "nl", "gb": "en", "us": "en", "si": "hr", "sl": "hr", "br": "pt"}
NAMES = {
    "cp1252": "Windows-1252 (Western European)",
    "cp1250": "Windows-1250 (Central European)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1257": "Windows-1257 (Baltic)",
    "iso8859-15": "ISO-8859-15 (Western European)",
    "iso8859-2": "ISO-8859-2 (Central European)",
    "mac_roman": "Mac Roman",
}
_HINT = 8.0  # what the feed's language, or how it was read last time, is worth
_SURE = 2.9  # the best must be so much better than what would read otherwise
# Logarithms of how likely a character is that is none of the language's letters.
_STRANGE, _SIGN, _RARE_SIGN, _BROKEN = -9.0, -3.0, -9.0, -14.0
_TWO_IN_A_ROW = -1.0  # letters beyond ASCII, which Latin words have rather between others
_ENDING_SIGNS = "²³°½¼¾™®©"  # no letter follows these
_SIGNS = frozenset("–—‘’“”„…•€™®©°²³½¼×·«»§±£¿¡ªº\xa0")
ENOUGH = 2_000  # letters
UNSURE = "cp1252"  # servers say latin-1 of any text, which means this
_WORD = re.compile(rb"[A-Za-z]*[\x80-\xff][A-Za-z\x80-\xff]*")


class Letters:
    """Reads what is not UTF-8: in the encoding that was declared, else in the one that its letters show.

    `language` is the feed's, or its country; `known` is the encoding that was found last time. While it is
    in doubt, what is read becomes U+FFFD.
    """

    def __init__(self, language: str = "", known: str = "") -> None:
        code = language.lower()[:2]
        self._language, self._known = _COUNTRIES.get(code, code), known
        self._declared = self._encoding = ""
        self._words: list[bytes] = []
        self._size = self._due = 0

    @property
    def found(self) -> str:
        """The encoding that had to be found out; "" where none had to, or the declared one was right."""
        return "" if self._encoding == self._declared else self._encoding

    def declare(self, encoding: str) -> None:
        """Note what is said of the text: believed, but for the one that servers say of all texts."""
        self._declared = self._encoding = encoding
        if encoding == UNSURE:
            self._known = self._known or UNSURE
        elif encoding:
            self._size = ENOUGH

    def read(self, data: bytes) -> str:
        """Return the text of bytes of which some are not UTF-8. Never raises."""
        return data.decode(self._encoding or "ascii", "replace")

    def learn(self, data: bytes) -> None:
        """Look at the words of a text that is not UTF-8, until enough of them were seen."""
        if self._size >= ENOUGH:
            return
        for word in islice(_WORD.findall(data), ENOUGH):
            self._words.append(word)
            self._size += len(word)
        if self._size >= self._due:
            self._due = self._size * 2
            words = b" ".join(self._words)
            self._encoding = find_encoding(words, self._language, self._known) or self._declared


def find_encoding(words: bytes, language: str = "", known: str = "") -> str:
    """Return the encoding in which the words are words of one language; "" in doubt."""
    best, texts = [], set()
    for encoding, (likely, languages) in _ENCODINGS.items():
        text = words.decode(encoding, "replace")
        if text in texts:
            continue  # an encoding before it says the same
        texts.add(text)
        likely += _HINT if encoding == known else 0.0
        score = max(_score(text, one) + (_HINT if one == language else 0.0) for one in languages)
        best.append((score + likely, encoding))
    best.sort(reverse=True)
    return best[0][1] if len(best) == 1 or best[0][0] - best[1][0] >= _SURE else ""


def _score(text: str, language: str) -> float:
    """Return the logarithm of how likely the characters beyond ASCII are in the language."""
    weights = _weights(language)
    is_latin = language not in _OTHER_SCRIPTS
    score = 0.0
    for before, letter, after in zip(f" {text}", text, f"{text[1:]} ", strict=False):
        if letter < "\x80":
            continue
        if letter.isalpha():
            score += weights.get(letter) or weights.get(letter.lower(), _STRANGE)
            if letter.isupper() and before.islower():
                score += _STRANGE
            if is_latin and before > "\x7f" and before.isalpha():
                score += _TWO_IN_A_ROW
        elif letter == "\ufffd" or letter < "\xa0":
            score += _BROKEN
        else:
            score += _SIGN if letter in _SIGNS else _RARE_SIGN
            if before.isalpha() and after.isalpha() and letter != "’":
                score += _RARE_SIGN
            elif after.isalpha() and letter in _ENDING_SIGNS:
                score += _SIGN
    return score


@lru_cache(maxsize=len(_LETTERS))
def _weights(language: str) -> dict[str, float]:
    letters = _LETTERS[language]
    whole = sum(1 / rank for rank in range(1, len(letters) + 1))
    return {letter: -log(rank * whole) for rank, letter in enumerate(letters, 1)}
