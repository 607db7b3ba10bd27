"""The login of an advertiser."""

import copy
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from affiliate_site.encrypted import CredentialsUnreadable
from catalog.forms import SeenForm
from desk.models import DeskAccount
from importer.networks.advertiser import Advertiser

CREDENTIAL_PREFIX = "credential_"
SAVED = "saved"


class DeskAccountForm(SeenForm):
    """Label and credentials of a login, new or stored; the fields are those of its kind.

    What is stored is never shown again: a field left blank keeps it.
    """

    class Meta:
        model = DeskAccount
        fields = ("label",)

    def __init__(
        self, *args: Any, network: str, kind: str, kind_class: type[Advertiser], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.instance.network, self.instance.kind = network, kind
        self.kind_class = kind_class
        if not self.instance.pk:
            self.fields["label"].initial = kind_class.label
        stored = self.stored_credentials
        for name, field in kind_class.credential_fields.items():
            field = copy.deepcopy(field)
            field.widget.attrs.setdefault("autocomplete", "off")
            if stored.get(name):
                if isinstance(field.widget, forms.PasswordInput):
                    field.required = False
                    field.widget.attrs["placeholder"] = SAVED
                else:
                    field.initial = stored[name]
            self.fields[CREDENTIAL_PREFIX + name] = field

    @property
    def stored_credentials(self) -> dict[str, str]:
        """The credentials of the stored login; none where there is none, or no key to read them."""
        if not self.instance.pk:
            return {}
        try:
            return self.instance.get_credentials()
        except CredentialsUnreadable:
            return {}

    @property
    def credential_fields(self) -> list[forms.BoundField]:
        return [self[CREDENTIAL_PREFIX + name] for name in self.kind_class.credential_fields]

    def clean_label(self) -> str:
        label = self.cleaned_data["label"]
        same = DeskAccount.objects.filter(
            network=self.instance.network, kind=self.instance.kind, label=label
        ).exclude(pk=self.instance.pk)
        if same.exists():
            raise ValidationError("There is a login of this name already.", code="taken")
        return label

    @property
    def credentials(self) -> dict[str, str]:
        """What was typed, over what is stored. Valid forms only."""
        typed = {
            name: str(self.cleaned_data[CREDENTIAL_PREFIX + name] or "").strip()
            for name in self.kind_class.credential_fields
        }
        return self.stored_credentials | {name: value for name, value in typed.items() if value}

    @property
    def changes_credentials(self) -> bool:
        return self.credentials != self.stored_credentials
