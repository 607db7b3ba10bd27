"""A product's offers: on which product they are, and those that a person writes."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from catalog.clicks.outbound_url import PLACEHOLDER
from catalog.lib.currencies import currency_choices
from catalog.models import Offer, Product
from catalog.services import OwnOffer
from catalog.services.own_offers import SUB_ID

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


class AmountField(forms.DecimalField):
    """An amount with two decimals at most, with a point or a comma before them. "1.299" is refused."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=Decimal(0), max_digits=14, decimal_places=2, **kwargs)

    def to_python(self, value: Any) -> Decimal | None:
        if isinstance(value, str) and value.count(",") == 1 and "." not in value:
            value = value.replace(",", ".")
        return super().to_python(value)


class OwnOfferForm(forms.Form):
    """An offer that a person writes: a partner of their own, or a shop that no network here lists."""

    STOCK = {"": None, "yes": True, "no": False}

    shop = forms.CharField(
        max_length=120,
        widget=forms.TextInput(attrs={"list": "shop-names", "autocomplete": "off"}),
        help_text="An existing shop or a new one. It fills the %s of the button.",
    )
    url = forms.CharField(
        label="Link",
        max_length=2000,
        validators=[URLValidator(["https"], message="Write an address that begins with https://.")],
        help_text=f"Your affiliate link. Write {SUB_ID} where the partner takes a label of yours, to see "
        "which button was followed.",
    )
    price = AmountField()
    currency = forms.ChoiceField(choices=currency_choices)
    old_price = AmountField(label="Price before", required=False)
    shipping = AmountField(required=False, help_text="0 where it is free. Empty: not known.")
    in_stock = forms.ChoiceField(
        label="Availability",
        choices=[("", "Not known"), ("yes", "In stock"), ("no", "Out of stock")],
        required=False,
    )
    title = forms.CharField(
        label="What the shop calls it",
        max_length=300,
        required=False,
        help_text="Only where it is not the product's title.",
    )

    def __init__(self, *args: Any, offer: Offer | None = None, currency: str = "", **kwargs: Any) -> None:
        if offer:
            stock = next(key for key, value in self.STOCK.items() if value == offer.in_stock)
            kwargs["initial"] = {
                **{name: getattr(offer, name) for name in _AS_THEY_ARE},
                "shop": offer.shop.name,
                "url": offer.tracking_template.replace(PLACEHOLDER, SUB_ID) or offer.tracking_url,
                "in_stock": stock,
            }
        super().__init__(*args, **kwargs)
        self.fields["currency"].initial = currency

    def clean_shop(self) -> str:
        return " ".join(self.cleaned_data["shop"].split())

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        price, before = data.get("price"), data.get("old_price")
        if price is not None and before is not None and before <= price:
            self.add_error("old_price", "The price before is higher than the price, or left empty.")
        return data

    @property
    def written(self) -> OwnOffer:
        """What was written. Valid forms only."""
        data = dict(self.cleaned_data)
        return OwnOffer(**data | {"in_stock": self.STOCK[data["in_stock"]]})


_AS_THEY_ARE: Sequence[str] = ("price", "currency", "old_price", "shipping", "title")
