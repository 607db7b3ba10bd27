"""What visitors get by mail, in the site's language."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from catalog.alerts.wishes import Wish, stop_token
from catalog.lib.money import format_money
from catalog.models import PriceAlert, Product, SiteSettings
from mail.outbox import Letter

CONFIRMATION_LASTS = timedelta(hours=6)
ALERT_LASTS = timedelta(hours=6)  # by then the price may be another


def absolute(path: str) -> str:
    return urljoin(settings.SITE_URL, path)


def confirmation(wish: Wish, product: Product, site: SiteSettings) -> Letter:
    """Ask whoever reads the mail whether they want it."""
    with translation.override(site.language):
        context = {
            "site": site,
            "product": product,
            "wish": wish,
            "url": absolute(reverse("public:alert-confirm", args=[wish.to_token()])),
        }
        return Letter(
            kind="alert-confirm",
            recipient=wish.address,
            subject=_("Please confirm: price alert for %(title)s") % {"title": product.title},
            **_parts("confirm", context),
            is_private=True,
            lasts=CONFIRMATION_LASTS,
        )


def alert(row: PriceAlert, address: str, price: Decimal | None, site: SiteSettings, *, key: str) -> Letter:
    """Tell that a product costs less than was asked for (`price`), or can be had again (None)."""
    with translation.override(site.language):
        title = row.product.title
        if price is None:
            subject = _("Back in stock: %(title)s") % {"title": title}
        else:
            subject = _("%(price)s: %(title)s") % {"price": format_money(price, row.currency), "title": title}
        stop = absolute(reverse("public:alert-stop", args=[stop_token(row.pk)]))
        context = {
            "site": site,
            "product": row.product,
            "row": row,
            "price": price,
            "url": absolute(row.product.get_absolute_url()),
            "stop": stop,
        }
        return Letter(
            kind="alert",
            recipient=address,
            subject=subject,
            **_parts("alert", context),
            headers={"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
            key=key,
            is_private=True,
            lasts=ALERT_LASTS,
        )


def _parts(name: str, context: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "text": render_to_string(f"public/mail/{name}.txt", dict(context)).strip() + "\n",
        "html": render_to_string(f"public/mail/{name}.html", dict(context)),
    }
