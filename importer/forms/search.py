"""The search of one network, or of all."""

from django import forms
from django.core.exceptions import ValidationError

from catalog.forms.fields import GtinField
from importer.models import NetworkAccount
from importer.networks.contract import SORTS, Network, SearchQuery

PAGE_SIZE = 25
MAX_PAGE = 10_000
SORT_LABELS = {
    "relevance": "Best match",
    "price": "Cheapest first",
    "-price": "Dearest first",
    "newest": "Newest first",
}
# What a search must hold at least one of: the rest only narrows it down.
STARTING_FIELDS = ("keywords", "program_id", "category", "gtin")
FILTERS = frozenset({"program_id", "category", "min_price", "max_price", "gtin", "in_stock"})
FOLDED_FIELDS = ("category", "min_price", "max_price", "gtin", "in_stock", "sort")


class SearchForm(forms.Form):
    """A `SearchQuery`, typed. Field names are the query's, so the page's address is the search."""

    keywords = forms.CharField(
        label="Keyword",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "What are you looking for?"}),
    )
    program_id = forms.ChoiceField(label="Shop", required=False)
    category = forms.CharField(
        label="Category",
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"list": "category_options", "placeholder": "All categories"}),
    )
    min_price = forms.DecimalField(label="Price from", min_value=0, decimal_places=2, required=False)
    max_price = forms.DecimalField(label="Price to", min_value=0, decimal_places=2, required=False)
    gtin = GtinField(
        label="EAN",
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    in_stock = forms.BooleanField(label="In stock only", required=False)
    sort = forms.ChoiceField(label="Sort by", required=False)
    page = forms.IntegerField(
        min_value=1, max_value=MAX_PAGE, required=False, initial=1, widget=forms.HiddenInput
    )

    def __init__(self, *args, account: NetworkAccount, network: type[Network], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.account = account
        # What is indexed here can be filtered and sorted in every way.
        filters = network.search_filters if network.has_search else FILTERS
        sorts = network.sorts if network.has_search else SORTS
        for name in FILTERS - filters:
            del self.fields[name]
        if "program_id" in self.fields:
            self.fields["program_id"].choices = [
                ("", "All shops"),
                *account.programs.values_list("external_id", "name"),
            ]
        self.fields["sort"].choices = [(sort, SORT_LABELS[sort]) for sort in sorts]
        if len(sorts) < 2:
            del self.fields["sort"]

    def clean(self) -> dict:
        data = super().clean()
        low, high = data.get("min_price"), data.get("max_price")
        if low is not None and high is not None and low > high:
            self.add_error("max_price", "Lower than the price it starts from.")
        if not self.errors and not any(data.get(name) for name in STARTING_FIELDS):
            raise ValidationError("Enter a keyword, or choose a shop to look through.", code="empty")
        return data

    @property
    def is_asked(self) -> bool:
        """Is there something to search for in the address, be it valid or not?"""
        return any(name in self.data for name in self.fields)

    @property
    def is_narrowed(self) -> bool:
        """Is one of the filters set that the page keeps folded?"""
        return any(self[name].value() for name in FOLDED_FIELDS if name in self.fields)

    @property
    def query(self) -> SearchQuery:
        """The search, in the account's currency. Valid forms only."""
        asked = {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
        return SearchQuery(**asked, currency=self.account.currency, page_size=PAGE_SIZE)
