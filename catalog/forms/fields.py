"""Form fields that more than one form has."""

import uuid
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
