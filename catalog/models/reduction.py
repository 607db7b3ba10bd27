"""Whether a product is reduced at a moment: the one rule, as SQL and as Python.

`tests/catalog/test_reduced.py` holds both together.
"""

from datetime import datetime
from typing import Any

from django.db.models import Q


def reduced_at(at: datetime) -> Q:
    """Return what finds products whose price our log proves to be reduced then, and that can be had."""
    return Q(reduced_until__gt=at, is_available=True)


def is_reduced_at(product: Any, at: datetime) -> bool:
    """Return the same of a product, or of a row with its columns `reduced_until` and `is_available`."""
    return product.is_available and product.reduced_until is not None and product.reduced_until > at
