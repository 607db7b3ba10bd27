"""Button texts and their `%s`."""

from dataclasses import dataclass
from itertools import pairwise

from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_noop

from catalog.models import ButtonTexts
from catalog.site.shared import Shared

FIELDS = ("long", "short", "unavailable")
# Translated where a button is shown.
BUILT_IN = {
    "long": gettext_noop("Buy at %s"),
    "short": gettext_noop("Buy now"),
    "unavailable": gettext_noop("Not available"),
}


def validate_text(text: str) -> None:
    """Accept at most one `%s` (the shop's name) and lone `%` signs; refuse any other directive."""
    if text.count("%s") > 1:
        raise ValidationError("Use %s only once: it stands for the shop's name.", code="twice")
    rest = text.replace("%s", "", 1)
    for sign, following in pairwise(rest):
        if sign == "%" and following.isalpha():
            raise ValidationError(
                "“%%%(letter)s” means nothing here. Only %%s works: it stands for the shop's name.",
                code="directive",
                params={"letter": following},
            )


def fill(text: str, shop_name: str) -> str:
    """Put the shop's name in place of `%s`; every other character stays as it is.

    >>> fill("Buy at %s now", "OTTO")
    'Buy at OTTO now'
    """
    return text.replace("%s", shop_name, 1)


@dataclass(frozen=True, slots=True)
class Buttons:
    """The texts of every source, as they are when loaded: visitors share them (`shared_buttons`)."""

    texts: dict[str, ButtonTexts]

    @classmethod
    def load(cls) -> "Buttons":
        return cls({texts.source: texts for texts in ButtonTexts.objects.all()})

    def text(self, field: str, source: str, shop_name: str) -> str:
        """Return the text of `field` for an offer: the source's, else the site's, else the built-in one."""
        for key in (source, ""):
            if (texts := self.texts.get(key)) and (text := getattr(texts, field)):
                return fill(text, shop_name)
        return fill(gettext(BUILT_IN[field]), shop_name)


shared_buttons = Shared(Buttons.load)
