"""What people hand in about earnings."""

import re

from django import forms

from catalog.models import Product
from importer.networks import NETWORKS
from sales.match.patterns import find_fault
from sales.models import MatchRule


class MatchRuleForm(forms.ModelForm):
    """A rule: which sub-ids, and what they belong to."""

    network = forms.ChoiceField(required=False)
    product = forms.CharField(
        required=False,
        max_length=300,
        help_text="Its number, its name in addresses, or the address of its page.",
    )

    class Meta:
        model = MatchRule
        fields = ("pattern", "network", "program_key", "product", "page", "campaign")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        named = [(slug, network.label) for slug, network in NETWORKS.items()]
        self.fields["network"] = forms.ChoiceField(required=False, choices=[("", "Every network"), *named])

    def clean_pattern(self) -> str:
        pattern = self.cleaned_data["pattern"].strip()
        if fault := find_fault(pattern):
            raise forms.ValidationError(fault)
        return pattern

    def clean_product(self) -> Product | None:
        text = self.cleaned_data["product"].strip().rstrip("/")
        if not text:
            return None
        name = re.sub(r"/edit$", "", text).rpartition("/")[2]
        products = Product.objects.all()
        is_number = name.isascii() and name.isdecimal() and len(name) < 19
        found = (products.filter(pk=int(name)).first() if is_number else None) or products.filter(
            slug=name[:140]
        ).first()
        if found is None:
            raise forms.ValidationError("There is no such product.")
        return found

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        if not self.errors and not any(cleaned.get(name) for name in ("product", "page", "campaign")):
            raise forms.ValidationError("Say what these sub-ids belong to: a product, a page or a campaign.")
        return cleaned
