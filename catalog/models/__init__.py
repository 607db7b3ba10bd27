from catalog.models.offers import Offer, PricePoint, Shop, ShopSource
from catalog.models.products import Product, ProductImage
from catalog.models.site import ButtonTexts, SiteSettings
from catalog.models.taxonomy import Brand, Category

__all__ = [
    "Brand",
    "ButtonTexts",
    "Category",
    "Offer",
    "PricePoint",
    "Product",
    "ProductImage",
    "Shop",
    "ShopSource",
    "SiteSettings",
]
