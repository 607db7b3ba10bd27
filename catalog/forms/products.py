"""The product editor and the bulk actions of the product list."""

from collections.abc import Callable, Iterator

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone

from catalog.forms.fields import (
    CategoryTreeField,
    GtinField,
    LinesField,
    NamesField,
    PicturesField,
    PropertiesField,
)
from catalog.forms.policies import policy_choices
from catalog.lib.money import format_money
from catalog.lib.rich_text import clean_html, same_lines
from catalog.models import Category, Product, ProductImage
from catalog.queries.click_counts import SPANS, with_clicks
from catalog.queries.field_states import NAMES

MAX_SELECTED = 1000
MAX_MATCHES = 10_000


class ProductForm(forms.ModelForm):
    """Everything about a product that a person may change, save its pictures' order and texts."""

    title = forms.CharField(max_length=300, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    slug = forms.SlugField(
        max_length=140, required=False, help_text="The last part of the address. Empty: made from the title."
    )
    description = forms.CharField(
        max_length=50_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 12, "data-prose": ""}),
    )
    brand = forms.CharField(
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"list": "brand-names", "autocomplete": "off"}),
        help_text="An existing brand or a new one.",
    )
    categories = CategoryTreeField()
    new_categories = NamesField(
        max_length=600, required=False, help_text="Separate several with commas.", label="New categories"
    )
    gtin = GtinField(label="EAN", max_length=20, required=False)
    attributes = PropertiesField(
        label="Properties",
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="One a line: “colour: red”. Which of them visitors see is chosen for all products.",
    )
    status = forms.ChoiceField(choices=Product.Status.choices[:2])
    publish_at = forms.DateTimeField(
        label="Publish on",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text="A draft is published by itself at this time.",
    )
    verdict = forms.CharField(
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What you think of it, in your words. Pages mark it as yours.",
    )
    pros = LinesField(label="What speaks for it", help_text="One a line, ten at most.")
    cons = LinesField(label="What speaks against it", help_text="One a line, ten at most.")
    meta_title = forms.CharField(
        label="Title", max_length=120, required=False, help_text="Empty: the product's title with its price."
    )
    meta_description = forms.CharField(
        label="Description",
        max_length=320,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Up to about 160 letters are shown. Empty: the first words of the description.",
    )
    uploads = PicturesField(
        label="Add pictures",
        required=False,
        help_text="JPEG, PNG, WebP, AVIF or GIF, up to 10 MB each, not animated.",
    )

    class Meta:
        model = Product
        fields = (
            *("title", "slug", "description", "gtin", "verdict", "pros", "cons"),
            *("publish_at", "meta_title", "meta_description"),
        )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        product = self.instance
        if product.pk:
            self.fields["slug"].help_text = "The last part of the address. Empty: as it was."
            self.initial["brand"] = product.brand.name if product.brand else ""
            self.initial["categories"] = [category.pk for category in product.categories.all()]
        self.initial["attributes"] = product.attributes
        for known in (product.attributes, product.imported.get("attributes", {})):
            self.fields["attributes"].know(known)
        self.initial.setdefault("status", product.status)
        if product.status == Product.Status.TRASHED:
            self.fields["status"].disabled = True
            self.fields["status"].choices = Product.Status.choices

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())

    def clean_brand(self) -> str:
        return " ".join(self.cleaned_data["brand"].split())

    def clean_meta_title(self) -> str:
        return " ".join(self.cleaned_data["meta_title"].split())

    def clean_meta_description(self) -> str:
        return " ".join(self.cleaned_data["meta_description"].split())

    def clean(self) -> dict:
        """Only a draft waits for its time, and a time to come is the only one worth waiting for."""
        data = super().clean()
        if data.get("status") != Product.Status.DRAFT:
            if data.get("publish_at") and "publish_at" in self.changed_data:
                self.add_error("publish_at", "Only a draft waits: choose Draft, or take the time away.")
            data["publish_at"] = None
        elif (at := data.get("publish_at")) and at <= timezone.now() and "publish_at" in self.changed_data:
            self.add_error("publish_at", "This time has passed. Choose a later one, or publish it now.")
        return data

    def clean_attributes(self) -> dict[str, str]:
        """A form that does not say them, as an older page has it, leaves them."""
        is_said = self.add_prefix("attributes") in self.data
        return self.cleaned_data["attributes"] if is_said else self.instance.attributes

    def clean_slug(self) -> str:
        return self.cleaned_data["slug"] or self.initial.get("slug", "")

    def clean_description(self) -> str:
        """Text that is still the stored one or the feed's stays to the letter: else it counts as edited."""
        text = self.cleaned_data["description"]
        for known in (self.initial.get("description"), self.instance.imported.get("description")):
            if known and same_lines(known, text):
                return known
        return clean_html(text)


class GalleryForm(forms.Form):
    """The pictures and offers that a product has: text and place of each picture, and what goes.

    A picture that the form did not know of keeps its text and comes last.
    """

    def __init__(self, data=None, *, product: Product) -> None:
        super().__init__(data)
        self.images = list(product.images.select_related("stored"))
        self.offers = list(with_clicks(product.offers.select_related("shop", "later_check")))
        self.fields["main_offer"] = forms.TypedChoiceField(
            label="Main offer",
            choices=[("", "The best one"), *((offer.pk, _offer_label(offer)) for offer in self.offers)],
            coerce=int,
            empty_value=None,
            required=False,
            initial=next((offer.pk for offer in self.offers if offer.is_main), ""),
            help_text="Its price and button lead the page while it can be had. "
            "The best one: what is in stock and costs least.",
        )
        for image in self.images:
            self.fields[f"alt_{image.pk}"] = forms.CharField(
                label="Alternative text", max_length=300, required=False, initial=image.alt
            )
            self.fields[f"alt_{image.pk}"].widget.attrs["placeholder"] = product.title
            self.fields[f"position_{image.pk}"] = forms.IntegerField(
                label="Place",
                min_value=0,
                max_value=9999,
                required=False,
                initial=image.position,
                widget=forms.NumberInput(attrs={"data-position": ""}),
            )
            self.fields[f"remove_{image.pk}"] = forms.BooleanField(label="Remove", required=False)

    @property
    def rows(self) -> Iterator[dict]:
        """Each picture with its fields, for the template; posted, in the order that was typed."""
        for image in self.images if not self.is_bound else self._in_typed_order():
            names = ("alt", "position", "remove")
            yield {"image": image} | {name: self[f"{name}_{image.pk}"] for name in names}

    @property
    def clicks(self) -> dict[str, int]:
        """The clicks on all offers, per span of time."""
        return {span: sum(getattr(offer, f"clicks_{span}") for offer in self.offers) for span in SPANS}

    @property
    def removed_offers(self) -> list[int]:
        """The ids of the ticked offers; one that is gone already is no error."""
        ticked = set(self.data.getlist("remove_offers")) if self.is_bound else set()
        return [offer.pk for offer in self.offers if str(offer.pk) in ticked]

    @property
    def clicks_by_shop(self) -> list[tuple]:
        """(shop, {span: clicks}) of each shop, most clicks first."""
        shops: dict = {}
        for offer in self.offers:
            counts = shops.setdefault(offer.shop, dict.fromkeys(SPANS, 0))
            for span in SPANS:
                counts[span] += getattr(offer, f"clicks_{span}")
        return sorted(shops.items(), key=lambda row: (-row[1]["month"], row[0].name))

    @property
    def click_rows(self) -> list[tuple[str, dict[str, int]]]:
        """(name, {span: clicks}) of each shop and, of several, of all of them."""
        rows = [(shop.name, counts) for shop, counts in self.clicks_by_shop]
        return rows if len(rows) == 1 else [*rows, ("All shops", self.clicks)]

    @property
    def chosen_offer(self) -> int | None:
        """The id of the offer that is to lead; as it is where the form does not say."""
        field = self["main_offer"]
        return self.cleaned_data.get("main_offer") if "main_offer" in self.data else field.initial or None

    @property
    def moves_main_offer(self) -> bool:
        return self.chosen_offer != (self["main_offer"].initial or None)

    @property
    def changes_anything(self) -> bool:
        texts = [image.alt != self[f"alt_{image.pk}"].initial for image in self.in_order]
        return (
            any(texts) or self.moves_main_offer or bool(self.removed_offers) or self.in_order != self.images
        )

    @property
    def removed(self) -> list[ProductImage]:
        return [image for image in self.images if self.cleaned_data.get(f"remove_{image.pk}")]

    @property
    def in_order(self) -> list[ProductImage]:
        """The pictures that stay, as the person ordered them, with their new texts."""
        kept = []
        for image in self._in_typed_order():
            if f"alt_{image.pk}" in self.data:
                image.alt = self.cleaned_data.get(f"alt_{image.pk}", image.alt)
            if not self.cleaned_data.get(f"remove_{image.pk}"):
                kept.append(image)
        return kept

    def _in_typed_order(self) -> list[ProductImage]:
        self.is_valid()

        def place_of(image: ProductImage) -> tuple:
            place = self.cleaned_data.get(f"position_{image.pk}")
            return place is None, place or 0, image.position, image.pk

        return sorted(self.images, key=place_of)


class QuickEditForm(ProductForm):
    """What the list shows of a product; the rest of it stays."""

    FIELDS = ("title", "slug", "brand", "categories", "new_categories", "status")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields = {name: self.fields[name] for name in self.FIELDS}


class VersionForm(forms.Form):
    """Which state of the product the person saw: its `updated_at`."""

    version = forms.DateTimeField(widget=forms.HiddenInput)


class BulkForm(forms.Form):
    """An action on the ticked products, or on all that a list shows (`all_matches`: how many it said)."""

    ACTIONS = {
        "publish": "Publish",
        "draft": "Make drafts",
        "category": "Add to category",
        "uncategory": "Remove from category",
        "brand": "Set the brand",
        "policy": "Choose what feeds change",
        "take": "Take the feed's words",
        "trash": "Move to trash",
        "restore": "Restore",
        "delete": "Delete permanently",
    }
    # What an action cannot do without, and what is said where it is missing.
    NEEDED = {
        "category": ("category", "Choose the category first."),
        "uncategory": ("category", "Choose the category first."),
        "take": ("field", "Choose the field first."),
        "brand": ("brand", "Write the brand first."),
        "policy": ("policy", "Choose what feeds may change first."),
    }
    action = forms.ChoiceField(
        choices=list(ACTIONS.items()), error_messages={"required": "Choose what to do with the products."}
    )
    category = forms.ModelChoiceField(Category.objects.all(), required=False)
    field = forms.ChoiceField(choices=list(NAMES.items()), required=False)
    brand = forms.CharField(max_length=120, required=False)
    policy = forms.ChoiceField(choices=list(policy_choices()), required=False)

    all_matches = forms.IntegerField(required=False, min_value=0)

    def __init__(self, data: QueryDict, *, matches: Callable[[str], list[int]]) -> None:
        """`only` is the button of a row ("trash:12") and goes before what is ticked.

        `matches` returns the ids of all that the list of a query string shows.
        """
        data = data.copy()
        action, _, pk = data.get("only", "").partition(":")
        if pk:
            data["action"] = action
            data.setlist("ids", [pk])
            data.pop("all_matches", None)
        super().__init__(data)
        self.matches = matches
        self.ids = list(self._read_ids(data.getlist("ids")))

    @staticmethod
    def _read_ids(texts: list[str]) -> Iterator[int]:
        for text in dict.fromkeys(texts):
            if text.isascii() and text.isdecimal() and len(text) < 19:
                yield int(text)

    def clean(self) -> dict:
        data = super().clean()
        if shown := data.get("all_matches"):
            self.ids = self.matches(self.data.get("query", ""))
            if len(self.ids) > MAX_MATCHES:
                raise ValidationError(f"No more than {MAX_MATCHES:,} at once: filter first.", code="many")
            if len(self.ids) != shown:
                raise ValidationError(
                    f"The list has {len(self.ids):,} now, and not {shown:,}. Look at it and choose again.",
                    code="changed",
                )
        elif not self.ids:
            raise ValidationError("Tick at least one product first.", code="nothing")
        elif len(self.ids) > MAX_SELECTED:
            raise ValidationError(f"Tick no more than {MAX_SELECTED} products at once.", code="many")
        needed, sentence = self.NEEDED.get(data.get("action"), ("", ""))
        if needed and not data.get(needed) and needed not in self.errors:
            raise ValidationError(sentence, code=needed)
        return data

    def clean_brand(self) -> str:
        return " ".join(self.cleaned_data["brand"].split())


def _offer_label(offer) -> str:
    label = f"{offer.shop.name}, {format_money(offer.price, offer.currency)}"
    return label if offer.is_available else f"{label} (not available)"
