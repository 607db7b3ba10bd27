"""Every address of the site."""

from django.contrib.auth import views as auth_views
from django.urls import include, path

from affiliate_site.health import healthz
from affiliate_site.media import media
from dashboard.views import lost_password
from dashboard.views.account import Login, login_code, password_change
from dashboard.views.operations import deep_health, metrics
from desk.views.api import take_conversions
from desk.views.own_feeds import pulled
from importer.views.pictures import picture, shop_logo
from sales.views.reading import hook

handler404 = "catalog.public.views.other.not_found"
handler500 = "dashboard.views.unsent.server_error"

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("healthz/deep", deep_health, name="deep-health"),
    path("metrics", metrics, name="metrics"),
    path("dashboard/login/", Login.as_view(), name="login"),
    path("dashboard/login/code/", login_code, name="login-code"),
    path("dashboard/login/lost/", lost_password.ask, name="lost-password"),
    path("dashboard/login/lost/<uidb64>/<token>/", lost_password.Choose.as_view(), name="lost-password-new"),
    path("dashboard/passkeys/", include("dashboard.passkey_urls")),
    path("dashboard/logout/", auth_views.LogoutView.as_view(), name="logout"),
    path("dashboard/password/", password_change, name="password_change"),
    path("dashboard/", include("dashboard.urls")),
    path("dashboard/", include("importer.urls")),
    path("dashboard/", include("catalog.urls")),
    path("dashboard/earnings/", include("sales.urls")),
    path("dashboard/desk/", include("desk.urls")),
    path("desk/feeds/<str:key>.csv", pulled, name="desk-pull"),
    path("dashboard/", include("pages.urls")),
    path("desk/api/conversions", take_conversions, name="desk-conversions"),
    path("dashboard/api/", include("api.pages_urls")),
    path("api/v1/", include("api.urls")),
    path("", include("catalog.public.urls")),
    path("picture/shop/<str:token>", shop_logo, name="shop-logo"),
    path("picture/<str:token>", picture, name="picture"),
    path("media/<path:path>", media),
    path("hooks/<slug:network>/<str:secret>/", hook, name="sales-hook"),
    path("", include("pages.public.urls")),  # last: a page may have any other name
]
