"""What a visitor types -> the words of titles that it may mean: other spellings and forms, compounds, typos.

Every look is at an index of the vocabulary (`SearchWord`), and takes a bounded number of words from it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import connection

from catalog.lib.arrays import text_array
from catalog.lib.named_sql import read_statements
from catalog.lib.words import (
    CONFIGS,
    GRAM,
    MIN_PART,
    fold,
    grams,
    key_of,
    near_keys,
    typos_allowed,
    typos_between,
)

MAX_WORDS = 10
MOST = 40  # words of one kind that one typed word may mean
POOL = 400  # looked at for that
MAX_CORRECTIONS = 3
MAX_SPLIT = 40  # letters of a word that may be two
_WORD = re.compile(r"[^\W_]+")
_SQL = read_statements(__file__)


@dataclass(slots=True)
class Term:
    """One typed word: `same` are its spellings, forms and endings, `parts` are words that hold it.

    `pairs` are two words that it may be together, `corrected` what it was taken for where no title has it.
    """

    word: str
    same: set[str] = field(default_factory=set)
    parts: set[str] = field(default_factory=set)
    pairs: list[tuple[str, str]] = field(default_factory=list)
    corrected: str = ""

    def query(self, *, wide: bool = True, begun: bool = True) -> str:
        """Return it as a tsquery; `begun`: the word as it is typed may be a beginning."""
        beginning = ":*" if begun and len(self.word) > 1 else ""
        words = self.same | self.parts if wide else self.same
        choices = [f"'{self.word}'{beginning}", *(f"'{word}'" for word in sorted(words - {self.word}))]
        choices += [f"('{one}':* & '{other}':*)" for one, other in self.pairs]
        return f"({' | '.join(choices)})"


def split_words(text: str) -> list[str]:
    """Return the words as typed: runs of letters and digits, so that none can be an operator of a tsquery."""
    return _WORD.findall(text.lower())


def understand(text: str, language: str) -> list[Term]:
    """Return what each word may mean in a language (ISO 639-1), at most `MAX_WORDS`; three queries, or five.

    Words that stand for nothing ("for", "und") are left out where there are others.
    """
    typed = list(dict.fromkeys(split_words(text)))[:MAX_WORDS]
    if not typed:
        return []
    stems = _stems([*typed, *map(fold, typed)], language)
    telling = [word for word in typed if stems[word] != []] or typed
    terms = [Term(word) for word in telling]
    _add_similar(terms, [(key_of(word), stems[fold(word)]) for word in telling], language)
    if unknown := [term for term in terms if not term.same and not term.parts]:
        _add_pairs(unknown)
        _correct([term for term in unknown if not term.pairs], language)
    return terms


def joined(terms: Iterable[Term], *, wide: bool = True) -> str:
    """Return a tsquery for what has all of the words."""
    return " & ".join(term.query(wide=wide) for term in terms)


def _stems(words: Sequence[str], language: str) -> dict[str, list[str] | None]:
    if (config := CONFIGS.get(language)) is None:
        return dict.fromkeys(words)
    return dict(_ask("stems", dictionary=f"{config}_stem", words=text_array(words)))


def _add_similar(terms: Sequence[Term], asked: Sequence[tuple[str, list[str] | None]], language: str) -> None:
    """Add what has one of the (key, stems) of each term."""
    stems = [key_of(found[0]) if found else "" for _, found in asked]
    parts = [_part(key, stem) for (key, _), stem in zip(asked, stems, strict=True)]
    rows = _ask(
        "similar",
        keys=text_array([key for key, _ in asked]),
        stems=text_array([f"{language}:{stem}" if stem else "" for stem in stems]),
        parts=text_array(parts),
        grams=text_array([_part_keys(part) for part in parts]),
        most=MOST,
        pool=POOL,
    )
    for number, text, is_part in rows:
        term = terms[number - 1]
        (term.parts if is_part else term.same).add(text)
    for term in terms:
        term.parts -= term.same


def _part(key: str, stem: str) -> str:
    """Return what compounds are looked for by: the stem, where it is long enough to tell them."""
    if not any(map(str.isalpha, key)):
        return ""
    part = stem if len(stem) >= GRAM and stem in key else key
    return part if len(part) >= MIN_PART else ""


def _part_keys(part: str) -> str:
    return " ".join(f"#{gram}" for gram in grams(part)) if len(part) >= GRAM else f"${part}"


def _add_pairs(terms: Sequence[Term]) -> None:
    """Take words apart that titles have as two: `tischlampe` -> `tisch`, `lampe`."""
    splits = {
        term.word: [(term.word[:at], term.word[at:]) for at in range(MIN_PART, len(term.word) - MIN_PART + 1)]
        for term in terms
        if len(term.word) <= MAX_SPLIT
    }
    keys = {key_of(part) for found in splits.values() for pair in found for part in pair}
    if not keys:
        return
    known = {key for (key,) in _ask("known", keys=text_array(sorted(keys)))}
    for term in terms:
        pairs = splits.get(term.word, ())
        term.pairs = [pair for pair in pairs if all(key_of(part) in known for part in pair)][:MAX_CORRECTIONS]


def _correct(terms: Sequence[Term], language: str) -> None:
    """Add what each word may have been meant for: words with the fewest typos between."""
    asked = [(term, key, most) for term in terms if (most := typos_allowed(key := key_of(term.word)))]
    if not asked:
        return
    rows = _ask(
        "near",
        keys=text_array([key for _, key, _ in asked]),
        near=text_array([" ".join(f"~{each}" for each in near_keys(key, most)) for _, key, most in asked]),
        typos=[most for _, _, most in asked],
        pool=POOL,
    )
    best: dict[int, tuple[int, list[str]]] = {}
    for number, key in rows:
        _, typed, most = asked[number - 1]
        typos = typos_between(typed, key, most)
        least, _ = best.get(number, (most + 1, []))
        if typos < least:
            best[number] = (typos, [key])
        elif typos == least <= most:
            best[number][1].append(key)
    meant = [
        (asked[number - 1][0], key)
        for number, (_, keys) in best.items()
        for key in sorted(keys)[:MAX_CORRECTIONS]
    ]
    if not meant:
        return
    stems = _stems(sorted({key for _, key in meant}), language)
    found = [Term(key) for _, key in meant]
    _add_similar(found, [(key, stems[key]) for _, key in meant], language)
    for (term, _), other in zip(meant, found, strict=True):
        spelled = sorted(other.same, key=lambda text: (key_of(text) != other.word, text))
        term.corrected = term.corrected or spelled[0]
        term.same |= other.same
        term.parts |= other.parts


def _ask(name: str, **parameters: str | int | list[int]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(_SQL[name], parameters)
        return cursor.fetchall()
