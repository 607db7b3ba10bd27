"""A small shop window: products with offers, made the way the site makes them."""

import shutil
import tempfile
from decimal import Decimal
from itertools import count
from pathlib import Path

import pytest
from django.utils import timezone

from affiliate_site.run import embedded, servers
from catalog import services
from catalog.models import Category, Offer, Product, ProductImage, Shop, ShopSource
from tests.own_servers import OwnServer

_numbers = count(1)


@pytest.fixture
def make_shop(db):
    def make(name: str = "OTTO", *, link_domains: tuple[str, ...] = ("clk.example",), **fields) -> Shop:
        shop = Shop.objects.create(name=name, slug=services.unique_slug(name, model=Shop), **fields)
        ShopSource.objects.create(shop=shop, key=f"tradedoubler:{shop.pk}", link_domains=list(link_domains))
        return shop

    return make


@pytest.fixture
def make_product(db):
    """Make a product, published unless `status` says otherwise."""

    def make(title: str = "Trail Shoe", *, categories: list[Category] = (), pictures: int = 0, **fields):
        fields.setdefault("status", Product.Status.PUBLISHED)
        if fields["status"] == Product.Status.PUBLISHED:
            fields.setdefault("published_at", timezone.now())
        fields.setdefault("slug", services.unique_slug(title))
        product = Product.objects.create(title=title, **fields)
        product.categories.set(categories)
        for position in range(pictures):
            url = f"https://img.example/{product.pk}-{position}.jpg"
            ProductImage.objects.create(product=product, source_url=url, position=position)
        return product

    return make


@pytest.fixture
def make_offer(db, make_shop):
    def make(product: Product, price: str = "99.00", *, shop: Shop | None = None, **fields) -> Offer:
        number = next(_numbers)
        values = {
            "source": "tradedoubler",
            "source_key": f"tradedoubler:1:{number}",
            "tracking_url": f"https://clk.example/click?p={number}",
            "currency": "EUR",
            "in_stock": True,
            "checked_at": timezone.now(),
        }
        offer = Offer.objects.create(
            product=product, shop=shop or make_shop(), price=Decimal(price), **values | fields
        )
        services.refresh_prices([product])
        return offer

    return make


@pytest.fixture
def own_redis(settings):
    """A Redis of the test's own, to be killed and hung; the site uses it meanwhile."""
    folder = Path(tempfile.mkdtemp(prefix="affiliate-redis-"))
    server = OwnServer(servers.redis_server(folder))
    settings.REDIS_URL = embedded.redis_url(folder)
    yield server
    server.end()
    shutil.rmtree(folder, ignore_errors=True)
