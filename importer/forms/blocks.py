"""What is to be blocked, and why; and which blocks to list."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from importer.models import Block, FeedItem
from importer.search.blocks import Choice, choices_of

Kind = Block.Kind
BY_HAND = [
    *((Kind.WORDS.value, "Words"), (Kind.BRAND.value, "Brand"), (Kind.SHOP.value, "Shop")),
    (Kind.GTIN.value, "Product, by EAN"),
]
_SAID = {"product": "This product", "shop": "The shop {}", "brand": "The brand {}"}


class BlockForm(forms.Form):
    """What to block: of an item its product, shop or brand, or words; without an item, what is typed."""

    what = forms.ChoiceField()
    value = forms.CharField(max_length=300, required=False)
    reason = forms.CharField(
        label="Why", max_length=300, required=False, help_text="Others read it when they ask why."
    )

    def __init__(self, *args, item: FeedItem | None = None, with_variants: bool = False, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.choices = choices_of(item, with_variants=with_variants) if item else {}
        of_item = [(name, _SAID[name].format(choice.label)) for name, choice in self.choices.items()]
        offered = [*of_item, (Kind.WORDS.value, "Words")] if item else BY_HAND
        self.fields["what"] = forms.ChoiceField(
            label="Block", widget=forms.RadioSelect, choices=offered, initial=offered[0][0]
        )
        self.fields["value"].label = "Words" if item else "Words, name or EAN"
        self.fields["value"].help_text = (
            "Of words all must be in the title, the brand or the category. “A phrase” stands in quotation "
            "marks; used* is every word that begins so."
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("what") not in (None, *self.choices) and not data.get("value"):
            raise ValidationError({"value": "Say what is to be blocked."})
        return data

    def get_choice(self) -> Choice:
        """Return what was chosen. Valid forms only."""
        what, value = self.cleaned_data["what"], self.cleaned_data["value"]
        return self.choices.get(what) or Choice(Kind(what), value, value)


class BlockFilterForm(forms.Form):
    """Which blocks to list."""

    q = forms.CharField(
        label="Find",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Name, EAN or reason"}),
    )
    kind = forms.ChoiceField(
        label="What",
        required=False,
        choices=[
            ("", "Everything"),
            ("product", "Products"),
            (Kind.SHOP, "Shops"),
            (Kind.BRAND, "Brands"),
            (Kind.WORDS, "Words"),
        ],
    )
