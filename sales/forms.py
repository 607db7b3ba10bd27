"""What people hand in about earnings."""

import copy
import re
from typing import Any

from django import forms

from affiliate_site.encrypted import CredentialsUnreadable
from catalog.models import Product
from importer.models import NetworkAccount
from importer.networks import NETWORKS
from importer.networks.contract import Capability
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


class ReportLoginForm(forms.Form):
    """An account's login for its network's reports. What is stored is never shown: left empty, it stays."""

    def __init__(self, *args: Any, account: NetworkAccount, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known_fields = NETWORKS[account.network].credential_fields[Capability.REPORTS]
        try:
            self.stored_credentials = account.get_credentials(Capability.REPORTS)
        except CredentialsUnreadable:
            self.stored_credentials = {}
        for name, field in copy.deepcopy(self.known_fields).items():
            field.widget.attrs["autocomplete"] = "off"
            if self.stored_credentials.get(name):
                field.required = False
                field.widget.attrs["placeholder"] = "saved"
            self.fields[name] = field

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        signs_in = (
            data.get("password") or self.stored_credentials.get("password") or data.get("refresh_token")
        )
        if "refresh_token" in self.known_fields and not self.errors and not signs_in:
            self.add_error("password", "Enter your password, or a refresh token.")
        return data

    @property
    def credentials(self) -> dict[str, str]:
        """What was typed, over what is stored. Valid forms only."""
        typed = {name: str(self.cleaned_data.get(name) or "") for name in self.known_fields}
        return self.stored_credentials | {name: value for name, value in typed.items() if value}
