"""What a person decides about the import of one item, with everything about it open to change."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import QueryDict

from catalog.lib.rich_text import clean_html, same_lines
from catalog.models import Product
from importer.forms.imports import STATUSES, CategoriesForm
from importer.imports.edits import Edits
from importer.models import CategoryMapping, NetworkAccount
from importer.search.hits import Hit

# What an import writes where it makes a product, and nowhere else: words for people, by key of `Edits`.
WORDS = {
    "title": "title",
    "description": "description",
    "brand": "brand",
    "images": "pictures",
    "status": "status",
    "categories": "categories",
}


class ItemImportForm(CategoriesForm):
    """One item as it would be imported, pre-set from the item and its account.

    A product that is there already keeps its own texts. What was typed for one all the same (it was not there
    when the page was opened, or was chosen last) is shown again and asked about: nothing typed is left out
    without a word. `typed` is what somebody changed in an earlier import of the item that did not use it.
    """

    title = forms.CharField(max_length=300, widget=forms.TextInput(attrs={"autofocus": True}))
    import_description = forms.BooleanField(label="Import description", required=False)
    description = forms.CharField(
        max_length=50_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "data-prose": "", "data-ticks": "id_import_description"}),
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
    leave_out = forms.CharField(required=False, widget=forms.HiddenInput)

    use_required_attribute = False  # a folded field could not say what it lacks

    def __init__(
        self,
        data: QueryDict | None,
        *,
        hit: Hit,
        account: NetworkAccount,
        mapping: CategoryMapping | None = None,
        typed: Edits | None = None,
    ) -> None:
        self.hit, self.item, self.account = hit, hit.item, account
        self.said = {name: getattr(self.item, name) for name in ("title", "description", "brand")}
        typed = typed or {}
        images = typed.get("images", [])
        first = images[0]["url"] if images else ""
        initial = {
            **self.said,
            **{name: text for name, text in typed.items() if name in self.said},
            "import_description": account.import_description or "description" in typed,
            "status": account.product_status,
            "categories": mapping.category_ids if mapping else [],
            "main_image": next((index for index, url in enumerate(self.item.image_urls) if url == first), 0),
        }
        super().__init__(data, initial=initial)
        self.fields["status"].required = False  # where nobody may choose it, nobody sends it
        self.fields["title"].required = hit.makes_product
        chosen = {image["url"]: image["alt"] for image in images}
        for index, url in enumerate(self.item.image_urls):
            self.fields[f"image_{index}"] = forms.BooleanField(
                required=False, initial="images" not in typed or url in chosen
            )
            self.fields[f"image_{index}_alt"] = forms.CharField(
                max_length=300, required=False, initial=chosen.get(url) or self.item.title
            )

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split()) or self.item.title

    def clean_description(self) -> str:
        """Text that nobody touched stays as the feed wrote it; else it would count as edited."""
        text = self.cleaned_data["description"]
        if "description" not in self.data or same_lines(text, self.item.description):
            return self.item.description
        return clean_html(text)

    def clean_brand(self) -> str:
        if "brand" not in self.data:
            return self.item.brand
        return " ".join(self.cleaned_data["brand"].split())

    def clean_status(self) -> str:
        return self.cleaned_data["status"] or self.account.product_status

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        if not self.errors and (unused := self.unused) and data["leave_out"] != self.unused_key:
            words = " and ".join(filter(None, [", ".join(unused[:-1]), unused[-1]]))
            text = (
                f"“{data['product'] or self.hit.known}” is there already and keeps what it has. "
                f"What you changed here ({words}) would not be used. Press Import again to leave it out."
            )
            self.add_error(None, ValidationError(text, code="unused"))
        return data

    @property
    def is_unused(self) -> bool:
        """Was it refused because something typed would not be used?"""
        return self.has_error(NON_FIELD_ERRORS, "unused")

    @property
    def shows_product(self) -> bool:
        """Are the fields of a new product shown: they count, or hold what somebody typed?"""
        return self.hit.makes_product or "title" in self.data

    @property
    def unused(self) -> list[str]:
        """What was typed and would not be used, in words. Valid forms only."""
        if self.hit.makes_product and not self.cleaned_data["product"]:
            return []
        return [word for name, word in WORDS.items() if name in self._typed]

    @property
    def unused_key(self) -> str:
        """What stands for exactly that, so that only what a person has read is left out."""
        text = json.dumps([self._typed, self.cleaned_data["product"] and self.cleaned_data["product"].pk])
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def _typed(self) -> dict[str, Any]:
        """Everything that differs from what the form would say of itself."""
        data = self.cleaned_data
        typed = {name: value for name, value in self.edits.items() if name != "product_id"}
        if self.hit.found and self.hit.found.doubt:
            return typed | self._typed_categories()  # it becomes a draft: there is no status to choose
        if data["status"] != self.account.product_status:
            typed["status"] = data["status"]
        return typed | self._typed_categories()

    def _typed_categories(self) -> dict[str, list[str]]:
        data = self.cleaned_data
        chosen = {category.pk for category in data["categories"]}
        if "title" not in self.data or (
            chosen == set(self.initial["categories"]) and not data["new_categories"]
        ):
            return {}
        return {"categories": [*sorted(map(str, chosen)), *data["new_categories"]]}

    @property
    def uses_categories(self) -> bool:
        """Are the chosen categories of any use: for a new product, or to be remembered?"""
        data = self.cleaned_data
        return data["remember_category"] or (self.hit.makes_product and not data["product"])

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
    def edits(self) -> dict[str, Any]:
        """What differs from the item, as `Edits`. A description that was typed is wanted, ticked or not.

        Valid forms only.
        """
        data = self.cleaned_data
        edits: dict[str, Any] = {
            name: data[name] for name in ("title", "brand") if data[name] != self.said[name]
        }
        text = data["description"]
        if text != self.item.description and (text or data["import_description"]):
            edits["description"] = text
        # A browser sends which is the main picture wherever it shows pictures.
        if "main_image" in self.data and (images := self._chosen_images()) != self._all_images():
            edits["images"] = images
        if data["product"]:
            edits["product_id"] = data["product"].pk
        return edits

    @property
    def edits_used(self) -> dict[str, Any]:
        """The edits without what a product that is there already would not take."""
        if self.unused:
            return {name: value for name, value in self.edits.items() if name == "product_id"}
        return self.edits

    def _all_images(self) -> list[dict[str, str]]:
        return [{"url": url, "alt": ""} for url in self.item.image_urls]

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
