from catalog.forms.fields import CategoryTreeField, GtinField, NamesField, PicturesField
from catalog.forms.products import BulkForm, ImageFormSet, OffersForm, ProductForm, VersionForm
from catalog.forms.site import ButtonTextsForm, SiteSettingsForm
from catalog.forms.taxonomy import BrandForm, CategoryForm, MergeForm, ShopForm

__all__ = [
    "BrandForm",
    "BulkForm",
    "ButtonTextsForm",
    "CategoryForm",
    "CategoryTreeField",
    "GtinField",
    "ImageFormSet",
    "MergeForm",
    "NamesField",
    "OffersForm",
    "PicturesField",
    "ProductForm",
    "ShopForm",
    "SiteSettingsForm",
    "VersionForm",
]
