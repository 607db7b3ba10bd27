"""Addresses of the catalogue's dashboard pages, under /dashboard/."""

from django.urls import path

from catalog.views import (
    attributes,
    brands,
    categories,
    own_offers,
    product_edit,
    product_history,
    product_offers,
    product_preview,
    product_quick,
    product_updates,
    products,
    shops,
    site,
    undo,
)

app_name = "catalog"
urlpatterns = [
    path("products/", products.product_list, name="product-list"),
    path("products/export/<slug:kind>/", products.product_export, name="product-export"),
    path("products/columns/", products.product_columns, name="product-columns"),
    path("products/bulk/", products.product_bulk, name="product-bulk"),
    path("products/add/", product_edit.product_create, name="product-create"),
    path("products/<int:pk>/", product_edit.product_edit, name="product-edit"),
    path("products/<int:pk>/preview/", product_preview.product_preview, name="product-preview"),
    path("products/<int:pk>/quick/", product_quick.product_quick, name="product-quick"),
    path("products/options/", product_offers.product_options, name="product-options"),
    path("products/<int:pk>/offers/", product_offers.product_offers, name="product-offers"),
    path("products/<int:pk>/offers/add/", own_offers.own_offer_add, name="own-offer-add"),
    path("products/<int:pk>/offers/<int:offer>/", own_offers.own_offer_edit, name="own-offer-edit"),
    path("products/<int:pk>/share/", product_edit.product_share, name="product-share"),
    path("products/<int:pk>/updates/", product_updates.product_updates, name="product-updates"),
    path("products/<int:pk>/history/", product_history.product_history, name="product-history"),
    path(
        "products/<int:pk>/history/<int:revision>/", product_history.product_restore, name="product-restore"
    ),
    path("undo/", undo.undo_start, name="undo-start"),
    path("undo/<int:pk>/", undo.undo_detail, name="undo-detail"),
    path("undo/<int:pk>/progress/", undo.undo_progress, name="undo-progress"),
    path("undo/<int:pk>/carry-out/", undo.undo_carry_out, name="undo-carry-out"),
    path("undo/<int:pk>/cancel/", undo.undo_cancel, name="undo-cancel"),
    path("categories/", categories.category_list, name="category-list"),
    path("categories/<int:pk>/", categories.category_edit, name="category-edit"),
    path("categories/<int:pk>/move/", categories.category_move, name="category-move"),
    path("categories/<int:pk>/merge/", categories.category_merge, name="category-merge"),
    path("categories/<int:pk>/delete/", categories.category_delete, name="category-delete"),
    path("brands/", brands.brand_list, name="brand-list"),
    path("brands/<int:pk>/", brands.brand_edit, name="brand-edit"),
    path("brands/<int:pk>/merge/", brands.brand_merge, name="brand-merge"),
    path("brands/<int:pk>/delete/", brands.brand_delete, name="brand-delete"),
    path("shops/", shops.shop_list, name="shop-list"),
    path("shops/<int:pk>/", shops.shop_edit, name="shop-edit"),
    path("shops/<int:pk>/merge/", shops.shop_merge, name="shop-merge"),
    path("shops/<int:pk>/delete/", shops.shop_delete, name="shop-delete"),
    path("site/", site.site_settings, name="site-settings"),
    path("attributes/", attributes.attribute_list, name="attribute-list"),
]
