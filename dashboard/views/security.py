"""One's own security: second factor, passkeys, where one is logged in."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.site.settings import get_settings
from dashboard.security import factors, sign_ins

WRONG = "That is not your password. Nothing was changed."


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Show what protects one's account, and where one is logged in."""
    context = {
        "is_on": factors.is_on(request.user),
        "codes_left": factors.recovery_codes_left(request.user),
        "passkeys": factors.get_passkeys(request.user),
        "passkeys_work": settings.PASSKEYS_WORK,
        "places": sign_ins.get_places(request, request.user),
    }
    return render(request, "dashboard/security.html", context)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """Connect an app: show its secret, and turn it on with a code that it shows."""
    if request.method == "POST" and not request.user.check_password(request.POST.get("password", "")):
        messages.error(request, WRONG)
    elif request.method == "POST":
        if codes := factors.turn_on(request.user, request.POST.get("code", "")):
            return _show_codes(request, codes)
        messages.error(request, "The app shows another code. Type the one that it shows now.")
    device = factors.get_setup(request.user)
    context = {
        "secret": factors.secret_of(device),
        "qr_code": mark_safe(factors.qr_code(device, site_name=get_settings().name)),  # noqa: S308 segno's
    }
    return render(request, "dashboard/second_factor.html", context)


@never_cache
@sensitive_post_parameters()
@require_POST
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes and show them, once."""
    if not request.user.check_password(request.POST.get("password", "")):
        messages.error(request, WRONG)
    elif factors.is_on(request.user):
        return _show_codes(request, factors.new_recovery_codes(request.user))
    return redirect("dashboard:security")


@sensitive_post_parameters()
@require_POST
def second_factor_off(request: HttpRequest) -> HttpResponse:
    """Let the password alone log in again."""
    if not request.user.check_password(request.POST.get("password", "")):
        messages.error(request, WRONG)
    elif factors.turn_off(request.user):
        messages.success(request, "The second factor is off. Your password alone logs you in.")
    return redirect("dashboard:security")


@require_POST
def passkey_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget one of one's own passkeys."""
    get_object_or_404(factors.get_passkeys(request.user), pk=pk).delete()
    messages.success(request, "The passkey is forgotten.")
    return redirect("dashboard:security")


@require_POST
def sign_in_end(request: HttpRequest) -> HttpResponse:
    """Log one browser out, or all others."""
    key = request.POST.get("key", "")
    count = sign_ins.end(request.user, key) if _is_key(key) else sign_ins.end_others(request, request.user)
    messages.success(request, "Logged out." if count else "Nothing was logged in there any more.")
    return redirect("dashboard:security")


@require_POST
@permission_required("auth.change_user", raise_exception=True)
def user_second_factor_off(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the second factor from somebody who lost it."""
    user = get_object_or_404(User, pk=pk)
    if factors.turn_off(user):
        messages.success(request, f"“{user.username}” logs in with the password alone now.")
    return redirect("dashboard:user-edit", pk)


def _show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    return render(request, "dashboard/recovery_codes.html", {"codes": codes})


def _is_key(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
