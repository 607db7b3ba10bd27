"""Price alerts: ask, confirm, stop. No session and no cookie; none of these pages is kept or found by search.

Who has the link of a mail may do what it says: nobody is logged in, so there is nothing that a forged form
could misuse but the form that asks for a mail, which has a proof of its own (`wishes.form_token`).
"""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from affiliate_site.proxy import client_network
from affiliate_site.redis import RedisError
from catalog.alerts import asking, limits
from catalog.alerts.wishes import (
    Wish,
    form_token,
    is_form_token,
    parse_address,
    parse_price,
    read_stop_token,
)
from catalog.models import PriceAlert, Product, SiteSettings
from catalog.public.category_tree import shared_tree
from catalog.site.settings import in_site_language, site_of

METHODS = ["GET", "HEAD", "POST"]


def of_alerts(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view of these pages: open to everybody, in the site's language, kept and indexed by nobody."""

    @wraps(view)
    def answer(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store, private"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return csrf_exempt(login_not_required(require_http_methods(METHODS)(in_site_language(answer))))


@of_alerts
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the form, and send a link to the address that it names. The answer is the same for any address."""
    site = _site_with_alerts(request)
    product = get_object_or_404(Product, slug=slug, status=Product.Status.PUBLISHED)
    network = client_network(request)
    if request.method != "POST":
        return _form(request, product, request.GET)
    data = request.POST
    below, address = parse_price(data.get("below", "")), parse_address(data.get("email", ""))
    in_stock = "stock" in data
    errors = []
    if not is_form_token(data.get("token", ""), product.pk, network):
        errors.append(_("Please send the form once more."))
    if not address:
        errors.append(_("Enter your e-mail address."))
    if below is None and data.get("below", "").strip():
        errors.append(_("Enter a price, such as 79.90."))
    elif below is None and not in_stock:
        errors.append(_("Enter a price, or choose to hear when it is back in stock."))
    if errors:
        return _form(request, product, data, errors, status=422)
    try:
        if not limits.network_may_ask(network):
            return _form(request, product, data, [_("Please try again in an hour.")], status=429)
        if not data.get("website"):  # a field that nobody sees, and robots fill in
            currency = product.currency or site.currency
            asking.ask(Wish(address, product.pk, below, currency, in_stock), product, site)
    except RedisError:
        return _form(request, product, data, [_("Please try again in a minute.")], status=503)
    text = _("If the address is right, a mail is on its way to you. Follow its link within 48 hours.")
    return _note(request, _("Look into your mail"), text, product=product)


@of_alerts
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Ask once more, as programs that check mail follow links, too; then make the alert."""
    site = _site_with_alerts(request)
    wish = Wish.from_token(token)
    product = wish and Product.objects.filter(pk=wish.product_id, status=Product.Status.PUBLISHED).first()
    if not wish or not product:
        text = _("Links hold for 48 hours. Ask for another on the page of the product.")
        return _note(request, _("This link no longer holds"), text, status=410)
    if request.method != "POST":
        return _render(request, "alert_confirm", {"wish": wish, "product": product})
    try:
        asking.confirm(wish, site)
    except asking.TooMany:
        text = _("This address has as many alerts as it can. End one of them first.")
        return _note(request, _("No more alerts"), text, product=product, status=409)
    return _note(request, _("Done"), _("We will write to you."), product=product)


@of_alerts
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """End an alert: by a button, or by the one click of a mail program (RFC 8058), which sends a POST."""
    alert_id = read_stop_token(token)
    if alert_id is None:
        raise Http404("No such alert")
    if request.method == "POST":
        asking.stop(alert_id, and_all_others="all" in request.POST)
        return _note(request, _("Done"), _("We write no more. With your last alert your address is deleted."))
    alert = PriceAlert.objects.filter(pk=alert_id).select_related("product").first()
    if alert is None:
        return _note(request, _("This alert has ended"), _("There is nothing more to do."))
    others = [other for other in asking.alerts_with(alert) if other.pk != alert.pk]
    return _render(request, "alert_stop", {"alert": alert, "others": others})


def _site_with_alerts(request: HttpRequest) -> SiteSettings:
    site = site_of(request)
    if not asking.are_offered(site):
        raise Http404("No price alerts here")
    return site


def _form(request: HttpRequest, product: Product, data, errors=(), status: int = 200) -> HttpResponse:
    context = {
        "product": product,
        "currency": product.currency or site_of(request).currency,
        "token": form_token(product.pk, client_network(request)),
        "errors": errors,
        "below": data.get("below", "")[:20],
        "stock": "stock" in data,
        "email": data.get("email", "")[:254] if errors else "",
    }
    return _render(request, "alert_ask", context, status=status)


def _note(
    request: HttpRequest, heading: str, text: str, *, product: Product | None = None, status: int = 200
) -> HttpResponse:
    context = {"heading": heading, "text": text, "product": product}
    return _render(request, "alert_note", context, status=status)


def _render(request: HttpRequest, name: str, context: dict, status: int = 200) -> HttpResponse:
    context |= {"tree": shared_tree.of(request)}
    return render(request, f"public/{name}.html", context, status=status)
