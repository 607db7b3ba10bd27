"""What a person says about a merchant's category."""

from django import forms
from django.core.exceptions import ValidationError

from catalog.models import Category
from importer.imports.category_map import category_paths
from importer.imports.category_names import key_of

MAX_CATEGORIES, MAX_LENGTH = 10, 1_000


class CategoriesByNameField(forms.Field):
    """Categories of ours by name or path, several between semicolons: "Home > Lamps; Sale".

    The value is their ids, in the order they were written.
    """

    def to_python(self, value: str | None) -> list[int]:
        wanted = [text for part in (value or "").split(";") if (text := part.strip())]
        if not wanted:
            return []
        if len(value or "") > MAX_LENGTH:
            raise ValidationError(f"No more than {MAX_LENGTH} characters.", code="long")
        if len(wanted) > MAX_CATEGORIES:
            raise ValidationError(f"No more than {MAX_CATEGORIES} categories.", code="many")
        categories = list(Category.objects.only("id", "name", "parent_id"))
        by_path = {key_of(path): pk for pk, path in category_paths(categories).items()}
        by_name: dict[str, list[int]] = {}
        for category in categories:
            by_name.setdefault(key_of(category.name), []).append(category.pk)
        return list(dict.fromkeys(_find(text, by_path, by_name) for text in wanted))

    def validate(self, value: list[int]) -> None:
        if self.required and not value:
            raise ValidationError("Write one of your categories, or choose “None”.", code="required")


def _find(text: str, by_path: dict[str, int], by_name: dict[str, list[int]]) -> int:
    key = key_of(text)
    named = by_name.get(key, [])
    if pk := by_path.get(key) or (named[0] if len(named) == 1 else None):
        return pk
    if named:
        raise ValidationError(f"There are {len(named)} categories “{text}”: write the path.", code="several")
    raise ValidationError(f"There is no category “{text}”.", code="unknown")


class MappingForm(forms.Form):
    """The categories that a line of the map leads to."""

    categories = CategoriesByNameField(label="Your category")
