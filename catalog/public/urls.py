"""Addresses that visitors see."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.sitemaps import views as sitemap_views
from django.urls import path

from catalog.public.sitemaps import SITEMAPS
from catalog.public.views import lists
from catalog.public.views.go import go
from catalog.public.views.product import product
from catalog.public.views.robots import robots

app_name = "public"
urlpatterns = [
    path("", lists.home, name="home"),
    path("product/<slug:slug>/", product, name="product"),
    path("category/<slug:slug>/", lists.category, name="category"),
    path("brand/<slug:slug>/", lists.brand, name="brand"),
    path("shop/<slug:slug>/", lists.shop, name="shop"),
    path("search/", lists.search, name="search"),
    path("go/<int:offer_id>/", go, name="go"),
    path("robots.txt", robots, name="robots"),
    path(
        "sitemap.xml",
        login_not_required(sitemap_views.index),
        {"sitemaps": SITEMAPS, "sitemap_url_name": "public:sitemap-section"},
        name="sitemap",
    ),
    path(
        "sitemap-<slug:section>.xml",
        login_not_required(sitemap_views.sitemap),
        {"sitemaps": SITEMAPS},
        name="sitemap-section",
    ),
]
