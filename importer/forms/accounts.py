"""The settings of a network account."""

import copy

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property

from affiliate_site.encrypted import CredentialsUnreadable
from catalog.forms import SeenForm
from catalog.lib.currencies import currency_choices
from importer.models import NetworkAccount
from importer.networks.contract import Capability, Network

# So that a network may call a credential what it likes, "label" too.
CREDENTIAL_PREFIX = "credential_"
SAVED = "saved"
NUMBERS = ("mirror_up_to", "gone_after_misses", "gone_after_hours")
FRESHNESS_FIELDS = ("mirrors_imported", *NUMBERS, "works_from", "works_to")


class AccountForm(SeenForm):
    """Label, credentials and import defaults of an account, new or stored.

    The credential fields are the network's own. What is stored is never shown again: a field left blank
    keeps it. The form checks what was typed; whether the network accepts it is for
    `importer.accounts.accounts.connect_account` to say.
    """

    currency = forms.ChoiceField(
        label="Default currency", choices=currency_choices, help_text="What searches compare prices in."
    )

    class Meta:
        model = NetworkAccount
        fields = [
            "label",
            "currency",
            "product_status",
            "import_description",
            "quick_publishes",
            "links_pictures",
            "link_domains",
            *FRESHNESS_FIELDS,
        ]
        widgets = {
            "works_from": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "works_to": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }

    def __init__(self, *args, network: type[Network], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.network = network
        self.instance.network = network.slug
        for name in NUMBERS:
            self.fields[name].required = False
        self.fields["label"].help_text = "Your name for this account. It tells several accounts apart."
        if not self.instance.pk:
            self.fields["label"].initial = network.label
            self.fields["currency"].required = False
            self.fields["currency"].choices = [("", "The currency of its market"), *currency_choices()]
        for name, field in network.credential_fields[Capability.SEARCH].items():
            self.fields[CREDENTIAL_PREFIX + name] = self._credential_field(name, copy.deepcopy(field))

    def _credential_field(self, name: str, field: forms.Field) -> forms.Field:
        field.widget.attrs.setdefault("autocomplete", "off")
        if name not in self.stored_credentials:
            return field
        if isinstance(field, forms.ChoiceField):  # a market or a language is no secret
            field.initial = self.stored_credentials[name]
        else:
            field.required = False
            field.widget.attrs["placeholder"] = SAVED
        return field

    @cached_property
    def stored_credentials(self) -> dict[str, str]:
        """The credentials of the stored account; none where there is no account, or no key to read them."""
        if not self.instance.pk:
            return {}
        try:
            return self.instance.get_credentials()
        except CredentialsUnreadable:
            return {}

    @property
    def credential_fields(self) -> list[forms.BoundField]:
        return [self[CREDENTIAL_PREFIX + name] for name in self.network.credential_fields[Capability.SEARCH]]

    @property
    def default_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.Meta.fields if name not in ("label", *FRESHNESS_FIELDS)]

    @property
    def freshness_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in FRESHNESS_FIELDS]

    def clean_label(self) -> str:
        label = self.cleaned_data["label"]
        others = NetworkAccount.objects.filter(network=self.network.slug, label=label)
        if others.exclude(pk=self.instance.pk).exists():
            raise ValidationError("There is an account of this name already.", code="taken")
        return label

    def clean(self) -> dict:
        data = super().clean() or self.cleaned_data
        for name in NUMBERS:  # one that is left empty stays
            if name in data and data[name] is None:
                data[name] = getattr(self.instance, name)
        start, end = data.get("works_from"), data.get("works_to")
        if (start is None) != (end is None):
            self.add_error("works_to", "Write both times, or neither.")
        elif start is not None and start == end:
            self.add_error("works_to", "Write another time than the first one.")
        return data

    @property
    def credentials(self) -> dict[str, str]:
        """What was typed, over what is stored. Valid forms only."""
        typed = {
            name: str(self.cleaned_data[CREDENTIAL_PREFIX + name] or "").strip()
            for name in self.network.credential_fields[Capability.SEARCH]
        }
        return self.stored_credentials | {name: value for name, value in typed.items() if value}

    @property
    def changes_credentials(self) -> bool:
        return self.credentials != self.stored_credentials

    @property
    def defaults(self) -> dict:
        """The import defaults, as `connect_account` takes them. Valid forms only."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields if name != "label"}
