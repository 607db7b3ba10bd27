"""A merchant's category in the words that two of them are compared by. Pure."""

from importer.normalise.measures import fold

# Words that say no more than that there is something.
_STOP = frozenset(
    (  # noqa: SIM905 a table of words
        "and und och og ja en et y e i és for fur till til voor pour alle all alla other andere sonstige "
        "ovrigt home start startseite shop sale angebote rea offers new neu"
    ).split()
)


def key_of(category: str) -> str:
    """Return what the spellings of one path share: its levels in small letters, without marks.

    >>> key_of("Möbel & Wohnen > LAMPEN")
    'mobel wohnen > lampen'
    """
    return " > ".join(filter(None, map(fold, category.split(" > "))))


def words_of(category: str) -> frozenset[str]:
    """Return the words of the last level of a path, which says what a thing is, each in its simplest form.

    >>> sorted(words_of("Home > Table Lamps"))
    ['lamp', 'table']
    """
    last = fold(category.rpartition(" > ")[2])
    return frozenset(map(_stem, last.split())) - _STOP


def _stem(word: str) -> str:
    """Return a word without a plural's "s", where enough is left."""
    return word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith("ss") else word
