"""The product editor and the bulk actions of the product list."""

from collections.abc import Iterator

from django import forms
from django.core.exceptions import ValidationError

from catalog.forms.fields import CategoryTreeField, GtinField, NamesField, PicturesField
from catalog.models import Offer, Product, ProductImage
from catalog.rich_text import clean_html
from catalog.services import unique_slug

MAX_SELECTED = 1000


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
    status = forms.ChoiceField(choices=Product.Status.choices[:2], required=False)
    uploads = PicturesField(
        label="Add pictures", required=False, help_text="JPEG, PNG, WebP, GIF or AVIF, up to 10 MB each."
    )

    class Meta:
        model = Product
        fields = ("title", "slug", "description", "gtin")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        product = self.instance
        if product.pk:
            self.initial["brand"] = product.brand.name if product.brand else ""
            self.initial["categories"] = [category.pk for category in product.categories.all()]
        self.initial.setdefault("status", product.status)
        if product.status == Product.Status.TRASHED:
            self.fields["status"].disabled = True
            self.fields["status"].choices = Product.Status.choices

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())

    def clean_brand(self) -> str:
        return " ".join(self.cleaned_data["brand"].split())

    def clean_slug(self) -> str:
        slug = self.cleaned_data["slug"] or self.initial.get("slug", "")
        return slug or unique_slug(self.cleaned_data.get("title", ""))

    def clean_description(self) -> str:
        """Text that nobody touched stays as the feed wrote it; else it would count as edited."""
        text = self.cleaned_data["description"].replace("\r\n", "\n")
        if text == (self.initial.get("description") or "").replace("\r\n", "\n").strip():
            return self.initial.get("description", "")
        return clean_html(text)


class ImageForm(forms.ModelForm):
    class Meta:
        model = ProductImage
        fields = ("alt", "position")
        widgets = {"position": forms.NumberInput(attrs={"min": 0, "data-position": ""})}


class BaseImageFormSet(forms.BaseModelFormSet):
    """The pictures that are there. One that somebody else removed meanwhile is left out, not an error."""

    @property
    def in_order(self) -> list[ProductImage]:
        """The pictures that stay, as the person ordered them, with their new texts."""
        forms_kept = [form for form in self.initial_forms if form not in self.deleted_forms]
        forms_kept.sort(key=lambda form: form.cleaned_data["position"])
        return [form.instance for form in forms_kept]

    @property
    def removed(self) -> list[ProductImage]:
        return [form.instance for form in self.deleted_forms]


ImageFormSet = forms.modelformset_factory(
    ProductImage, form=ImageForm, formset=BaseImageFormSet, extra=0, can_delete=True
)


class OffersForm(forms.Form):
    """Which of a product's offers go."""

    remove_offers = forms.ModelMultipleChoiceField(Offer.objects.none(), required=False)

    def __init__(self, *args, product: Product, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["remove_offers"].queryset = product.offers.select_related("shop")


class VersionForm(forms.Form):
    """Which state of the product the person saw: its `updated_at`."""

    version = forms.DateTimeField(
        widget=forms.HiddenInput, input_formats=["%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M:%S%z"]
    )


class BulkForm(forms.Form):
    """An action on the ticked products."""

    ACTIONS = {
        "publish": "Publish",
        "draft": "Make drafts",
        "category": "Add to category",
        "trash": "Move to trash",
        "restore": "Restore",
        "delete": "Delete permanently",
    }
    action = forms.ChoiceField(choices=list(ACTIONS.items()))
    category = CategoryTreeField()

    def __init__(self, data=None, **kwargs) -> None:
        super().__init__(data, **kwargs)
        self.ids = list(self._read_ids(data.getlist("ids"))) if data else []

    @staticmethod
    def _read_ids(texts: list[str]) -> Iterator[int]:
        for text in dict.fromkeys(texts):
            if text.isascii() and text.isdecimal() and len(text) < 19:
                yield int(text)

    def clean(self) -> dict:
        data = super().clean()
        if not self.ids:
            raise ValidationError("Tick at least one product first.", code="nothing")
        if len(self.ids) > MAX_SELECTED:
            raise ValidationError(f"Tick no more than {MAX_SELECTED} products at once.", code="many")
        if data.get("action") == "category" and not data.get("category"):
            raise ValidationError("Choose the category first.", code="category")
        return data
