"""What a person decides about an import of many items. Of one: `item_import.py`."""

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from catalog.forms import CategoryTreeField, NamesField
from catalog.models import Product

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

    @classmethod
    def again(cls, search: str, refused: QueryDict, *, auto_id: str) -> "BulkImportForm":
        """Return the form of a search, with what was chosen and typed in one that was refused."""
        initial: dict = {name: refused.get(name, "") for name in ("new_categories", "status", "without_map")}
        initial |= {"search": search, "categories": refused.getlist("categories")}
        form = cls(initial=initial, auto_id=auto_id)
        form.ticked = {*refused.getlist("items"), *refused.getlist("groups")}
        return form

    ticked: set[str] = set()  # ids of rows, as texts

    def clean(self) -> dict:
        data = super().clean()
        if not self.errors and not data["items"] and not data["groups"] and not data["all_matches"]:
            raise ValidationError("Tick at least one product first.", code="nothing")
        return data
