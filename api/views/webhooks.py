"""Webhooks: addresses that are told of events, what became of each delivery, and another try by hand."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from api import tasks
from api.forms import WebhookForm
from api.models import Delivery, Webhook
from api.webhooks import services

PAGE_SIZE = 50
may_see = permission_required("api.view_webhook", raise_exception=True)
may_add = permission_required("api.add_webhook", raise_exception=True)
may_change = permission_required("api.change_webhook", raise_exception=True)
may_delete = permission_required("api.delete_webhook", raise_exception=True)


@require_safe
@may_see
def webhook_list(request: HttpRequest) -> HttpResponse:
    return render(request, "api/webhook_list.html", {"webhooks": services.list_webhooks()})


@require_http_methods(["GET", "POST"])
@may_add
def webhook_create(request: HttpRequest) -> HttpResponse:
    """Make a webhook and show its secret, this once."""
    form = WebhookForm(request.POST or None)
    del form.fields["is_active"]
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        webhook, secret = services.make_webhook(
            user=request.user,  # type: ignore[arg-type]  # a user is logged in
            **{name: data[name] for name in ("name", "url", "kinds")},
        )
        return _show_secret(request, webhook, secret)
    return render(request, "api/webhook_edit.html", {"form": form})


@require_http_methods(["GET", "POST"])
@may_change
def webhook_edit(request: HttpRequest, pk: int) -> HttpResponse:
    webhook = get_object_or_404(Webhook, pk=pk)
    form = WebhookForm(request.POST or None, instance=webhook)
    if request.method == "POST" and form.is_valid():
        services.edit_webhook(form.instance)
        messages.success(request, "Saved.")
        return redirect(webhook)
    return render(request, "api/webhook_edit.html", {"form": form, "webhook": Webhook.objects.get(pk=pk)})


@require_safe
@may_see
def webhook_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a webhook and its deliveries."""
    webhook = get_object_or_404(Webhook, pk=pk)
    state = request.GET.get("state", "")
    page = Paginator(services.list_deliveries(webhook, state), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"webhook": webhook, "page_obj": page, "state": state, "states": Delivery.State.choices}
    return render(request, "api/webhook_detail.html", context)


@require_POST
@may_change
def webhook_rotate(request: HttpRequest, pk: int) -> HttpResponse:
    """Give it another secret and show that, this once."""
    webhook = get_object_or_404(Webhook, pk=pk)
    return _show_secret(request, webhook, services.change_secret(webhook))


@require_POST
@may_change
def webhook_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a message without an event."""
    webhook = get_object_or_404(Webhook, pk=pk)
    if webhook.is_active:
        services.send_test(webhook)
        tasks.deliver.delay_on_commit()
        messages.success(request, "A test is on its way. Look at it here in a moment.")
    else:
        messages.error(request, "This webhook is off.")
    return redirect(webhook)


@require_POST
@may_delete
def webhook_delete(request: HttpRequest, pk: int) -> HttpResponse:
    webhook = get_object_or_404(Webhook, pk=pk)
    services.delete_webhook(webhook)
    messages.success(request, f"“{webhook.name}” is deleted.")
    return redirect("api-pages:webhook-list")


@require_safe
@may_see
def delivery_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what was sent, and what came back."""
    delivery = get_object_or_404(Delivery.objects.select_related("webhook"), pk=pk)
    return render(request, "api/delivery_detail.html", {"delivery": delivery})


@require_POST
@may_change
def delivery_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a delivery anew that is over."""
    delivery = get_object_or_404(Delivery, pk=pk)
    if services.send_again(delivery):
        tasks.deliver.delay_on_commit()
        messages.success(request, "It is sent again within seconds.")
    else:
        messages.error(request, "It waits already, or its webhook is off.")
    return redirect("api-pages:delivery-detail", pk)


def _show_secret(request: HttpRequest, webhook: Webhook, secret: str) -> HttpResponse:
    response = render(request, "api/webhook_secret.html", {"webhook": webhook, "secret": secret})
    response["Cache-Control"] = "no-store"
    return response
