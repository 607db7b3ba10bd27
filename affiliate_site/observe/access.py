"""Who may read what only operators should."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare


def is_operator(request: HttpRequest) -> bool:
    """Tell whether the request brings METRICS_TOKEN (`Authorization: Bearer`): nobody can without one."""
    token = settings.METRICS_TOKEN
    said = request.META.get("HTTP_AUTHORIZATION", "")
    return bool(token) and constant_time_compare(said, f"Bearer {token}")
