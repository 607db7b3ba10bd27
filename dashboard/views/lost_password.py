"""A lost password: ask for a link, and choose a new one."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import PasswordResetConfirmView
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods

from catalog.site.settings import get_settings
from dashboard.security import lost_password, sign_ins
from dashboard.users import record_password

SENT = "If somebody has this address here, a mail with a link is on its way to them."


class AskForm(forms.Form):
    email = forms.EmailField()


@login_not_required
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Send a link to an address. The answer is the same whether anybody has it."""
    if request.method == "POST" and settings.MAIL_IS_SET_UP:
        form = AskForm(request.POST)
        if form.is_valid():
            lost_password.send_links(form.cleaned_data["email"])
        messages.success(request, SENT)
        return redirect("login")
    context = {"site": get_settings(), "sends_mail": settings.MAIL_IS_SET_UP}
    return render(request, "dashboard/lost_password.html", context)


@method_decorator(login_not_required, name="dispatch")
class Choose(PasswordResetConfirmView):
    """Django's, in our frame. All browsers of the user are logged out."""

    template_name = "dashboard/lost_password_new.html"
    success_url = reverse_lazy("login")

    def form_valid(self, form) -> HttpResponse:
        with transaction.atomic():
            response = super().form_valid(form)
            record_password(form.user)
            sign_ins.end_all(form.user)
        messages.success(self.request, "Your password is changed. Log in with it.")
        return response

    def get_context_data(self, **kwargs) -> dict:
        return super().get_context_data(**kwargs) | {"site": get_settings()}
