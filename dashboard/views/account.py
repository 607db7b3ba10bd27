"""Log in, and change one's own password."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.views import LoginView
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from affiliate_site.sign_in import remember_device
from catalog.site.settings import get_settings
from dashboard.unsent import Unsent, unpack
from dashboard.users import record_password
from dashboard.views.unsent import LOGGED_OUT, show_unsent


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
        response = super().form_valid(form)
        if unsent := unpack(self.request.POST.get("unsent", "")):
            response = show_unsent(unsent, why=LOGGED_OUT, token=get_token(self.request))
        remember_device(response, form.get_user().get_username())
        return response

    def get_context_data(self, **kwargs) -> dict:
        unsent = self.request.POST.get("unsent", "")
        return super().get_context_data(**kwargs) | {"site": get_settings(), "unsent": unsent}


def ask_to_log_in(request: HttpRequest, unsent: Unsent) -> HttpResponse:
    """Answer 401 with a login page that keeps what somebody sent who is not logged in."""
    context = {
        "form": LoginForm(request),
        "next": unsent.path,
        "site": get_settings(),
        "unsent": unsent.pack(),
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
        messages.success(request, "Your password is changed.")
        return redirect("password_change")
    return render(request, "dashboard/password_change.html", {"form": form})
