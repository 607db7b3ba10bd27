"""A lost password: a link by mail to whoever has the address, good once and for a while."""

from urllib.parse import urljoin

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from catalog.site.settings import get_settings
from mail.outbox import Letter, put

KIND = "lost-password"
NO_OTHER_WITHIN = 600  # seconds: who asks a hundred times gets one mail


def send_links(address: str) -> int:
    """Write a mail to each active user of an address; return how many. Nobody else learns who there is."""
    users = User.objects.filter(email__iexact=address, is_active=True) if address else User.objects.none()
    letters = [_letter(user) for user in users if user.has_usable_password()]
    put(letters)
    return len(letters)


def _letter(user: User) -> Letter:
    site = get_settings()
    path = reverse(
        "lost-password-new",
        args=[urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)],
    )
    context = {
        "user": user,
        "site": site,
        "url": urljoin(settings.SITE_URL, path),
        "hours": settings.PASSWORD_RESET_TIMEOUT // 3600,
    }
    window = int(timezone.now().timestamp()) // NO_OTHER_WITHIN
    return Letter(
        kind=KIND,
        recipient=user.email,
        subject=f"{site.name}: choose a new password",
        text=render_to_string("dashboard/mail/lost_password.txt", context),
        key=f"{KIND}:{user.pk}:{window}",
        is_private=True,
    )
