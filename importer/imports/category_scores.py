"""Which of our categories a merchant's category may be: pure scoring of what earlier choices say.

Each kind of evidence says of how many things how many went where. What it is worth, in per cent:

    at most x the share that agrees x how many agree, with one doubtful thing more

    evidence      of                                                                      at most
    shop          products of the same shop in the same category                               95
    ean           articles of it that are here through other shops, by their EAN               85
    words         categories of other shops whose last level has the same words                70
    name          a category of ours that has these words as its name                          50

So 6 of 7 products of the shop are worth 95 x 6/7 x 6/7 = 70 %, and a single one 48 %. Two kinds that say
the same make it likelier: 1 - (1 - a)(1 - b).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

AT_MOST = {"shop": 0.95, "ean": 0.85, "words": 0.70, "name": 0.50}
LEAST = 20  # per cent: below that nothing is proposed
TOGETHER = 0.8  # of the best one's: another category that is proposed beside it
HIGHEST = 99  # a proposal is never certain


@dataclass(slots=True)
class Evidence:
    """What one kind of evidence says: of `total` things so many are in each category of ours."""

    kind: str
    total: int = 0
    counts: dict[int, int] = field(default_factory=dict)

    def add(self, category_ids: Iterable[int], count: int = 1) -> None:
        """Count things that are in all of these categories."""
        self.total += count
        for pk in category_ids:
            self.counts[pk] = self.counts.get(pk, 0) + count

    def share(self, category_id: int) -> float:
        return self.counts.get(category_id, 0) / self.total if self.total else 0.0

    def worth(self, category_id: int) -> float:
        """Return what it is worth for a category, from 0 to 1."""
        agree = self.counts.get(category_id, 0)
        return AT_MOST[self.kind] * self.share(category_id) * agree / (agree + 1) if agree else 0.0


@dataclass(frozen=True, slots=True)
class Proposal:
    """Categories to propose, with how sure it is in per cent, and why, as a sentence."""

    category_ids: tuple[int, ...]
    confidence: int
    reason: str


def propose(
    evidence: Iterable[Evidence], *, shop: str, name: str, paths: Mapping[int, str]
) -> Proposal | None:
    """Return what the evidence speaks for most; None where that is too little.

    `shop` and `name` are the merchant's, for the sentence; `paths` our categories by id: no others are
    proposed.
    """
    found = [each for each in evidence if each.total]
    sure: dict[int, float] = {}
    for category_id in {pk for each in found for pk in each.counts} & paths.keys():
        against = 1.0
        for each in found:
            against *= 1 - each.worth(category_id)
        sure[category_id] = 1 - against
    if not sure:
        return None
    best = max(sure, key=lambda pk: (sure[pk], -pk))
    confidence = min(HIGHEST, round(100 * sure[best]))
    if confidence < LEAST:
        return None
    beside = [pk for pk in sure if pk != best and _goes_with(pk, best, sure, found)]
    return Proposal((best, *sorted(beside)), confidence, _reason(best, found, shop, name, paths))


def _goes_with(pk: int, best: int, sure: Mapping[int, float], found: list[Evidence]) -> bool:
    """Tell whether most things that are in the best category are in this one, too."""
    is_in_most = any(each.share(pk) > 0.5 and each.share(best) > 0.5 for each in found)
    return is_in_most and sure[pk] >= TOGETHER * sure[best]


def _reason(best: int, found: list[Evidence], shop: str, name: str, paths: Mapping[int, str]) -> str:
    strongest = sorted((each for each in found if each.worth(best)), key=lambda each: -each.worth(best))
    parts = [_SAYS[each.kind](each, best, shop, name, paths[best]) for each in strongest]
    return f"{'; '.join(parts)}."[:500]


def _of_shop(each: Evidence, best: int, shop: str, name: str, path: str) -> str:
    things = "product" if each.total == 1 else "products"
    return f"{each.counts[best]:,} of {each.total:,} {things} of {shop} in “{name}” went to {path}"


def _of_ean(each: Evidence, best: int, shop: str, name: str, path: str) -> str:
    things = "article" if each.total == 1 else "articles"
    return f"{each.counts[best]:,} of {each.total:,} {things} that other shops have, too, are in {path}"


def _of_words(each: Evidence, best: int, shop: str, name: str, path: str) -> str:
    things = "category" if each.total == 1 else "categories"
    return (
        f"{each.counts[best]:,} of {each.total:,} {things} of other shops with the same words went to {path}"
    )


def _of_name(each: Evidence, best: int, shop: str, name: str, path: str) -> str:
    return f"{path} has the same words"


_SAYS = {"shop": _of_shop, "ean": _of_ean, "words": _of_words, "name": _of_name}
