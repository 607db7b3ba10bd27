"""The search over all mirrored feeds. Field names are the address of the page: it is the search."""

import re
from dataclasses import replace
from hashlib import sha256

from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError

from importer.feed_index import MAX_VARIANTS, Paging
from importer.forms.query import PAGE_SIZE, QueryForm
from importer.networks.query import MAX_VALUES, ItemQuery

MAX_FACETS = 1000  # of each, as networks are counted from feeds; the page shows fewer
LIST_KEPT = 30 * 24 * 3600  # seconds a pasted list stays known
MAX_LIST = 1_000_000  # characters


class IndexSearchForm(QueryForm):
    """The search over all mirrored feeds. `currencies`: theirs."""

    currency = forms.ChoiceField(label="Currency", required=False)
    pasted = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(self, *args, currencies: list[str], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.currencies = currencies
        self.fields["currency"].choices = [("", "All currencies"), *((name, name) for name in currencies)]
        self.fields[
            "keywords"
        ].help_text = "Every word must occur; “a phrase” stands in quotation marks; -word must not occur."
        self.fields["gtin"].widget = forms.HiddenInput()
        self.ids: list[str] = []

    def clean_pasted(self) -> str:
        if digest := self.cleaned_data["pasted"]:
            self.ids = list(cache.get(_list_key(digest), ()))
            if not self.ids:
                raise ValidationError("The pasted list is no longer kept. Paste it again.", code="gone")
        return digest

    def clean(self) -> dict:
        data = super().clean()
        low, high = data.get("min_price"), data.get("max_price")
        if (low is not None or high is not None) and not data.get("currency"):
            if len(self.currencies) > 1:
                self.add_error("currency", "Choose the currency of the price.")
            else:
                data["currency"] = "".join(self.currencies)
        return data

    def get_query(self) -> ItemQuery:
        """Return the search. Valid forms only."""
        if item_id := self.cleaned_data["variants"]:  # whatever else is asked for
            return ItemQuery(variants_of=item_id, sort="price")
        query = super().get_query()
        return replace(query, ids=(*query.ids, *self.ids)) if self.ids else query

    def get_paging(self, cursor: str) -> Paging:
        """Return how to show a page of it. Valid forms only."""
        if self.cleaned_data["variants"]:
            return Paging(cursor=cursor, limit=MAX_VARIANTS, max_facets=0)
        return Paging(cursor=cursor, limit=PAGE_SIZE, max_facets=MAX_FACETS, is_grouped=True)


class IdListForm(forms.Form):
    """EANs or the networks' own ids, pasted; kept under a short name, as no address may be so long."""

    ids = forms.CharField(
        label="EANs or ids",
        max_length=MAX_LIST,
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": "One per line, or with commas between them"}),
        error_messages={"required": "Paste at least one EAN or id."},
    )

    def clean_ids(self) -> list[str]:
        found = list(dict.fromkeys(_split(self.cleaned_data["ids"])))
        if not found:
            raise ValidationError("Paste at least one EAN or id.", code="required")
        if len(found) > MAX_VALUES:
            raise ValidationError(f"Paste no more than {MAX_VALUES:,} at once.", code="many")
        return found

    def keep(self) -> str:
        """Keep the list for a month; return its name, the same for the same list. Valid forms only."""
        ids = self.cleaned_data["ids"]
        digest = sha256("\n".join(ids).encode()).hexdigest()[:32]
        cache.set(_list_key(digest), ids, LIST_KEPT)
        return digest


def _split(text: str) -> list[str]:
    """Return what was pasted, one by one; only between EANs does a blank separate."""
    found = []
    for part in re.split(r"[\r\n\t,;]+", text):
        words = part.split()
        found += words if all(word.isdigit() for word in words) else [" ".join(words)]
    return found


def _list_key(digest: str) -> str:
    return f"importer:id-list:{digest}"
