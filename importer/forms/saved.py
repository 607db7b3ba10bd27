"""Saved searches: what to do about what they find, and recipes in a file."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from importer.forms.imports import STATUSES, CategoriesForm
from importer.imports.options import Options
from importer.models import SavedSearch
from importer.models.saved import MAX_DAILY

MAX_FILE = 5_000_000  # bytes of a file of recipes


class SavedSearchForm(CategoriesForm):
    """The name of a saved search, what its products get, when it looks, and whether it adds by itself."""

    name = forms.CharField(max_length=120)
    schedule = forms.ChoiceField(
        label="Look for new products", choices=SavedSearch.Schedule.choices, required=False, initial="daily"
    )
    keep_adding = forms.BooleanField(
        label="Keep adding what it finds",
        required=False,
        help_text="First you see a trial of ten products. Nothing is added before you say so.",
    )
    daily_limit = forms.IntegerField(label="At most a day", min_value=1, max_value=MAX_DAILY, initial=20)
    status = forms.ChoiceField(
        label="Status", choices=[("", "As set for the account"), *STATUSES], required=False
    )
    uses_map = forms.BooleanField(
        label="Without a category of yours: those of the category map", required=False, initial=True
    )
    field_order = ("name", "schedule", "keep_adding", "daily_limit", "status", "uses_map")

    # What one does that asks a network: it tells what is new, and adds nothing.
    OF_LIVE = ("name", "schedule")

    def __init__(
        self, *args: Any, saved: SavedSearch | None = None, is_live: bool = False, **kwargs: Any
    ) -> None:
        self.saved = saved
        if saved:
            options = Options.from_json(saved.options)
            kwargs["initial"] = {
                **{name: getattr(saved, name) for name in ("name", "schedule", "keep_adding", "daily_limit")},
                "status": options.status,
                "categories": options.category_ids,
                "uses_map": options.uses_map,
            }
        super().__init__(*args, **kwargs)
        if is_live or (saved and saved.is_live):
            self.fields = {name: self.fields[name] for name in self.OF_LIVE}

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        others = SavedSearch.objects.filter(name=name)
        if (others.exclude(pk=self.saved.pk) if self.saved else others).exists():
            raise ValidationError("There is a saved search of this name already.")
        return name

    def get_values(self, category_ids: list[int]) -> dict[str, Any]:
        """Return the fields of the saved search. Valid forms only."""
        data = self.cleaned_data
        if "status" not in self.fields:
            return {name: data[name] for name in self.OF_LIVE}
        before = Options.from_json(self.saved.options) if self.saved else Options()
        options = Options(
            status=data["status"],
            category_ids=category_ids,
            uses_map=data["uses_map"],
            import_description=before.import_description,
        )
        names = ("name", "schedule", "keep_adding", "daily_limit")
        return {name: data[name] for name in names} | {"options": options.to_json()}


class RecipesForm(forms.Form):
    """A file of recipes, as another site exported it."""

    file = forms.FileField(label="File of saved searches")
    replaces = forms.BooleanField(
        label="Replace those that have the same name here",
        required=False,
        help_text="Otherwise they stay as they are.",
    )

    def clean_file(self) -> bytes:
        file = self.cleaned_data["file"]
        if file.size > MAX_FILE:
            raise ValidationError("This file is too large for saved searches.")
        return file.read()
