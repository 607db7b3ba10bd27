"""Addresses of pages and guides. They come last: a page has any name that the site does not need itself."""

from django.urls import path

from pages.public import views

app_name = "guides"
urlpatterns = [
    path("guides/", views.guide_list, name="list"),
    path("guides/category/<slug:slug>/", views.guide_category, name="category"),
    path("guides/preview/<str:token>/", views.preview, name="preview"),
    path("guides/<slug:slug>/", views.guide, name="guide"),
    path("feed/guides/", views.guide_feed, name="feed"),
    path("<slug:slug>/", views.page, name="page"),
]
