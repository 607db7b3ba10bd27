"""People in both roles, and a product with offers, made by the site's own services."""

import io
from decimal import Decimal
from itertools import count

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from affiliate_site.roles import ADMINISTRATOR, EDITOR
from catalog import services
from catalog.models import Offer, Product, Shop

numbers = count(1)


def make_user(name: str, role: str = "", **fields) -> User:
    user = User.objects.create_user(name, f"{name}@example.com", "correct horse battery", **fields)
    if role:
        user.groups.add(Group.objects.get(name=role))
    return user


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def administrator(db) -> User:
    return make_user("ada", ADMINISTRATOR)


@pytest.fixture
def editor(db) -> User:
    return make_user("eddi", EDITOR)


@pytest.fixture
def admin_client(administrator) -> Client:
    return client_of(administrator)


@pytest.fixture
def editor_client(editor) -> Client:
    return client_of(editor)


@pytest.fixture
def stranger_client(db) -> Client:
    """Somebody who may log in and has no role."""
    return client_of(make_user("stranger"))


@pytest.fixture
def make_product(db):
    def make(title: str = "Red shoe", *, status: str = "draft", **fields) -> Product:
        product = services.create_product(title=title, **fields)
        services.change_status(product, status=status)
        return product

    return make


@pytest.fixture
def product(make_product) -> Product:
    return make_product()


@pytest.fixture
def shop(db) -> Shop:
    return Shop.objects.create(name="OTTO", slug="otto")


@pytest.fixture
def make_offer(shop):
    def make(product: Product, price: str = "10.00", **fields) -> Offer:
        fields = {"shop": shop, "currency": "EUR", "in_stock": True, "source": "adtraction"} | fields
        return Offer.objects.create(
            product=product,
            price=Decimal(price),
            source_key=f"adtraction:1:{next(numbers)}",
            tracking_url="https://track.example/1",
            checked_at=timezone.now(),
            **fields,
        )

    return make


def picture_file(name: str = "shoe.jpg", kind: str = "JPEG", size: tuple = (40, 30)) -> SimpleUploadedFile:
    data = io.BytesIO()
    Image.new("RGB", size, "red").save(data, kind)
    return SimpleUploadedFile(name, data.getvalue())


def texts(response) -> list[str]:
    """The messages that a page shows."""
    return [str(message) for message in response.context["messages"]]
