"""Log in, and change one's own password."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import LoginView
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from affiliate_site.sign_in import remember_device
from catalog.site.settings import get_settings
from dashboard.users import record_password


class Login(LoginView):
    """Django's login in our frame, where `site` is our settings and not Django's idea of a site."""

    template_name = "dashboard/login.html"
    redirect_authenticated_user = True

    def form_valid(self, form) -> HttpResponse:
        response = super().form_valid(form)
        remember_device(response, form.get_user().get_username())
        return response

    def get_context_data(self, **kwargs) -> dict:
        return super().get_context_data(**kwargs) | {"site": get_settings()}


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def password_change(request: HttpRequest) -> HttpResponse:
    form = PasswordChangeForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            user = form.save()
            record_password(user)
        update_session_auth_hash(request, user)
        messages.success(request, "Your password is changed.")
        return redirect("password_change")
    return render(request, "dashboard/password_change.html", {"form": form})
