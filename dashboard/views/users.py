"""People who work on the site. Only administrators come here."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import User
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from dashboard.forms import UserForm
from dashboard.security import factors
from dashboard.users import LastAdministrator, get_role, save_user, users_with_roles


@require_safe
@permission_required("auth.view_user", raise_exception=True)
def user_list(request: HttpRequest) -> HttpResponse:
    users = list(users_with_roles())
    for user in users:
        user.role = get_role(user)
    return render(request, "dashboard/user_list.html", {"users": users})


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@permission_required("auth.add_user", raise_exception=True)
def user_create(request: HttpRequest) -> HttpResponse:
    return _edit(request, User())


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@permission_required("auth.change_user", raise_exception=True)
def user_edit(request: HttpRequest, pk: int) -> HttpResponse:
    return _edit(request, get_object_or_404(users_with_roles(), pk=pk))


def _edit(request: HttpRequest, user: User) -> HttpResponse:
    name = user.username
    form = UserForm(request.POST or None, instance=user, editor=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            saved = save_user(form.save(commit=False), role=form.cleaned_data["role"])
        except LastAdministrator:
            form.add_error(None, "Somebody has to be administrator and able to log in.")
        except IntegrityError:
            form.add_error("username", "There is a user of this name already.")
        else:
            if saved == request.user:
                update_session_auth_hash(request, saved)
            messages.success(request, f"User “{saved.username}” saved.")
            return redirect("dashboard:user-list")
    has_second_factor = user.pk is not None and factors.is_on(user)
    context = {"form": form, "name": name, "user_id": user.pk, "has_second_factor": has_second_factor}
    return render(request, "dashboard/user_edit.html", context)
