"""Which product a product's offers are on."""

from django import forms
from django.core.exceptions import ValidationError

from catalog.models import Product

MAX_DIGITS = 18


class OffersForm(forms.Form):
    """What becomes of a product's offers: a product of their own, or part of another one.

    The ticked offers are ids only: one that is elsewhere by now is for the service to judge.
    """

    ACTIONS = {"split": "Split off", "move": "Move", "join": "Join"}
    action = forms.ChoiceField(
        choices=list(ACTIONS.items()), error_messages={"required": "Choose what to do."}
    )
    product = forms.ModelChoiceField(Product.objects.all(), required=False)

    @property
    def ticked(self) -> list[int]:
        if not self.is_bound:
            return []
        texts = self.data.getlist("offers")
        return [
            int(text) for text in texts if text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS
        ]

    def clean(self) -> dict:
        data = super().clean()
        action = data.get("action")
        if action in ("split", "move") and not self.ticked:
            raise ValidationError("Tick at least one offer first.", code="nothing")
        if action in ("move", "join") and not data.get("product") and "product" not in self.errors:
            raise ValidationError("Find the other product first, and choose it.", code="product")
        return data
