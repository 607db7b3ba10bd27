"""Addresses of the desk, under /dashboard/desk/."""

from django.urls import path

from desk.views import accounts, overview

app_name = "desk"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("log/", overview.log, name="log"),
    path("logins/", accounts.account_list, name="account-list"),
    path("logins/add/<slug:network>/<slug:kind>/", accounts.account_add, name="account-add"),
    path("logins/<int:pk>/", accounts.account_edit, name="account-edit"),
    path("logins/<int:pk>/check/", accounts.account_check, name="account-check"),
    path("logins/<int:pk>/remove/", accounts.account_remove, name="account-remove"),
]
