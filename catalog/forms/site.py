"""Site settings and button texts."""

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import translation
from django.utils.translation import gettext

from catalog.forms.fields import logo_file
from catalog.forms.seen import SeenForm
from catalog.lib.currencies import currency_choices
from catalog.models import ButtonTexts, SiteSettings
from catalog.site.buttons import BUILT_IN, FIELDS, Buttons, validate_text
from catalog.site.settings import get_settings


class SiteSettingsForm(SeenForm):
    currency = forms.ChoiceField(choices=currency_choices, help_text="Prices in this currency come first.")

    class Meta:
        model = SiteSettings
        fields = (
            *("name", "tagline", "language", "currency", "logo", "accent"),
            *("disclosure", "footer", "fresh_for_hours", "prices_shown_hours", "hide_thin_pages"),
            *("offers_alerts", "alert_days", "digest_at", "late_percent"),
        )
        widgets = {
            "logo": forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/avif"}),
            "accent": forms.TextInput(attrs={"type": "color"}),
            "digest_at": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items() if self.is_bound else ():
            # What a program does not send stays as it is; a person who empties it is told.
            if field.required and field.widget.value_omitted_from_data(self.data, self.files, name):
                field.required = name in ("name", "language", "currency", "accent")
        with translation.override(self.instance.language):
            self.fields["disclosure"].widget.attrs["placeholder"] = SiteSettings().disclosure_text

    def clean_logo(self):
        logo = self.cleaned_data["logo"]
        return logo_file(logo) if isinstance(logo, UploadedFile) else logo


class ButtonTextsForm(SeenForm):
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
        with translation.override(get_settings().language):
            built_in = {name: gettext(BUILT_IN[name]) for name in FIELDS}
        for name in FIELDS:
            site_text = getattr(buttons.texts.get(""), name, "")
            self.fields[name].widget.attrs |= {
                "placeholder": site_text or built_in[name],
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
