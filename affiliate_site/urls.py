"""Every address of the site."""

from django.conf import settings
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.static import serve

from affiliate_site.health import healthz
from catalog.views.account import Login, password_change
from importer.views.pictures import picture

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("dashboard/login/", Login.as_view(), name="login"),
    path("dashboard/logout/", auth_views.LogoutView.as_view(), name="logout"),
    path("dashboard/password/", password_change, name="password_change"),
    path("dashboard/", include("importer.urls")),
    path("dashboard/", include("catalog.urls")),
    path("", include("catalog.public.urls")),
    path("picture/<str:token>", picture, name="picture"),
    # Pictures and logos; behind a proxy that serves /media/ itself this is never reached.
    path("media/<path:path>", login_not_required(serve), {"document_root": settings.MEDIA_ROOT}),
]
