"""The words that titles and names have, so that search finds other spellings and forms of them."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import Func, Value

# What PostgreSQL would take for part of a word, of an address or a number: "HDMI/USB", "3.5".
SEPARATORS = "/.-_@:+~=?&#"


def search_vector(column: str) -> SearchVector:
    """Return the words of a column as the index has them: runs of letters and digits."""
    spaces = Value(" " * len(SEPARATORS))
    return SearchVector(
        Func(column, Value(SEPARATORS), spaces, function="translate", output_field=models.TextField()),
        config="simple",
    )


class SearchWord(models.Model):
    """A word that a title or name has, or had once (`catalog.services.learn_words` adds them).

    `key` is what all its spellings share; `keys` what else it is found by: stems in the languages of public
    pages (`de:lamp`), runs of four letters and the last three (`#lamp`, `$mpe`), and what is left of it
    without a letter or two (`~lape`).
    """

    text = models.TextField(db_collation="C", primary_key=True)
    key = models.TextField(db_collation="C")
    keys = ArrayField(models.TextField(db_collation="C"))

    class Meta:
        indexes = [
            models.Index(fields=["key"], name="searchword_key"),
            GinIndex(fields=["keys"], name="searchword_keys", fastupdate=False),
        ]

    def __str__(self) -> str:
        return self.text


class NewText(models.Model):
    """Titles and names whose words are to be learnt: triggers note them, a worker takes them away."""

    texts = ArrayField(models.TextField())

    def __str__(self) -> str:
        return ", ".join(self.texts[:3])
