"""The dashboard's pages about the API: who may, and what they show."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from api import pages_urls
from api.models import Delivery, Webhook
from api.webhooks.services import make_webhook, send_test
from tests.api.conftest import make_editor, make_program

pytestmark = pytest.mark.django_db

# route -> method, what an editor gets. An administrator gets in everywhere; a user without a role nowhere.
PAGES = {
    "token-list": ("get", 200),
    "token-create": ("get", 200),
    "token-revoke": ("post", 302),
    "webhook-list": ("get", 403),
    "webhook-create": ("get", 403),
    "webhook-detail": ("get", 403),
    "webhook-edit": ("get", 403),
    "webhook-rotate": ("post", 403),
    "webhook-test": ("post", 403),
    "webhook-delete": ("post", 403),
    "delivery-detail": ("get", 403),
    "delivery-again": ("post", 403),
}
every_page = pytest.mark.parametrize("name", PAGES)


def address(name: str, user: User) -> str:
    if name in ("token-list", "token-create", "webhook-list", "webhook-create"):
        return reverse(f"api-pages:{name}")
    if name.startswith("token"):
        make_program(user)
        return reverse(f"api-pages:{name}", args=[user.api_tokens.get().pk])
    webhook, _ = make_webhook(user=user, name="Stock", url="https://receiver.example/hook")
    delivery = send_test(webhook)
    return reverse(f"api-pages:{name}", args=[webhook.pk if name.startswith("webhook") else delivery.pk])


def test_every_page_is_in_the_table():
    assert {each.name for each in pages_urls.urlpatterns} == set(PAGES)


@every_page
def test_who_may(client, name, editor, admin_user):
    method, for_editor = PAGES[name]
    client.force_login(User.objects.create_user("guest"))
    assert getattr(client, method)(address(name, editor)).status_code == 403
    client.force_login(make_editor("other"))
    expected = 404 if name == "token-revoke" else for_editor  # another's token
    assert getattr(client, method)(address(name, make_editor("third"))).status_code == expected
    client.force_login(admin_user)
    assert getattr(client, method)(address(name, make_editor("fourth"))).status_code in (200, 302)


@every_page
def test_other_methods_are_refused(admin_client, admin_user, name):
    assert admin_client.put(address(name, admin_user)).status_code == 405


def test_who_is_not_logged_in_is_asked_to(client):
    for name in ("api-pages:token-list", "api-v1:docs"):
        assert client.get(reverse(name)).status_code == 302


def test_the_reference_explains_every_operation(admin_client):
    page = admin_client.get("/api/v1/docs").content.decode()
    for text in ("POST /api/v1/products", "products:write", "idempotency_key_reused", "If-Match"):
        assert text in page
    assert '<script src="http' not in page


def test_pages_take_few_queries(admin_client, admin_user, django_assert_max_num_queries):
    for name in PAGES:
        if PAGES[name][0] == "get":
            url = address(name, admin_user)
            with django_assert_max_num_queries(12):
                admin_client.get(url)


def test_a_secret_is_shown_once(admin_client):
    data = {"name": "Stock", "url": "https://receiver.example/hook", "kinds": ["offer.price_changed"]}
    response = admin_client.post(reverse("api-pages:webhook-create"), data)
    secret = response.context["secret"]
    assert secret in response.content.decode()
    webhook = Webhook.objects.get()
    assert secret not in webhook.secret
    for name in ("webhook-detail", "webhook-edit"):
        assert (
            secret not in admin_client.get(reverse(f"api-pages:{name}", args=[webhook.pk])).content.decode()
        )


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "ftp://a.example", "receiver", "https://user:pass@a.example/", ""]
)
def test_what_is_no_address_is_refused(admin_client, url):
    response = admin_client.post(reverse("api-pages:webhook-create"), {"name": "Stock", "url": url})
    assert response.context["form"].errors["url"]
    assert not Webhook.objects.exists()


def test_what_a_receiver_is_sent_is_escaped(admin_client, admin_user):
    webhook, _ = make_webhook(user=admin_user, name="<b>Stock</b>", url="https://receiver.example/<i>")
    delivery = send_test(webhook)
    Delivery.objects.update(body='{"<script>": 1}')
    for url in (webhook.get_absolute_url(), reverse("api-pages:delivery-detail", args=[delivery.pk])):
        page = admin_client.get(url).content.decode()
        assert not [part for part in ("<b>Stock", "<i>", '{"<script>') if part in page]
