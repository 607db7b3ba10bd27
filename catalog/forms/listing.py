"""What the product list shows: which tab, which filters, which order."""

from django import forms
from django.db.models import Exists, F, OuterRef, QuerySet

from catalog.models import Category, Offer, Product, ProductImage, Revision, Shop
from catalog.queries.categories import with_descendants
from catalog.queries.product_list import COLUMNS, PAGE_SIZES
from catalog.queries.products import matching

SORTS = {
    "-created": [F("created_at").desc(), F("id").desc()],
    "created": [F("created_at").asc(), F("id").asc()],
    "title": [F("title").asc(), F("id").asc()],
    "-title": [F("title").desc(), F("id").desc()],
    "price": [F("lowest_price").asc(nulls_last=True), F("id").asc()],
    "-price": [F("lowest_price").desc(nulls_last=True), F("id").desc()],
}
NONE = "none"  # in place of an id: those that have none
PICTURES = {"none": "No picture", "failed": "Failed picture", "waiting": "Waiting picture"}
PRICES = {"old": "Too old to be shown"}
FEEDS = {"moved": "Feed moved under an edit"}
TABS = {
    "": ("All", [Product.Status.DRAFT, Product.Status.PUBLISHED]),
    "published": ("Published", [Product.Status.PUBLISHED]),
    "draft": ("Drafts", [Product.Status.DRAFT]),
    "trashed": ("Trash", [Product.Status.TRASHED]),
}


class ProductListForm(forms.Form):
    """The filters of the address. What makes no sense is left out, so that an old link still shows a list.

    `categories` and `shops` are read once by the view; they are few, and the rows show them too.
    """

    status = forms.ChoiceField(choices=[(key, label) for key, (label, _) in TABS.items()], required=False)
    sort = forms.ChoiceField(choices=[(key, key) for key in SORTS], required=False)
    q = forms.CharField(max_length=200, required=False)
    category = forms.RegexField(rf"^({NONE}|\d{{1,18}})$", required=False)
    shop = forms.RegexField(rf"^({NONE}|\d{{1,18}})$", required=False)
    brand = forms.CharField(max_length=120, required=False)
    picture = forms.ChoiceField(choices=list(PICTURES.items()), required=False)
    price = forms.ChoiceField(choices=list(PRICES.items()), required=False)
    feed = forms.ChoiceField(choices=list(FEEDS.items()), required=False)
    # What one run, bulk action or mapping made or changed (`Revision.cause`).
    cause = forms.RegexField(r"^[a-z]{1,20}:[\w-]{1,50}$", required=False)

    def __init__(self, data, *, categories: list[Category], shops: dict[int, Shop]) -> None:
        super().__init__(data)
        self.categories, self.shops = categories, shops
        self.is_valid()

    def clean_category(self) -> int | str:
        return _id_of(self.cleaned_data["category"])

    def clean_shop(self) -> int | str:
        return _id_of(self.cleaned_data["shop"])

    def value(self, name: str):
        return self.cleaned_data.get(name) or ""

    @property
    def chosen(self) -> dict:
        """The value of every filter, for the template."""
        return {name: self.value(name) for name in self.fields}

    @property
    def is_filtered(self) -> bool:
        return any(
            self.value(name)
            for name in ("q", "category", "shop", "brand", "picture", "price", "feed", "cause")
        )

    @property
    def statuses(self) -> list[str]:
        return TABS[self.value("status")][1]

    @property
    def order(self) -> list:
        return SORTS[self.value("sort") or "-created"]

    def narrow(self, products: QuerySet[Product]) -> QuerySet[Product]:
        """Apply everything but the tab and the order."""
        if text := self.value("q"):
            products = products.filter(matching(text))
        if (category := self.value("category")) == NONE:
            products = products.filter(category_ids=[])
        elif category:
            ids = with_descendants(self.categories, category)
            within = Product.categories.through.objects.filter(category__in=ids)
            products = products.filter(pk__in=within.values("product"))
        if (shop := self.value("shop")) == NONE:
            products = products.filter(offer_count=0)
        elif shop:
            products = products.filter(pk__in=Offer.objects.filter(shop=shop).order_by().values("product"))
        if brand := self.value("brand"):
            products = products.filter(brand__name__iexact=brand)
        if state := self.value("picture"):
            images = ProductImage.objects.filter(product=OuterRef("pk"))
            if state == "none":
                products = products.exclude(Exists(images.exclude(state=ProductImage.State.FAILED)))
            else:
                products = products.filter(Exists(images.filter(state=state)))
        if self.value("price") == "old":
            products = products.filter(pk__in=Offer.objects.old().order_by().values("product"))
        if self.value("feed") == "moved":
            products = products.exclude(moved_fields=[])
        if cause := self.value("cause"):
            products = products.filter(
                pk__in=Revision.objects.filter(cause=cause).order_by().values("product_id")
            )
        return products


def _id_of(text: str) -> int | str:
    return int(text) if text.isdecimal() else text


class ColumnsForm(forms.Form):
    """Which columns the product list shows, and how many rows."""

    columns = forms.MultipleChoiceField(
        choices=list(COLUMNS.items()), required=False, widget=forms.CheckboxSelectMultiple
    )
    rows = forms.TypedChoiceField(
        label="Rows on a page", choices=[(size, str(size)) for size in PAGE_SIZES], coerce=int
    )
