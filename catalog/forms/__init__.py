from catalog.forms.attributes import AttributeFormSet
from catalog.forms.fields import CategoryTreeField, GtinField, NamesField, PicturesField
from catalog.forms.offers import OffersForm, OwnOfferForm
from catalog.forms.products import BulkForm, GalleryForm, ProductForm, QuickEditForm, VersionForm
from catalog.forms.seen import SeenForm
from catalog.forms.site import ButtonTextsForm, SiteSettingsForm
from catalog.forms.taxonomy import (
    BrandForm,
    CategoryForm,
    CategoryMergeForm,
    CategoryMoveForm,
    MergeForm,
    ShopForm,
    ShopMergeForm,
)

__all__ = [
    "AttributeFormSet",
    "BrandForm",
    "BulkForm",
    "ButtonTextsForm",
    "CategoryForm",
    "CategoryMergeForm",
    "CategoryMoveForm",
    "CategoryTreeField",
    "GalleryForm",
    "GtinField",
    "MergeForm",
    "NamesField",
    "OffersForm",
    "OwnOfferForm",
    "PicturesField",
    "ProductForm",
    "QuickEditForm",
    "SeenForm",
    "ShopForm",
    "ShopMergeForm",
    "SiteSettingsForm",
    "VersionForm",
]
