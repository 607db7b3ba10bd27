"""Addresses that visitors see."""

from django.urls import path

from catalog.public.views import alerts, lists
from catalog.public.views.compare import compare
from catalog.public.views.crawlers import feed_new, feed_reductions, robots, sitemap, sitemap_file
from catalog.public.views.go import go
from catalog.public.views.other import about
from catalog.public.views.product import preview, product
from catalog.public.views.style import style

app_name = "public"
urlpatterns = [
    path("", lists.home, name="home"),
    path("product/<slug:slug>/", product, name="product"),
    path("product/<slug:slug>/alert/", alerts.ask, name="alert-ask"),
    path("alerts/confirm/<str:token>/", alerts.confirm, name="alert-confirm"),
    path("alerts/<str:token>/", alerts.stop, name="alert-stop"),
    path("preview/<str:token>/", preview, name="preview"),
    path("category/<slug:slug>/", lists.category, name="category"),
    path("brand/<slug:slug>/", lists.brand, name="brand"),
    path("shop/<slug:slug>/", lists.shop, name="shop"),
    path("search/", lists.search, name="search"),
    path("compare/", compare, name="compare"),
    path("search/suggest/", lists.suggest, name="search-suggest"),
    path("about/", about, name="about"),
    path("style-<slug:digest>.css", style, name="style"),
    path("go/<int:offer_id>/", go, name="go"),
    path("go/<int:offer_id>/<slug:place>/", go, name="go"),
    path("feed/", feed_new, name="feed-new"),
    path("feed/reductions/", feed_reductions, name="feed-reductions"),
    path("robots.txt", robots, name="robots"),
    path("sitemap.xml", sitemap, name="sitemap"),
    path("sitemap-<slug:section>-<int:number>.xml", sitemap_file, name="sitemap-file"),
]
