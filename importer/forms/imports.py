"""What a person decides about an import: for one item, or for many."""

from collections.abc import Iterator

from django import forms
from django.core.exceptions import ValidationError

from catalog.forms import CategoryTreeField, NamesField
from catalog.lib.rich_text import clean_html
from catalog.models import Product
from importer.models import CategoryMapping, FeedItem, NetworkAccount

MAX_ITEMS = 1000
STATUSES = [(Product.Status.DRAFT, "Draft"), (Product.Status.PUBLISHED, "Published")]


class CategoriesForm(forms.Form):
    """Existing categories and new ones, which the view creates once the whole form is valid."""

    categories = CategoryTreeField()
    new_categories = NamesField(
        label="New categories", max_length=600, required=False, help_text="Separate several with commas."
    )


class IdListField(forms.Field):
    """Ids of rows that were ticked, once each."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value) -> list[int]:
        texts = list(dict.fromkeys(value or ()))
        if not all(text.isascii() and text.isdecimal() and len(text) < 19 for text in texts):
            raise ValidationError("These are not ids of products.", code="invalid")
        ids = [int(text) for text in texts]
        if len(ids) > MAX_ITEMS:
            raise ValidationError(f"Tick no more than {MAX_ITEMS} products at once.", code="many")
        return ids


class BulkImportForm(CategoriesForm):
    """The ticked items, or (`all_matches`) everything that `search`, a query string, finds."""

    items = IdListField(required=False)
    groups = IdListField(required=False)  # items with all variants of their models
    shown = IdListField(required=False)  # the rows on the page, to redraw them when all matches are imported
    all_matches = forms.BooleanField(required=False, widget=forms.HiddenInput)
    search = forms.CharField(max_length=2000, required=False, widget=forms.HiddenInput)
    status = forms.ChoiceField(
        label="Status", choices=[("", "As set for the account"), *STATUSES], required=False
    )

    without_map = forms.BooleanField(
        label="Leave the category map out",
        required=False,
        help_text="Otherwise products without a category chosen here get what their shop’s is mapped to.",
    )

    def clean(self) -> dict:
        data = super().clean()
        if not self.errors and not data["items"] and not data["groups"] and not data["all_matches"]:
            raise ValidationError("Tick at least one product first.", code="nothing")
        return data


class ItemImportForm(CategoriesForm):
    """One item with everything about it open to change, pre-set from the item and its account."""

    title = forms.CharField(max_length=300)
    import_description = forms.BooleanField(label="Import description", required=False)
    description = forms.CharField(
        max_length=50_000, required=False, widget=forms.Textarea(attrs={"rows": 6, "data-prose": ""})
    )
    brand = forms.CharField(max_length=120, required=False)
    status = forms.ChoiceField(choices=STATUSES)
    product = forms.ModelChoiceField(
        Product.objects.exclude(status=Product.Status.TRASHED),
        label="Add to existing product",
        required=False,
        error_messages={"invalid_choice": "This product is no longer there. Choose another."},
    )
    main_image = forms.IntegerField(min_value=0, required=False)
    remember_category = forms.BooleanField(
        label="From now on for all products of this category", required=False
    )

    def __init__(
        self,
        *args,
        item: FeedItem,
        account: NetworkAccount,
        mapping: CategoryMapping | None = None,
        **kwargs,
    ) -> None:
        self.item = item
        initial = {
            "title": item.title,
            "import_description": account.import_description,
            "description": item.description,
            "brand": item.brand,
            "status": account.product_status,
            "main_image": 0,
            "categories": mapping.category_ids if mapping else (),
        }
        super().__init__(*args, initial=initial | kwargs.pop("initial", {}), **kwargs)
        for index, _url in enumerate(item.image_urls):
            self.fields[f"image_{index}"] = forms.BooleanField(required=False, initial=True)
            self.fields[f"image_{index}_alt"] = forms.CharField(
                max_length=300, required=False, initial=item.title
            )

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())

    def clean_description(self) -> str:
        """Text that nobody touched stays as the feed wrote it; else it would count as edited."""
        if "description" not in self.changed_data:
            return self.item.description
        return clean_html(self.cleaned_data["description"])

    def clean_brand(self) -> str:
        return " ".join(self.cleaned_data["brand"].split())

    @property
    def images(self) -> Iterator[dict]:
        """The pictures of the item, each with its fields, for the template."""
        main = str(self["main_image"].value() or 0)
        for index, url in enumerate(self.item.image_urls):
            yield {
                "index": index,
                "url": url,
                "use": self[f"image_{index}"],
                "alt": self[f"image_{index}_alt"],
                "is_main": str(index) == main,
            }

    @property
    def edits(self) -> dict:
        """What differs from the item, as `importing.Edits` takes it. Valid forms only."""
        data = self.cleaned_data
        edits = {name: data[name] for name in ("title", "brand") if data[name] != self.initial[name]}
        if data["import_description"] and data["description"] != self.item.description:
            edits["description"] = data["description"]
        if any(name.startswith(("image_", "main_image")) for name in self.changed_data):
            edits["images"] = self._chosen_images()
        if data["product"]:
            edits["product_id"] = data["product"].pk
        return edits

    def _chosen_images(self) -> list[dict[str, str]]:
        """The ticked pictures, the main one first."""
        data = self.cleaned_data
        chosen = [index for index, _url in enumerate(self.item.image_urls) if data[f"image_{index}"]]
        chosen.sort(key=lambda index: (index != data["main_image"], index))
        # The product's title serves as text, also when it changes later, unless a person wrote another.
        texts = {index: data[f"image_{index}_alt"] for index in chosen}
        return [
            {
                "url": self.item.image_urls[index],
                "alt": "" if texts[index] == self.item.title else texts[index],
            }
            for index in chosen
        ]
