"""The vocabulary of the search: the words of titles and names, learnt soon after they were written."""

from django.db import connection, transaction

from catalog.lib.arrays import text_array
from catalog.lib.words import CONFIGS, GRAM, fold, grams, key_of, stored_near_keys
from catalog.models.words import SEPARATORS

LANGUAGES = ("de", "en", "nl", "sv")  # of public pages
BATCH = 20  # notes of up to a thousand titles each
_TAKE = """
    WITH taken AS (
        DELETE FROM catalog_newtext
        WHERE id IN (SELECT id FROM catalog_newtext ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
        RETURNING texts
    ), words AS (
        SELECT DISTINCT lexeme FROM taken, unnest(texts) AS text,
            unnest(to_tsvector('simple', translate(text, %s, %s)))
    )
    SELECT (SELECT count(*) FROM taken),
        ARRAY(SELECT lexeme FROM words
              WHERE NOT EXISTS (SELECT FROM catalog_searchword WHERE text = lexeme COLLATE "C"))
"""
_STEMS = """
    SELECT DISTINCT word, language, stem
    FROM unnest(%s::text[]) AS word, unnest(%s::text[], %s::text[]) AS asked (language, dictionary),
        unnest(ts_lexize(dictionary::regdictionary, word)) AS stem
"""
_ADD = """
    INSERT INTO catalog_searchword (text, key, keys)
    SELECT text, key, string_to_array(keys, ' ')
    FROM unnest(%s::text[], %s::text[], %s::text[]) AS word (text, key, keys)
    ORDER BY text COLLATE "C" ON CONFLICT DO NOTHING
"""


def learn_words() -> bool:
    """Add the words of titles and names that were written lately; tell whether there may be more.

    Safe to run several times at once: each takes other notes, and words in one order.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TAKE, [BATCH, SEPARATORS, " " * len(SEPARATORS)])
        taken, words = cursor.fetchone()
        if words:
            folded = {word: fold(word) for word in words}
            cursor.execute(
                _STEMS,
                [
                    text_array(sorted(set(folded.values()))),
                    [*LANGUAGES],
                    [f"{CONFIGS[language]}_stem" for language in LANGUAGES],
                ],
            )
            stems: dict[str, list[str]] = {}
            for word, language, stem in cursor.fetchall():
                stems.setdefault(word, []).append(f"{language}:{key_of(stem)}")
            keys = [" ".join(_keys(key_of(word), stems.get(folded[word], []))) for word in words]
            cursor.execute(
                _ADD, [text_array(words), text_array([key_of(word) for word in words]), text_array(keys)]
            )
    return taken == BATCH


def _keys(key: str, stems: list[str]) -> list[str]:
    """Return what a word is found by beside its key (`SearchWord.keys`)."""
    found = [*stems]
    if any(map(str.isalpha, key)):
        found += {f"#{gram}" for gram in grams(key)}
        if len(key) >= GRAM:
            found.append(f"${key[-3:]}")
    found += (f"~{near}" for near in stored_near_keys(key))
    return found
