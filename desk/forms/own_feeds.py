"""Own feeds: where their products come from, how they are pushed, which column is what."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from catalog.forms import SeenForm
from catalog.queries.categories import read_tree
from desk.models import OwnFeed
from desk.services.own_rows import FIELD_PREFIX, ID, MAX_FIELDS
from desk.services.own_sources import is_folder_name
from desk.services.plan import REQUIRED
from importer.networks.tradedoubler.own_products import FIELDS

MAX_UPLOAD = 2 * 1024**3
PREFIX = "column_"


class OwnFeedForm(SeenForm):
    """The settings of an own feed, and a file where one is uploaded."""

    upload = forms.FileField(
        label="File",
        required=False,
        help_text="CSV, XML, JSON or a Google Merchant feed; packed or not. The one before goes.",
    )
    categories = forms.TypedMultipleChoiceField(
        label="Only these categories of the site",
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text="None chosen: all published products.",
    )

    class Meta:
        model = OwnFeed
        fields = (
            *("source", "url", "folder", "cents", "format", "mode"),
            *("guard_percent", "delete_after_reads", "holds_unmapped"),
        )
        widgets = {"source": forms.RadioSelect, "mode": forms.RadioSelect, "url": forms.URLInput}
        help_texts = {
            "url": "Of a file on the web.",
            "folder": "Below the desk's own folder on the server (var/desk). Its newest file is read.",
            "cents": "“14990” is 149.90 then.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(each.pk, str(each)) for each in read_tree()]
        self.fields["categories"].choices = choices  # type: ignore[attr-defined]
        self.fields["categories"].initial = self.instance.category_ids
        self.fields["url"].widget.attrs["placeholder"] = "https://"

    def clean_folder(self) -> str:
        folder = self.cleaned_data["folder"].strip()
        if folder and not is_folder_name(folder):
            raise ValidationError(
                "A name of letters, digits, dots and dashes, without slashes.", code="folder"
            )
        return folder

    def clean_url(self) -> str:
        url = self.cleaned_data["url"].strip()
        if url and not url.lower().startswith(("http://", "https://")):
            raise ValidationError("A web address, beginning with https://.", code="address")
        return url

    def clean_upload(self) -> Any:
        upload = self.cleaned_data["upload"]
        if upload and upload.size > MAX_UPLOAD:
            raise ValidationError("A file may have 2 GB at most.", code="large")
        return upload

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        source = data.get("source")
        needs = {OwnFeed.Source.LINK: ("url", "an address"), OwnFeed.Source.FOLDER: ("folder", "a folder")}
        if source in needs:
            name, words = needs[source]
            if name not in self.errors and not data.get(name):
                self.add_error(name, f"Write {words}.")
        if source == OwnFeed.Source.UPLOAD and not data.get("upload") and not self.instance.file:
            self.add_error("upload", "Choose a file.")
        return data

    @property
    def values(self) -> dict[str, Any]:
        """The settings to store. Valid forms only."""
        values = {name: self.cleaned_data[name] for name in self.Meta.fields}
        return values | {"category_ids": self.cleaned_data["categories"]}


class ColumnsForm(forms.Form):
    """Which column is which field; what is left over may go along under a name of its own."""

    more = forms.MultipleChoiceField(
        label="Send these columns along",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="As extra fields, under their own names.",
    )

    def __init__(self, *args: Any, columns: Sequence[str], known: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = list(dict.fromkeys([*columns, *known.values()]))
        choices = [("", "–"), *((name, name) for name in names)]
        labels = [(ID, "ID", "Of the product in your shop. It never changes."), *_LABELS]
        for name, label, help_text in labels:
            self.fields[PREFIX + name] = forms.ChoiceField(
                label=label,
                choices=choices,
                required=name in REQUIRED,
                initial=known.get(name, ""),
                help_text=help_text,
                error_messages={"required": "Choose its column."},
            )
        extra = [column for key, column in known.items() if key.startswith(FIELD_PREFIX)]
        self.fields["more"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]
        self.fields["more"].initial = extra
        self.order_fields([*(PREFIX + name for name, _, _ in labels), "more"])

    def clean_more(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["more"]
        if len(chosen) > MAX_FIELDS:
            raise ValidationError(f"{MAX_FIELDS} columns at most.", code="many")
        return chosen

    @property
    def columns(self) -> dict[str, str]:
        """The mapping, as feeds keep it. Valid forms only."""
        data = self.cleaned_data
        mapped = {
            name.removeprefix(PREFIX): column
            for name, column in data.items()
            if name.startswith(PREFIX) and column
        }
        return mapped | {f"{FIELD_PREFIX}{column}"[:100]: column for column in data["more"]}


_LABELS = [(field.name, field.label, field.help) for field in FIELDS]
