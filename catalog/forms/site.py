"""Site settings and button texts."""

from babel.numbers import list_currencies
from django import forms

from catalog.buttons import BUILT_IN, FIELDS, Buttons, validate_text
from catalog.models import ButtonTexts, SiteSettings


class SiteSettingsForm(forms.ModelForm):
    class Meta:
        model = SiteSettings
        fields = ("name", "tagline", "currency", "disclosure", "footer", "hide_thin_pages")

    def clean_currency(self) -> str:
        code = self.cleaned_data["currency"].upper()
        if code not in list_currencies():
            raise forms.ValidationError("This is not a currency. Write its three letters, like EUR.")
        return code


class ButtonTextsForm(forms.ModelForm):
    """The texts of one source (`instance.source`). What is left empty shows, greyed, what will be used."""

    long = forms.CharField(label="Buy button", max_length=60, required=False, validators=[validate_text])
    short = forms.CharField(
        label="Buy button (short)", max_length=30, required=False, validators=[validate_text]
    )
    unavailable = forms.CharField(
        label="Not available", max_length=60, required=False, validators=[validate_text]
    )

    class Meta:
        model = ButtonTexts
        fields = FIELDS

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        buttons = Buttons.load() if self.instance.source else Buttons({})
        for name in FIELDS:
            site_text = getattr(buttons.texts.get(""), name, "")
            self.fields[name].widget.attrs |= {
                "placeholder": site_text or BUILT_IN[name],
                "data-preview": f"preview-{self.add_prefix(name)}",
                "autocomplete": "off",
            }

    @property
    def previews(self) -> list[tuple]:
        """Return `(field, id of its preview, text without a shop's name)` for the template."""
        return [
            (self[name], f"preview-{self.add_prefix(name)}", self[name].value() or self._fallback(name))
            for name in FIELDS
        ]

    def _fallback(self, name: str) -> str:
        return self.fields[name].widget.attrs["placeholder"]
