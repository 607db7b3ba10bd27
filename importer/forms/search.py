"""The search of one network."""

from dataclasses import replace

from django import forms
from django.core.exceptions import ValidationError

from importer.forms.query import SORT_LABELS, FirstInput, FirstSelect, QueryForm, SeveralField
from importer.models import NetworkAccount
from importer.networks.contract import Network
from importer.networks.query import IN_ADDRESS, SORTS, STARTING, ItemQuery

MAX_PAGE = 10_000
# The filters that the page has a field for.
FILTERS = frozenset({"programs", "categories", "min_price", "max_price", "gtin", "in_stock"})
FOLDED_FIELDS = ("category", "min_price", "max_price", "gtin", "in_stock", "sort")


class SearchForm(QueryForm):
    """The search of an account. It reads every filter, and shows those that the network obeys (`shown`)."""

    page = forms.IntegerField(
        min_value=1, max_value=MAX_PAGE, required=False, initial=1, widget=forms.HiddenInput
    )

    def __init__(self, *args, account: NetworkAccount, network: type[Network], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.account = account
        # What is indexed here can be filtered and sorted in every way.
        filters = FILTERS & network.search_filters if network.has_search else FILTERS
        sorts = network.sorts if network.has_search else SORTS
        self.shown = {IN_ADDRESS.get(name, name) for name in filters}
        if len(sorts) > 1:
            self.shown.add("sort")
        self.fields["sort"].widget.choices = [(sort, SORT_LABELS[sort]) for sort in sorts]
        self.fields["category"].widget = FirstInput(
            attrs={"list": "category_options", "placeholder": "All categories"}
        )
        programs = list(account.programs.values_list("external_id", "name"))
        self.fields["program"] = SeveralField(
            forms.ChoiceField(choices=programs),
            label="Shop",
            widget=FirstSelect(choices=[("", "All shops"), *programs]),
        )

    def clean(self) -> dict:
        data = super().clean()
        if not self.errors and not any(data.get(IN_ADDRESS.get(name, name)) for name in STARTING):
            raise ValidationError("Enter a keyword, or choose a shop to look through.", code="empty")
        return data

    @property
    def is_asked(self) -> bool:
        """Is there something to search for in the address, be it valid or not?"""
        return any(name in self.data for name in self.fields)

    @property
    def is_narrowed(self) -> bool:
        """Is one of the filters set that the page keeps folded?"""
        return any(_is_given(self[name].value()) for name in FOLDED_FIELDS if name in self.shown)

    def get_query(self) -> ItemQuery:
        """Return the search, in the account's currency. Valid forms only."""
        query = super().get_query()
        return replace(query, account_id=self.account.pk, currency=self.account.currency)


def _is_given(value: object) -> bool:
    return any(value) if isinstance(value, list) else bool(value)
