"""Form fields that more than one form has."""

import uuid
from collections.abc import Mapping
from pathlib import PurePath

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile

from catalog.lib.gtin import explain_refusal, parse_gtin
from catalog.models import Category
from catalog.pictures.picture import MAX_BYTES, Picture, PictureError
from catalog.queries.categories import flatten

MAX_PICTURES = 20
MAX_NEW_CATEGORIES = 20
MAX_PROPERTIES = 100
MAX_PROPERTY_NAME = 120


class TreeIterator(forms.models.ModelChoiceIterator):
    """The choices in the order of the tree."""

    def __iter__(self):
        if self.field.empty_label is not None:
            yield ("", self.field.empty_label)
        for category in flatten(self.queryset):
            yield self.choice(category)


class TreeCheckboxes(forms.CheckboxSelectMultiple):
    def create_option(self, name, value, label, selected, index, **kwargs):
        option = super().create_option(name, value, label, selected, index, **kwargs)
        option["attrs"]["data-depth"] = value.instance.depth
        return option


class CategoryTreeField(forms.ModelMultipleChoiceField):
    """Existing categories as check boxes, indented like their tree."""

    iterator = TreeIterator
    widget = TreeCheckboxes

    def __init__(self, **kwargs) -> None:
        super().__init__(Category.objects.all(), required=False, **kwargs)


class ParentField(forms.ModelChoiceField):
    """One category, or none for the top."""

    iterator = TreeIterator

    def label_from_instance(self, category: Category) -> str:
        return "\N{EN SPACE}" * 2 * category.depth + category.name


class NamesField(forms.CharField):
    """Names separated by commas, each once whatever its case."""

    def to_python(self, value) -> list[str]:
        names = [" ".join(name.split()) for name in super().to_python(value).split(",")]
        return list({name.casefold(): name for name in reversed(names) if name}.values())[::-1]

    def validate(self, value: list[str]) -> None:
        super().validate(value)
        if len(value) > MAX_NEW_CATEGORIES:
            raise ValidationError(f"No more than {MAX_NEW_CATEGORIES} at once.", code="many")
        if any(len(name) > 120 for name in value):
            raise ValidationError("A name has no more than 120 characters.", code="long")

    def run_validators(self, value: list[str]) -> None:
        for name in value:
            super().run_validators(name)


class PropertiesField(forms.CharField):
    """Properties, one a line, as `name: value`. What is still as it was shown stays to the letter."""

    widget = forms.Textarea

    def __init__(self, **kwargs) -> None:
        super().__init__(required=False, max_length=20_000, **kwargs)
        self._known: dict[str, tuple[str, str]] = {}  # by their line

    def know(self, properties: Mapping[str, str]) -> None:
        """Keep how these are spelled: a name may have a colon, a value a line break."""
        self._known |= {
            properties_as_text({name: value}): (name, value) for name, value in properties.items()
        }

    def prepare_value(self, value):
        return properties_as_text(value) if isinstance(value, Mapping) else value

    def clean(self, value) -> dict[str, str]:
        found: dict[str, str] = {}
        for line in super().clean(value).splitlines():
            line = " ".join(line.split())
            if not line:
                continue
            name, value = self._known.get(line) or self._read(line)
            if name in found:
                raise ValidationError(f"“{name}” is there twice.", code="twice")
            found[name] = value
        if len(found) > MAX_PROPERTIES:
            raise ValidationError(f"No more than {MAX_PROPERTIES} properties.", code="many")
        return found

    @staticmethod
    def _read(line: str) -> tuple[str, str]:
        name, colon, value = (part.strip() for part in line.partition(":"))
        if not (name and colon and value):
            raise ValidationError(f"Write “name: value” in each line, not “{line[:60]}”.", code="line")
        return name[:MAX_PROPERTY_NAME], value


def properties_as_text(properties: Mapping[str, str]) -> str:
    """Return properties as a person reads and writes them, one a line."""
    return "\n".join(" ".join(f"{name}: {value}".split()) for name, value in sorted(properties.items()))


class GtinField(forms.CharField):
    """An EAN, UPC, ISBN or GTIN in the spelling that imports use (`catalog.lib.gtin`)."""

    def to_python(self, value) -> str:
        text = super().to_python(value)
        code = parse_gtin(text)
        if text and not code:
            raise ValidationError(explain_refusal(text), code="gtin")
        return code


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class PicturesField(forms.FileField):
    """Uploaded pictures, as `Picture` objects that are proved and ready to be stored."""

    widget = FilesInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/avif,image/gif"})

    def clean(self, data, initial=None) -> list[Picture]:
        files = data if isinstance(data, list | tuple) else [data] if data else []
        if len(files) > MAX_PICTURES:
            raise ValidationError(f"No more than {MAX_PICTURES} pictures at once.", code="many")
        return [read_picture(super(PicturesField, self).clean(file, initial)) for file in files]


def read_picture(file: UploadedFile) -> Picture:
    """Return the picture in the upload; refuse what is none, or too big."""
    picture = Picture(file.read(MAX_BYTES + 1))
    try:
        picture.renditions  # noqa: B018 decodes it
    except PictureError as error:
        raise ValidationError(f"“{PurePath(file.name).name}”: {error}", code="picture") from None
    return picture


def logo_file(file: UploadedFile) -> ContentFile:
    """Return the uploaded logo as a WebP file with a name of our own; refuse what is no picture."""
    renditions = read_picture(file).renditions
    return ContentFile(renditions[min(1, len(renditions) - 1)].data, f"{uuid.uuid4().hex}.webp")


class LinesField(forms.CharField):
    """Short statements, one a line: without empty ones, each once."""

    MOST, LONGEST = 10, 160

    def __init__(self, **kwargs) -> None:
        widget = forms.Textarea(attrs={"rows": 3})
        super().__init__(required=False, widget=widget, max_length=2_000, **kwargs)

    def clean(self, value: str) -> str:
        written = (" ".join(line.split()) for line in super().clean(value).splitlines())
        lines = list(dict.fromkeys(filter(None, written)))
        if len(lines) > self.MOST:
            raise forms.ValidationError(f"Write {self.MOST} lines at most.")
        if any(len(line) > self.LONGEST for line in lines):
            raise forms.ValidationError(f"Keep each line within {self.LONGEST} letters.")
        return "\n".join(lines)
