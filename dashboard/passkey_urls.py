"""Addresses that a browser speaks with about passkeys (django-otp-webauthn)."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.i18n import JavaScriptCatalog
from django_otp_webauthn import views

from dashboard.views.passkeys import LogIn

app_name = "otp_webauthn"
urlpatterns = [
    path("add/", views.BeginCredentialRegistrationView.as_view(), name="credential-registration-begin"),
    path(
        "added/",
        views.CompleteCredentialRegistrationView.as_view(),
        name="credential-registration-complete",
    ),
    path(
        "log-in/",
        login_not_required(views.BeginCredentialAuthenticationView.as_view()),
        name="credential-authentication-begin",
    ),
    path("logged-in/", LogIn.as_view(), name="credential-authentication-complete"),
    path(
        "words.js",
        login_not_required(JavaScriptCatalog.as_view(packages=["django_otp_webauthn"])),
        name="js-i18n-catalog",
    ),
]
