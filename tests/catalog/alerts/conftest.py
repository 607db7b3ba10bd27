"""A product with offers, somebody who wants to hear of it, and the mail that he gets."""

import re
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from affiliate_site.encrypted import decrypt_text
from affiliate_site.redis import get_redis
from catalog.alerts.asking import confirm
from catalog.alerts.wishes import Wish
from catalog.models import PriceAlert
from catalog.site.settings import get_settings
from mail.models import Mail
from tests.catalog.public.conftest import make_offer, make_product, make_shop, own_redis  # noqa: F401

ADDRESS = "visitor@home.example"


@pytest.fixture(autouse=True)
def mail_is_set_up(settings):
    settings.MAIL_IS_SET_UP = True
    for key in get_redis().scan_iter("alerts:*"):
        get_redis().delete(key)


@pytest.fixture
def product(make_product, make_offer):  # noqa: F811
    product = make_product()
    make_offer(product, "99.00")
    product.refresh_from_db()
    return product


@pytest.fixture
def visitor():
    """A browser that sends no cookie and would be told of each that is set."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def make_alert(product):
    def make(below: str | None = "79", address: str = ADDRESS, **fields) -> PriceAlert:
        values = {"product_id": product.pk, "currency": "EUR", "in_stock": below is None} | fields
        return confirm(Wish(address, below=below and Decimal(below), **values), get_settings())

    return make


def form_of(visitor, product, **headers) -> dict[str, str]:
    """Return what the form of a product holds by itself."""
    response = visitor.get(reverse("public:alert-ask", args=[product.slug]), **headers)
    assert response.status_code == 200
    return {"token": re.search(r'name="token" value="([^"]+)"', response.content.decode())[1]}


def ask(visitor, product, *, email: str = ADDRESS, headers=None, **fields):
    """Send the form as somebody fills it in."""
    data = form_of(visitor, product, headers=headers) | {"below": "79", "email": email} | fields
    return visitor.post(reverse("public:alert-ask", args=[product.slug]), data, headers=headers)


def links(mail: Mail) -> list[str]:
    """Return the paths that a mail leads to."""
    return [url.partition("8000")[2] for url in re.findall(r"https?://\S+", mail.text)]


def sent_to(address: str = ADDRESS, kind: str = "alert") -> list[Mail]:
    mails = Mail.objects.filter(kind=kind).order_by("pk")
    return [mail for mail in mails if decrypt_text(mail.recipient) == address]
