from catalog.models.alerts import PriceAlert
from catalog.models.changes import CatalogueChange
from catalog.models.clicks import ClickBatch, DailyClicks, Place
from catalog.models.facets import FacetValue, StaleFacets
from catalog.models.lists import ListChoice
from catalog.models.offers import Offer, OfferCheck, PricePoint, Shop, ShopAlias, ShopSource, leading
from catalog.models.pictures import StoredImage
from catalog.models.products import OldAddress, Product, ProductImage, SlugRedirect
from catalog.models.revisions import Revision
from catalog.models.site import ButtonTexts, SiteSettings
from catalog.models.taxonomy import Brand, BrandAlias, Category, CategoryRedirect
from catalog.models.undo import UndoItem, UndoRun
from catalog.models.words import NewText, SearchWord

__all__ = [
    "Brand",
    "BrandAlias",
    "ButtonTexts",
    "CatalogueChange",
    "Category",
    "CategoryRedirect",
    "ClickBatch",
    "DailyClicks",
    "FacetValue",
    "ListChoice",
    "NewText",
    "Offer",
    "OfferCheck",
    "Place",
    "PriceAlert",
    "PricePoint",
    "OldAddress",
    "Product",
    "ProductImage",
    "Revision",
    "SearchWord",
    "Shop",
    "ShopAlias",
    "ShopSource",
    "SiteSettings",
    "SlugRedirect",
    "StaleFacets",
    "StoredImage",
    "UndoItem",
    "UndoRun",
    "leading",
]
