"""Find what earlier choices say about the merchants' categories that nobody mapped yet, in the background."""

from collections import defaultdict
from collections.abc import Iterator

from django.db import connection

from catalog.lib.named_sql import read_statements
from catalog.services.rows import update_rows
from importer.imports.category_map import category_paths
from importer.imports.category_names import key_of, words_of
from importer.imports.category_scores import Evidence, propose
from importer.models import CategoryMapping

AT_ONCE = 2_000
_SQL = read_statements(__file__)
Place = tuple[str, str]  # program key, key of the category


def propose_categories() -> int:
    """Bring the proposals of all lines that nobody decided up to date; return how many changed.

    What products say is read by one statement each for shops and EANs. May run twice.
    """
    paths = category_paths()
    of_shop, of_ean = _read("of_shop", "shop"), _read("of_ean", "ean")
    of_words = _words()
    of_name = _names(paths)
    changed = 0
    for batch in _undecided():
        rows = []
        for mapping in batch:
            place = mapping.program_key, mapping.key
            words = words_of(mapping.key)
            evidence = [
                of_shop.get(place),
                of_ean.get(place),
                _of_others(of_words.get(words, []), mapping.program_key),
                of_name.get(words),
            ]
            found = propose(
                filter(None, evidence),
                shop=mapping.shop_name or mapping.program_key,
                name=mapping.name,
                paths=paths,
            )
            ids, confidence, reason = (
                (list(found.category_ids), found.confidence, found.reason) if found else ([], 0, "")
            )
            if (mapping.proposed_ids, mapping.confidence, mapping.reason) != (ids, confidence, reason):
                mapping.proposed_ids, mapping.confidence, mapping.reason = ids, confidence, reason
                rows.append((mapping.pk, mapping))
        update_rows(CategoryMapping, rows, ("proposed_ids", "confidence", "reason"))
        changed += len(rows)
    return changed


def _undecided() -> Iterator[list[CategoryMapping]]:
    last = 0
    while True:
        found = CategoryMapping.objects.filter(decision="", pk__gt=last).order_by("pk")
        if not (batch := list(found[:AT_ONCE])):
            return
        yield batch
        last = batch[-1].pk


def _read(statement: str, kind: str) -> dict[Place, Evidence]:
    found: dict[Place, Evidence] = {}
    with connection.cursor() as cursor:
        cursor.execute(_SQL[statement])
        for program_key, category, category_ids, count in cursor.fetchall():
            place = program_key, key_of(category)
            found.setdefault(place, Evidence(kind)).add(category_ids, count)
    return found


def _words() -> dict[frozenset[str], list[tuple[str, list[int]]]]:
    """Return what was decided, as (program, our categories), by the words of the merchant's category."""
    found: dict[frozenset[str], list[tuple[str, list[int]]]] = defaultdict(list)
    decided = CategoryMapping.objects.filter(decision=CategoryMapping.Decision.MAPPED).order_by()
    for program_key, key, ids in decided.values_list("program_key", "key", "category_ids"):
        if words := words_of(key):
            found[words].append((program_key, ids))
    return found


def _of_others(decided: list[tuple[str, list[int]]], program_key: str) -> Evidence:
    evidence = Evidence("words")
    for other, category_ids in decided:
        if other != program_key:
            evidence.add(category_ids)
    return evidence


def _names(paths: dict[int, str]) -> dict[frozenset[str], Evidence]:
    found: dict[frozenset[str], Evidence] = {}
    for pk, path in paths.items():
        if words := words_of(path):
            found.setdefault(words, Evidence("name")).add([pk])
    return found
