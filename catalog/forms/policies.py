"""What feeds may change, of all an account imports or of one product, and what becomes of what is gone."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms

from catalog.lib.gone import KEY as GONE
from catalog.lib.gone import MAIL_KEY, Gone
from catalog.lib.merge import DEFAULTS, FIELDS, OFFER_FIELDS, Policy

# (label, help) of fields that need more than their name.
_SAID = {
    "price": (
        "Price",
        "With its currency. A price that is kept grows old: after a while it is no longer shown.",
    ),
    "description": ("Description", "Only where descriptions are imported."),
    "brand": ("Brand", ""),
    "gtin": ("EAN", "An EAN that another product has is never taken."),
    "images": ("Pictures", "Your own pictures and your alternative texts always stay."),
    "attributes": ("Properties", ""),
    "category_ids": ("Categories", "Those that the category map gives."),
}
# Of each field, in the order of the page.
WORDS = {
    name: _SAID.get(name, (name.replace("_", " ").capitalize(), "")) for name in (*OFFER_FIELDS, *FIELDS)
}
CHOICES = {
    Policy.ALWAYS: "Always, over what you wrote, too",
    Policy.UNLESS_EDITED: "Unless you edited it",
    Policy.NEVER: "Never",
}
GONE_CHOICES = {
    Gone.MARK: "Show it as not available",
    Gone.HIDE: "Hide the offer",
    Gone.DRAFT: "Make the product a draft when its last offer is gone",
    Gone.TRASH: "Move the product to the trash when its last offer is gone",
    Gone.NOTHING: "Leave the page as it is",
}


# Of a product: nothing of its own.
INHERITED = ("", "As the account says")


class PoliciesForm(forms.Form):
    """A choice for each field. Nobody edits what offers take: there it is always or never.

    `of_product`: each may be left to the account; else what is left out is the default.
    """

    def __init__(self, data: Any = None, *, policies: Mapping[str, Any], of_product: bool = False) -> None:
        super().__init__(data)
        self.of_product = of_product
        first = [INHERITED] if of_product else []
        for name, (label, help_text) in WORDS.items():
            self.fields[name] = forms.ChoiceField(
                label=label,
                help_text="" if of_product else help_text,
                choices=[*first, *_choices(name)],
                required=not of_product,
                initial=policies.get(name, "" if of_product else DEFAULTS[name].value),
            )
        self.fields[GONE] = forms.ChoiceField(
            label="When an offer is gone",
            choices=[*first, *((each.value, words) for each, words in GONE_CHOICES.items())],
            required=not of_product,
            initial=policies.get(GONE, "" if of_product else Gone.MARK.value),
            help_text="When it is back, only what was done here is undone: a draft that you made stays one.",
        )
        self.fields[MAIL_KEY] = _mail_field(policies, first)

    @property
    def offer_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in WORDS if name in OFFER_FIELDS]

    @property
    def product_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in WORDS if name in FIELDS]

    @property
    def gone_fields(self) -> list[forms.BoundField]:
        return [self[GONE], self[MAIL_KEY]]

    @property
    def policies(self) -> dict[str, Any]:
        """What is chosen, but for what is left to the account or is the default. Valid forms only."""
        left_out = dict.fromkeys((*WORDS, GONE), "") if self.of_product else {**DEFAULTS, GONE: Gone.MARK}
        chosen: dict[str, Any] = {
            name: self.cleaned_data[name]
            for name in (*WORDS, GONE)
            if self.cleaned_data[name] != left_out[name]
        }
        if self.cleaned_data[MAIL_KEY] in ("yes", "no") and (
            self.of_product or self.cleaned_data[MAIL_KEY] == "yes"
        ):
            chosen[MAIL_KEY] = self.cleaned_data[MAIL_KEY] == "yes"
        return chosen


def policy_choices() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield every policy of every field as `field:policy`, by field, for one list to choose from."""
    for name, (label, _) in WORDS.items():
        chosen = [INHERITED, *_choices(name)]
        yield (
            label,
            [(f"{name}:{value}", f"{label}: {words[0].lower()}{words[1:]}") for value, words in chosen],
        )


def _choices(name: str) -> list[tuple[str, str]]:
    if name in OFFER_FIELDS:
        return [(Policy.ALWAYS.value, "Always"), (Policy.NEVER.value, "Never")]
    return [(each.value, words) for each, words in CHOICES.items()]


def _mail_field(policies: Mapping[str, Any], first: list[tuple[str, str]]) -> forms.ChoiceField:
    is_mailed = policies.get(MAIL_KEY, None if first else False)
    return forms.ChoiceField(
        label="And tell people by mail",
        choices=[*first, ("no", "No"), ("yes", "Yes")],
        required=not first,
        initial="" if is_mailed is None else "yes" if is_mailed else "no",
    )
