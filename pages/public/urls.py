"""Addresses of pages and guides. They come last: a page has any name that the site does not need itself."""

from django.urls import path, register_converter
from django.urls.converters import SlugConverter

from pages.public import views


class NameConverter(SlugConverter):
    """What can be the name of a page: nothing longer is looked for, or led to its slash."""

    regex = r"[-a-zA-Z0-9_]{1,140}"


register_converter(NameConverter, "name")

app_name = "guides"
urlpatterns = [
    path("guides/", views.guide_list, name="list"),
    path("guides/category/<slug:slug>/", views.guide_category, name="category"),
    path("guides/preview/<str:token>/", views.preview, name="preview"),
    path("guides/<slug:slug>/", views.guide, name="guide"),
    path("feed/guides/", views.guide_feed, name="feed"),
    path("<name:slug>/", views.page, name="page"),
]
