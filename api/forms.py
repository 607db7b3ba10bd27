"""Forms of the pages of the API, and how a JSON body becomes the data of a form that the dashboard has."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.http import QueryDict
from django.utils import timezone

from api.models import Webhook
from api.scopes import scopes_open_to
from catalog.forms import SeenForm
from events.kinds import Kind

LIVES = {"7": "7 days", "30": "30 days", "90": "90 days", "365": "A year"}


def data_of(form: forms.BaseForm, changes: Mapping[str, Any]) -> QueryDict:
    """Return what a browser would post of a form in which only `changes` were made.

    `form` is the unbound one, with all that is stored; so what a program does not name stays as it is.
    """
    data = QueryDict(mutable=True)
    for name, field in form.fields.items():
        value = changes[name] if name in changes else form.get_initial_for_field(field, name)
        value = field.prepare_value(value)
        key = form.add_prefix(name)
        if isinstance(field, forms.BooleanField):
            if value:
                data[key] = "on"
        elif isinstance(field, forms.FileField) or value is None:
            continue
        elif isinstance(value, list | tuple):
            data.setlist(key, [str(one) for one in value])
        elif hasattr(value, "isoformat"):
            data[key] = value.isoformat()
        else:
            data[key] = str(value)
    return data


class TokenForm(forms.Form):
    """A new token: what it is for, what it may, how long."""

    name = forms.CharField(max_length=80, help_text="What will use it: “Price checker”.")
    scopes = forms.MultipleChoiceField(label="It may", widget=forms.CheckboxSelectMultiple)
    days = forms.ChoiceField(label="For", choices=list(LIVES.items()), initial="90")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scopes: forms.MultipleChoiceField = self.fields["scopes"]  # type: ignore[assignment]
        scopes.choices = scopes_open_to(user)

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    @property
    def expires_at(self) -> Any:
        """When the token ends. Valid forms only."""
        return timezone.now() + timedelta(days=int(self.cleaned_data["days"]))


class WebhookForm(SeenForm):
    """An address and the kinds of events that it is told of."""

    url = forms.CharField(label="Address", max_length=2000, validators=[URLValidator(["http", "https"])])
    kinds = forms.MultipleChoiceField(
        label="Events",
        choices=Kind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None ticked: all of them.",
    )

    class Meta:
        model = Webhook
        fields = ("name", "url", "kinds", "is_active")
        labels = {"is_active": "Active"}

    def clean_url(self) -> str:
        url = self.cleaned_data["url"].strip()
        if "@" in url.partition("://")[2].partition("/")[0]:
            raise ValidationError("Leave name and password out of the address.", code="credentials")
        return url
