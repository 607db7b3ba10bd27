"""Form fields that more than one form has."""

import uuid
from pathlib import PurePath

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from PIL import Image, UnidentifiedImageError
from stdnum import ean

from catalog.categories import flatten
from catalog.models import Category

# Pillow's name of a format -> the ending its file gets here. SVG is a program, not a picture.
PICTURE_FORMATS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "GIF": "gif", "AVIF": "avif"}
MAX_PICTURE_BYTES = 10 * 1024 * 1024
MAX_PICTURE_PIXELS = 50_000_000
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
    """An EAN, UPC or GTIN with a right check digit, in the spelling that imports use: UPCs padded to 13."""

    def to_python(self, value) -> str:
        code = super().to_python(value).replace(" ", "").replace("-", "")
        if code and not (code.isascii() and code.isdecimal() and ean.is_valid(code)):
            raise ValidationError("This is not an EAN: its check digit does not fit.", code="gtin")
        digits = code.lstrip("0")
        return digits.zfill(8 if len(digits) <= 8 else 13) if code else ""


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class PicturesField(forms.FileField):
    """Uploaded pictures: JPEG, PNG, WebP, GIF or AVIF. Each gets a name of our own and its true ending."""

    widget = FilesInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/gif,image/avif"})

    def clean(self, data, initial=None) -> list[UploadedFile]:
        files = data if isinstance(data, list | tuple) else [data] if data else []
        if len(files) > MAX_PICTURES:
            raise ValidationError(f"No more than {MAX_PICTURES} pictures at once.", code="many")
        return [check_picture(super(PicturesField, self).clean(file, initial)) for file in files]


def check_picture(file: UploadedFile) -> UploadedFile:
    """Return the upload with a safe name; refuse what is not a picture, or is too big."""
    if file.size > MAX_PICTURE_BYTES:
        raise ValidationError(f"“{file.name}” is larger than {MAX_PICTURE_BYTES >> 20} MB.", code="size")
    try:
        with Image.open(file, formats=list(PICTURE_FORMATS)) as picture:
            if picture.width * picture.height > MAX_PICTURE_PIXELS:
                raise ValidationError(f"“{file.name}” has more than 50 million pixels.", code="pixels")
            ending = PICTURE_FORMATS[picture.format]
            picture.verify()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise ValidationError(
            f"“{PurePath(file.name).name}” is not a picture. JPEG, PNG, WebP, GIF and AVIF are.",
            code="picture",
        ) from None
    file.seek(0)
    file.name = f"{uuid.uuid4().hex}.{ending}"
    return file
