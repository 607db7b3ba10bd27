"""Word forms, by PostgreSQL's own dictionaries."""

from collections.abc import Callable, Collection, Iterable, Mapping

from django.db import connection

from catalog.lib.arrays import text_array

MAX_KNOWN = 50_000  # words whose stems are kept in memory


def get_stems(words: Collection[str], configs: Iterable[str]) -> dict[str, list[str]]:
    """Return what each word is reduced to in the languages of the configurations, other than itself.

    A word that stands for nothing ("und") has no stems, nor has any in `simple`.
    """
    dictionaries = [f"{config}_stem" for config in sorted(set(configs) - {"simple"})]
    stems: dict[str, list[str]] = {word: [] for word in words}
    if words and dictionaries:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT DISTINCT word, stem
                FROM unnest(%s::text[]) AS word, unnest(%s::text[]) AS dictionary,
                     unnest(ts_lexize(dictionary::regdictionary, word)) AS stem
                WHERE stem <> word ORDER BY word, stem
                """,
                [text_array(sorted(stems)), dictionaries],
            )
            for word, stem in cursor.fetchall():
                stems[word].append(stem)
    return stems


class WordForms:
    """The forms of words in some languages; the stems of each word are asked of PostgreSQL once.

    `on_new` is told of forms that were not known before.
    """

    def __init__(
        self, configs: Iterable[str], on_new: Callable[[Collection[str]], None] = lambda forms: None
    ) -> None:
        self._configs = tuple(configs)
        self._on_new = on_new
        self._known: dict[str, list[str]] = {}

    def learn(self, words: Collection[str]) -> Mapping[str, list[str]]:
        """Return each word (and others) with its forms: itself and its stems."""
        known = self._known
        if len(known) > MAX_KNOWN:
            known = self._known = {}
        if unknown := set(words) - known.keys():
            stems = get_stems(unknown, self._configs)
            self._on_new(unknown.union(*stems.values()))
            known.update((word, [word, *found]) for word, found in stems.items())
        return known
