"""Reduced now: lists, filters, cards and counts go by one rule."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import Product
from catalog.models.reduction import is_reduced_at, reduced_at

pytestmark = pytest.mark.django_db


def test_sql_and_python_agree_on_what_is_reduced():
    now = timezone.now()
    for number, (until, is_available) in enumerate(
        (until, is_available)
        for until in (None, now - timedelta(days=1), now, now + timedelta(microseconds=1))
        for is_available in (True, False)
    ):
        Product.objects.create(
            title=f"Lamp {number}", slug=f"lamp-{number}", reduced_until=until, is_available=is_available
        )
    found = set(Product.objects.filter(reduced_at(now)))
    assert found == {product for product in Product.objects.all() if is_reduced_at(product, now)}
    assert [product.title for product in found] == ["Lamp 6"]
