"""The search over all mirrored feeds. Field names are the address of the page: it is the search."""

import re
from hashlib import sha256

from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError

from importer.feed_index import MAX_VARIANTS, IndexQuery
from importer.feed_index.query import MAX_IDS
from importer.networks import NETWORKS

PAGE_SIZE = 25
MAX_FACETS = 1000  # of each, as networks are counted from feeds; the page shows fewer
LIST_KEPT = 30 * 24 * 3600  # seconds a pasted list stays known
MAX_LIST = 1_000_000  # characters
SORT_LABELS = {
    "relevance": "Best match",
    "price": "Cheapest first",
    "-price": "Dearest first",
    "discount": "Biggest reduction first",
    "newest": "Newest first",
}
FLAGS = {
    "on_sale": "Reduced",
    "in_stock": "In stock",
    "has_picture": "With a picture",
    "has_gtin": "With an EAN",
    "not_imported": "Not imported yet",
}
# What narrows a search down by one value each: name of the field -> of the query.
VALUES = {"shop": "shops", "brand": "brands", "category": "categories"}


def _value_field(label: str, names: str) -> forms.CharField:
    widget = forms.TextInput(attrs={"list": f"{label.lower()}_values", "placeholder": f"All {names}"})
    return forms.CharField(label=label, max_length=300, required=False, widget=widget)


class IndexSearchForm(forms.Form):
    """An `IndexQuery`, typed. `currencies`: those of the mirrored feeds."""

    keywords = forms.CharField(
        label="Keyword",
        max_length=200,
        required=False,
        help_text="Every word must occur; “a phrase” stands in quotation marks; -word must not occur.",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "What are you looking for?"}),
    )
    network = forms.ChoiceField(
        label="Network",
        choices=[("", "All networks"), *((slug, network.label) for slug, network in NETWORKS.items())],
        required=False,
    )
    shop = _value_field("Shop", "shops")
    brand = _value_field("Brand", "brands")
    category = _value_field("Category", "categories")
    min_price = forms.DecimalField(label="Price from", min_value=0, decimal_places=2, required=False)
    max_price = forms.DecimalField(label="Price to", min_value=0, decimal_places=2, required=False)
    currency = forms.ChoiceField(label="Currency", required=False)
    on_sale = forms.BooleanField(label=FLAGS["on_sale"], required=False)
    in_stock = forms.BooleanField(label=FLAGS["in_stock"], required=False)
    has_picture = forms.BooleanField(label=FLAGS["has_picture"], required=False)
    has_gtin = forms.BooleanField(label=FLAGS["has_gtin"], required=False)
    not_imported = forms.BooleanField(label=FLAGS["not_imported"], required=False)
    sort = forms.ChoiceField(label="Sort by", choices=list(SORT_LABELS.items()), required=False)
    feed = forms.IntegerField(min_value=1, max_value=2**31, required=False, widget=forms.HiddenInput)
    pasted = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
    # An item: only the variants of its model, whatever else is asked for.
    variants = forms.IntegerField(min_value=1, max_value=2**62, required=False)

    def __init__(self, *args, currencies: list[str], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.currencies = currencies
        self.fields["currency"].choices = [("", "All currencies"), *((name, name) for name in currencies)]
        self.ids: tuple[str, ...] = ()

    def clean_pasted(self) -> str:
        if digest := self.cleaned_data["pasted"]:
            self.ids = tuple(cache.get(_list_key(digest), ()))
            if not self.ids:
                raise ValidationError("The pasted list is no longer kept. Paste it again.", code="gone")
        return digest

    def clean(self) -> dict:
        data = super().clean()
        low, high = data.get("min_price"), data.get("max_price")
        if low is not None and high is not None and low > high:
            self.add_error("max_price", "Lower than the price it starts from.")
        if (low is not None or high is not None) and not data.get("currency"):
            if len(self.currencies) > 1:
                self.add_error("currency", "Choose the currency of the price.")
            else:
                data["currency"] = "".join(self.currencies)
        return data

    def get_query(self, **paging) -> IndexQuery:
        """Return the search. Valid forms only."""
        data = self.cleaned_data
        if data["variants"]:
            return IndexQuery(
                variants_of=data["variants"], sort="price", limit=MAX_VARIANTS, with_facets=False, **paging
            )
        return IndexQuery(
            is_grouped=True,
            text=data["keywords"],
            networks=(data["network"],) if data["network"] else (),
            feed_ids=(data["feed"],) if data["feed"] else (),
            **{plural: (data[name],) if data[name] else () for name, plural in VALUES.items()},
            **{name: data[name] for name in FLAGS},
            min_price=data["min_price"],
            max_price=data["max_price"],
            currency=data["currency"],
            ids=self.ids,
            sort=data["sort"] or "relevance",
            limit=PAGE_SIZE,
            max_facets=MAX_FACETS,
            **paging,
        )


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
        if len(found) > MAX_IDS:
            raise ValidationError(f"Paste no more than {MAX_IDS:,} at once.", code="many")
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
