"""Search: one network, or all of them."""

from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from affiliate_site.htmx import render_page_or_part
from affiliate_site.refused import take_refused
from importer.feeds.readiness import get_accounts, get_index_state
from importer.forms import BulkImportForm, SearchForm
from importer.forms.query import PAGE_SIZE
from importer.http.errors import Busy, NetworkError
from importer.models import NetworkAccount
from importer.networks import NETWORKS
from importer.search import hits
from importer.search.hits import fetch_categories
from importer.search.mirror import mirror_currencies
from importer.search.rows import get_grouped_rows
from importer.search.unobeyed import explain_unobeyed
from importer.sentences import say
from importer.views.common import IMPORT, find_account, get_network_class, may_search, set_up_form
from importer.views.index_search import index_search

CATEGORIES_KEPT = 3600  # seconds; some networks need dozens of calls to list them


@require_safe
@may_search
def network_search(request: HttpRequest, network: str) -> HttpResponse:
    """Search one network. The search is in the address; without one, show the form alone."""
    network_class = get_network_class(network)
    accounts = get_accounts(network)
    account = find_account(request.GET, accounts)
    form = set_up_form(request.GET, account)
    context = {
        "network": network_class,
        "tab": "search",
        "accounts": accounts,
        "account": account,
        "form": form,
        "index": get_index_state(account) if account and not account.is_indexed else None,
        **_results(request, account, form),
    }
    if context.get("busy_seconds") and not request.htmx:
        return _turned_away(context)
    return render_page_or_part(request, "importer/network_search.html", context)


@require_safe
@may_search
def search_all(request: HttpRequest) -> HttpResponse:
    """Search all mirrored feeds; without any, or with `where=networks`, every connected account.

    An account that is down says so in its own section. htmx gets empty sections at once, each of which then
    asks for itself, so that the slowest network holds nobody up.
    """
    currencies = mirror_currencies()
    is_of_model = bool(request.GET.get("variants"))  # which may be of a network that is only searched live
    if is_of_model or (currencies is not None and request.GET.get("where") != "networks"):
        return index_search(request, currencies or [])
    accounts = list(NetworkAccount.objects.all())
    keywords = " ".join(request.GET.get("keywords", "").split())[:200]
    sections = (
        [_section(request, account, is_lazy=bool(request.htmx)) for account in accounts] if keywords else []
    )
    context = {
        "accounts": accounts,
        "keywords": keywords,
        "sections": sections,
        "where": "networks",
        "has_mirror": currencies is not None,
    }
    return render_page_or_part(request, "importer/search_all.html", context)


@require_safe
@may_search
def search_section(request: HttpRequest, pk: int) -> HttpResponse:
    """Render what one account finds, as a section of the search over all."""
    account = get_object_or_404(NetworkAccount, pk=pk)
    return render(request, "importer/_search_section.html", {"section": _section(request, account)})


@require_safe
@may_search
def index_state(request: HttpRequest, pk: int) -> HttpResponse:
    """Render how far the indexing of an account's feeds is: a part that asks again while it goes on."""
    account = get_object_or_404(NetworkAccount, pk=pk)
    return render(
        request, "importer/_index_state.html", {"account": account, "index": get_index_state(account)}
    )


@require_safe
@may_search
def category_options(request: HttpRequest, pk: int) -> HttpResponse:
    """Render the categories that an account's search knows; none where the network does not answer."""
    account = get_object_or_404(NetworkAccount, pk=pk)
    key = f"importer:categories:{account.pk}"
    try:
        categories = cache.get_or_set(key, lambda: fetch_categories(account), CATEGORIES_KEPT)
    except NetworkError:
        categories = []
    return render(request, "importer/_category_options.html", {"categories": categories})


def _turned_away(context: dict) -> HttpResponse:
    """Say so in one sentence, which costs visitors nothing; the browser asks again by itself."""
    seconds = str(context["busy_seconds"])
    headers = {"Retry-After": seconds, "Refresh": seconds, "Cache-Control": "no-store"}
    return HttpResponse(
        context["error"], status=503, headers=headers, content_type="text/plain; charset=utf-8"
    )


def _section(request: HttpRequest, account: NetworkAccount, is_lazy: bool = False) -> dict:
    section = {"account": account, "network": NETWORKS[account.network], "is_lazy": is_lazy}
    if not is_lazy:
        section |= _results(request, account, set_up_form(request.GET, account))
        # Who is turned away at the door asks again by itself.
        section["is_lazy"] = bool(request.htmx and section.get("busy_seconds"))
    return section


def _results(request: HttpRequest, account: NetworkAccount | None, form: SearchForm | None) -> dict:
    """Search when the form asks for something valid; the network's refusal becomes `error`."""
    if form is None or not form.is_bound or not form.is_valid():
        return {}
    number = form.cleaned_data["page"] or 1
    try:
        result = hits.search(account, form.get_query(), number, PAGE_SIZE)
    except NetworkError as error:
        busy_seconds = round(error.retry_after) if isinstance(error, Busy) else 0
        return {"error": say(error), "busy_seconds": busy_seconds}
    search = request.GET.copy()
    search["account"] = account.pk
    url = reverse("importer:network-search", args=[account.network])
    rows = get_grouped_rows(result.hits)
    return {
        "result": result,
        "rows": rows,
        "is_grouped": len(rows) < len(result.hits),
        "unobeyed": explain_unobeyed(NETWORKS[account.network], result.unobeyed),
        "page": number,
        "first": (number - 1) * PAGE_SIZE + 1,
        "last": (number - 1) * PAGE_SIZE + len(result.hits),
        "total_words": "" if result.total is None else intcomma(result.total),
        "has_more": number > 1 or result.has_next,
        "previous_url": f"{url}?{_at_page(search, number - 1)}",
        "next_url": f"{url}?{_at_page(search, number + 1)}",
        "save_url": urlencode({"search": search.urlencode()}),
        "blocked_url": f"{url}?{_at_page(search, number)}&blocked=on",
        "bulk_form": BulkImportForm.again(
            search.urlencode(), take_refused(request, IMPORT), auto_id=f"bulk-{account.pk}-%s"
        ),
    }


def _at_page(search: QueryDict, page: int) -> str:
    search = search.copy()
    search["page"] = page
    return search.urlencode()
