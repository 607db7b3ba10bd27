"""Form fields of credentials that several networks have."""

from django import forms


def token_field(label: str, *, help_text: str) -> forms.Field:
    """Return the field of a secret token."""
    return forms.RegexField(
        r"^[!-~]+$",
        label=label,
        max_length=100,
        widget=forms.PasswordInput,
        help_text=help_text,
        error_messages={"invalid": "A token has no spaces and no accented letters."},
    )


def number_field(label: str, name: str, *, help_text: str, digits: int = 18) -> forms.Field:
    """Return the field of a network's own number; `name` begins the error: "A channel ID"."""
    return forms.RegexField(
        rf"^\d{{1,{digits}}}$",
        label=label,
        help_text=help_text,
        error_messages={"invalid": f"{name} has digits only."},
    )
