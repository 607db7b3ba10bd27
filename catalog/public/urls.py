"""Addresses that visitors see."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.sitemaps.views import sitemap as section_view
from django.urls import path

from catalog.public.sitemaps import SITEMAPS
from catalog.public.views import lists
from catalog.public.views.crawlers import robots, sitemap
from catalog.public.views.go import go
from catalog.public.views.product import preview, product

app_name = "public"
urlpatterns = [
    path("", lists.home, name="home"),
    path("product/<slug:slug>/", product, name="product"),
    path("preview/<str:token>/", preview, name="preview"),
    path("category/<slug:slug>/", lists.category, name="category"),
    path("brand/<slug:slug>/", lists.brand, name="brand"),
    path("shop/<slug:slug>/", lists.shop, name="shop"),
    path("search/", lists.search, name="search"),
    path("go/<int:offer_id>/", go, name="go"),
    path("go/<int:offer_id>/<slug:place>/", go, name="go"),
    path("robots.txt", robots, name="robots"),
    path("sitemap.xml", sitemap, name="sitemap"),
    path(
        "sitemap-<slug:section>.xml",
        login_not_required(section_view),
        {"sitemaps": SITEMAPS},
        name="sitemap-section",
    ),
]
