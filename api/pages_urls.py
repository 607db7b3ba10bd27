"""Addresses of the dashboard's pages about the API, under /dashboard/."""

from django.urls import path

from api.views import tokens, webhooks

app_name = "api-pages"
urlpatterns = [
    path("tokens/", tokens.token_list, name="token-list"),
    path("tokens/add/", tokens.token_create, name="token-create"),
    path("tokens/<int:pk>/revoke/", tokens.token_revoke, name="token-revoke"),
    path("webhooks/", webhooks.webhook_list, name="webhook-list"),
    path("webhooks/add/", webhooks.webhook_create, name="webhook-create"),
    path("webhooks/<int:pk>/", webhooks.webhook_detail, name="webhook-detail"),
    path("webhooks/<int:pk>/edit/", webhooks.webhook_edit, name="webhook-edit"),
    path("webhooks/<int:pk>/secret/", webhooks.webhook_rotate, name="webhook-rotate"),
    path("webhooks/<int:pk>/test/", webhooks.webhook_test, name="webhook-test"),
    path("webhooks/<int:pk>/delete/", webhooks.webhook_delete, name="webhook-delete"),
    path("deliveries/<int:pk>/", webhooks.delivery_detail, name="delivery-detail"),
    path("deliveries/<int:pk>/again/", webhooks.delivery_again, name="delivery-again"),
]
