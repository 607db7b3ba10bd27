"""An `ItemQuery` as the fields of an address: what both search pages share."""

from collections.abc import Iterable

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from catalog.forms.fields import GtinField
from importer.networks import NETWORKS
from importer.networks.query import FIELDS, IN_ADDRESS, MAX_TEXT, MAX_VALUES, SORTS, ItemQuery

PAGE_SIZE = 25
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
    "blocked": "Blocked",
}


class FirstShown:
    """A widget for one of several values: the first one in it, the others hidden beside it."""

    def value_from_datadict(self, data, files, name: str) -> list[str]:
        return data.getlist(name) if hasattr(data, "getlist") else [data[name]] if name in data else []

    def render(self, name, value, attrs=None, renderer=None) -> SafeString:
        first, *others = [value] if isinstance(value, str) else value or [""]
        hidden = format_html_join(
            "", '<input type="hidden" name="{}" value="{}">', ((name, v) for v in others)
        )
        return super().render(name, first, attrs, renderer) + hidden


class FirstInput(FirstShown, forms.TextInput):
    pass


class FirstSelect(FirstShown, forms.Select):
    pass


class SeveralField(forms.Field):
    """Values of one kind, each as `one` reads it."""

    def __init__(self, one: forms.Field, **kwargs) -> None:
        super().__init__(required=False, **kwargs)
        self.one = one
        self.one.required = False

    def clean(self, value: Iterable[str] | None) -> list:
        given = [text for text in value or () if text.strip()]
        if len(given) > MAX_VALUES:
            raise ValidationError(f"No more than {MAX_VALUES:,} values at once.", code="many")
        return [self.one.clean(text) for text in given]


def text_field(label: str, widget: type[forms.Widget] = FirstInput, **attrs: str) -> SeveralField:
    return SeveralField(forms.CharField(max_length=MAX_TEXT), label=label, widget=widget(attrs=attrs))


class QueryForm(forms.Form):
    """An `ItemQuery`, typed. Field names are those of an address, so a page's address is the search."""

    keywords = forms.CharField(
        label="Keyword",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "What are you looking for?"}),
    )
    network = SeveralField(
        forms.ChoiceField(choices=[(slug, network.label) for slug, network in NETWORKS.items()]),
        label="Network",
        widget=FirstSelect(
            choices=[("", "All networks"), *((slug, network.label) for slug, network in NETWORKS.items())]
        ),
    )
    program = text_field("Program", forms.MultipleHiddenInput)
    shop = text_field("Shop", list="shop_values", placeholder="All shops")
    brand = text_field("Brand", list="brand_values", placeholder="All brands")
    category = text_field("Category", list="category_values", placeholder="All categories")
    min_price = forms.DecimalField(
        label="Price from", min_value=0, max_digits=14, decimal_places=2, required=False
    )
    max_price = forms.DecimalField(
        label="Price to", min_value=0, max_digits=14, decimal_places=2, required=False
    )
    gtin = GtinField(
        label="EAN",
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    on_sale = forms.BooleanField(label=FLAGS["on_sale"], required=False)
    in_stock = forms.BooleanField(label=FLAGS["in_stock"], required=False)
    has_picture = forms.BooleanField(label=FLAGS["has_picture"], required=False)
    has_gtin = forms.BooleanField(label=FLAGS["has_gtin"], required=False)
    not_imported = forms.BooleanField(label=FLAGS["not_imported"], required=False)
    blocked = forms.BooleanField(label=FLAGS["blocked"], required=False)
    new_since = forms.DateTimeField(label="New since", required=False, widget=forms.HiddenInput)
    sort = forms.ChoiceField(label="Sort by", choices=[(s, SORT_LABELS[s]) for s in SORTS], required=False)
    feed = SeveralField(
        forms.IntegerField(min_value=1, max_value=2**31), label="Feed", widget=forms.MultipleHiddenInput
    )
    # An item: only the variants of its model. No page has a control for it.
    variants = forms.IntegerField(min_value=1, max_value=2**62, required=False)
    id = SeveralField(forms.CharField(max_length=MAX_TEXT), label="Id", widget=forms.MultipleHiddenInput)

    def clean(self) -> dict:
        data = super().clean()
        low, high = data.get("min_price"), data.get("max_price")
        if low is not None and high is not None and low > high:
            self.add_error("max_price", "Lower than the price it starts from.")
        return data

    def get_query(self) -> ItemQuery:
        """Return the search. Valid forms only."""
        asked = {name: self.cleaned_data.get(IN_ADDRESS.get(name, name)) for name in FIELDS}
        return ItemQuery(**{name: value for name, value in asked.items() if value not in (None, "", [])})
