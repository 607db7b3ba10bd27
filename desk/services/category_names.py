"""Which category of a tree a shop's own may be, by its name: words and trigrams. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from importer.imports.category_names import key_of

TOP = 3
LEAST = 0.3  # of 1: below that nothing is suggested
LAST, ABOVE = 1.0, 0.35  # what the last level counts, and those above it


@lru_cache(maxsize=16_384)
def trigrams(text: str) -> frozenset[str]:
    """Return the trigrams of each word of a text, as PostgreSQL's pg_trgm makes them."""
    found: set[str] = set()
    for word in key_of(text).replace(">", " ").replace("/", " ").split():
        padded = f"  {word} "
        found.update(padded[place : place + 3] for place in range(len(padded) - 2))
    return frozenset(found)


class Names:
    """The names of a tree, of all its languages, found by their trigrams."""

    def __init__(self, rows: Iterable[tuple[str, str, str]]) -> None:
        """`rows`: id, last level, path."""
        self.names: list[tuple[str, frozenset[str], frozenset[str]]] = []
        self.by_trigram: dict[str, list[int]] = defaultdict(list)
        for external_id, name, path in rows:
            own, above = trigrams(name), trigrams(path.rpartition(" > ")[0])
            for trigram in own:
                self.by_trigram[trigram].append(len(self.names))
            self.names.append((external_id, own, above))


def suggest(name: str, tree: Names) -> list[str]:
    """Return ids of the tree that a category's name is like, the likeliest first, three at most.

    The last level of the name counts most; a category whose upper levels agree goes before one that only has
    the same last word.
    """
    levels = [level.strip() for level in name.replace("/", ">").split(">") if level.strip()]
    if not levels:
        return []
    last, whole = trigrams(levels[-1]), trigrams(" ".join(levels))
    places = {place for trigram in whole for place in tree.by_trigram.get(trigram, ())}
    scores: dict[str, float] = {}
    for place in places:
        external_id, own, above = tree.names[place]
        score = LAST * max(_share(last, own), 0.8 * _share(whole, own))
        if score:
            score += ABOVE * _covered(above, whole)
        scores[external_id] = max(score, scores.get(external_id, 0.0))
    best = sorted((-score, external_id) for external_id, score in scores.items() if score >= LEAST)
    return [external_id for _, external_id in best[:TOP]]


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    """Return what two texts have in common of all that they have: 1 for the same words."""
    return len(one & other) / len(one | other) if one and other else 0.0


def _covered(part: frozenset[str], whole: frozenset[str]) -> float:
    return len(part & whole) / len(part) if part else 0.0
