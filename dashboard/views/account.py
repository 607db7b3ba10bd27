"""Log in, and change one's own password."""

import time

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.utils.crypto import constant_time_compare
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django_otp import login as otp_login
from django_otp.models import Device

from affiliate_site.sign_in import remember_device
from catalog.site.settings import get_settings
from dashboard.security import factors, sign_ins
from dashboard.unsent import Unsent, unpack
from dashboard.users import record_password
from dashboard.views.unsent import LOGGED_OUT, show_unsent

HALF = "half_logged_in"  # in the session: who gave the password and still owes a code
HALF_SECONDS = 600


class LoginForm(AuthenticationForm):
    """Django's; after a wrong password the cursor is where it is typed again."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if self.data.get("username"):
            del self.fields["username"].widget.attrs["autofocus"]
            self.fields["password"].widget.attrs["autofocus"] = True


class Login(LoginView):
    """Django's login in our frame, where `site` is our settings and not Django's idea of a site."""

    template_name = "dashboard/login.html"
    form_class = LoginForm
    redirect_authenticated_user = True

    def form_valid(self, form) -> HttpResponse:
        user = form.get_user()
        if factors.is_on(user):
            _put_half(self.request, user)
            return self.ask_for_code()
        return self.finish(user)

    def finish(self, user: User, device: Device | None = None) -> HttpResponse:
        """Log the user in, and go on where they were: with what they sent, if they sent something."""
        login(self.request, user)
        if device:
            otp_login(self.request, device)
        response: HttpResponse = HttpResponseRedirect(self.get_success_url())
        if unsent := unpack(self.request.POST.get("unsent", "")):
            response = show_unsent(unsent, why=LOGGED_OUT, token=get_token(self.request))
        remember_device(response, user.get_username())
        return response

    def ask_for_code(self, error: str = "") -> HttpResponse:
        context = {
            "next": self.get_redirect_url(),
            "site": get_settings(),
            "unsent": self.request.POST.get("unsent", ""),
            "error": error,
        }
        response = render(self.request, "dashboard/login_code.html", context)
        add_never_cache_headers(response)
        return response

    def get_context_data(self, **kwargs) -> dict:
        unsent = self.request.POST.get("unsent", "")
        return super().get_context_data(**kwargs) | {
            "site": get_settings(),
            "unsent": unsent,
            "passkeys_work": settings.PASSKEYS_WORK,
        }


def _put_half(request: HttpRequest, user: User) -> None:
    """Note who gave the right password and still owes a code."""
    request.session[HALF] = {
        "user": user.pk,
        "backend": user.backend,
        "hash": user.get_session_auth_hash(),
        "until": int(time.time()) + HALF_SECONDS,
    }


def _take_half(request: HttpRequest) -> User | None:
    """Return who gave the right password a few minutes ago, if they still may log in."""
    half = request.session.get(HALF) or {}
    if half.get("until", 0) < time.time():
        return None
    user = User.objects.filter(pk=half["user"], is_active=True).first()
    if user is None or not constant_time_compare(half["hash"], user.get_session_auth_hash()):
        return None
    user.backend = half["backend"]
    return user


@login_not_required
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def login_code(request: HttpRequest) -> HttpResponse:
    """Take the code of a user's app, or one of their recovery codes, after the password."""
    user = _take_half(request)
    if user is None or request.method == "GET":
        return redirect("login")
    view = Login()
    view.setup(request)
    if not (device := factors.check_code(user, request.POST.get("code", ""))):
        return view.ask_for_code("This code does not count. Wait for the next one and type that.")
    del request.session[HALF]
    return view.finish(user, device)


def ask_to_log_in(request: HttpRequest, unsent: Unsent) -> HttpResponse:
    """Answer 401 with a login page that keeps what somebody sent who is not logged in."""
    context = {
        "form": LoginForm(request),
        "next": unsent.path,
        "site": get_settings(),
        "unsent": unsent.pack(),
        "passkeys_work": False,  # it would not know what was sent
    }
    response = render(request, Login.template_name, context, status=401)
    add_never_cache_headers(response)
    return response


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def password_change(request: HttpRequest) -> HttpResponse:
    form = PasswordChangeForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            user = form.save()
            record_password(user)
        update_session_auth_hash(request, user)
        sign_ins.note_sign_in(request, user)
        sign_ins.end_others(request, user)
        messages.success(request, "Your password is changed. Other browsers are logged out.")
        return redirect("password_change")
    return render(request, "dashboard/password_change.html", {"form": form})
