"""Search all mirrored feeds at once: results, facets, chips, and paging to any depth."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.timezone import localtime
from django.views.decorators.http import require_POST

from affiliate_site.htmx import render_page_or_part
from affiliate_site.refused import take_refused
from importer.feed_index import Facet, IndexPage, find_unknown_ids
from importer.forms import BulkImportForm, IdListForm, IndexSearchForm
from importer.forms.query import FLAGS, PAGE_SIZE
from importer.networks import NETWORKS
from importer.networks.query import ItemQuery
from importer.search.hits import search_index
from importer.search.mirror import mirror_currencies
from importer.search.rows import get_rows
from importer.views.common import IMPORT, may_search

FACETS_SHOWN = 8
FACETS_UNFOLDED = 20
STEPS_BACK = 30  # pages that "previous" can go back one by one; each is a part of the address
PAGING = ("after", "page")
VALUES = ("shop", "brand", "category")  # the fields whose values the page proposes


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a facet, or a filter that is set: a link to the search with it, or without it."""

    label: str
    url: str
    count: str = ""
    title: str = ""


def index_search(
    request: HttpRequest,
    currencies: list[str],
    *,
    search: QueryDict | None = None,
    list_form: IdListForm | None = None,
) -> HttpResponse:
    """Show what the mirrored feeds have. Without a search, which the address says, the newest products."""
    search = request.GET if search is None else search
    form = IndexSearchForm(search, currencies=currencies)
    context = {
        "form": form,
        "list_form": list_form or IdListForm(),
        "flags": FLAGS,
        "where": "index",
        "keywords": search.get("keywords", ""),
    }
    if form.is_valid():
        context |= _results(search, form, take_refused(request, IMPORT))
    return render_page_or_part(request, "importer/index_search.html", context)


@require_POST
@may_search
def search_list(request: HttpRequest) -> HttpResponse:
    """Keep a pasted list of EANs or ids, and narrow the search (`search`, a query string) down to it."""
    search = QueryDict(request.POST.get("search", "")[:2000]).copy()
    form = IdListForm(request.POST)
    if not form.is_valid():
        return index_search(request, mirror_currencies() or [], search=search, list_form=form)
    search["pasted"] = form.keep()
    return redirect(_url(search))


def get_index_query(search: str) -> ItemQuery:
    """Return the query of a search's query string; answer 404 where it is no search."""
    form = IndexSearchForm(QueryDict(search), currencies=mirror_currencies() or [])
    if not form.is_valid():
        raise Http404("This is not a search.")
    return form.get_query()


# --- Steps -------------------------------------------------------------------------------------
def _results(search: QueryDict, form: IndexSearchForm, refused: QueryDict) -> dict:
    cursors = search.getlist("after")
    number = _page_number(search) if cursors else 1
    found = search_index(form.get_query(), form.get_paging(cursors[-1] if cursors else ""))
    page = found.page
    asked = search.copy()
    for name in PAGING:
        asked.pop(name, None)
    first = (number - 1) * PAGE_SIZE + 1
    return {
        "rows": get_rows(found.hits, page.variants),
        "variants_of": form.cleaned_data["variants"],
        "page": number,
        "first": first,
        "last": first + len(found.hits) - 1,
        "total_words": _total_words(page),
        "is_one": page.total == 1,
        "is_grouped": bool(page.variants),
        "has_more": bool(page.next_cursor or cursors),
        "previous_url": _paged(asked, cursors[:-1], number - 1) if cursors else "",
        "next_url": _paged(asked, [*cursors, page.next_cursor], number + 1) if page.next_cursor else "",
        "facets": [] if form.cleaned_data["variants"] else list(_facets(asked, page, form)),
        "values": {name: [f.value for f in page.facets.get(name, [])[:FACETS_UNFOLDED]] for name in VALUES},
        "chips": list(_chips(asked, page, form)),
        "clear_url": _url(QueryDict(asked.urlencode()), *(set(asked) - {"keywords", "sort"})),
        "notice": _notice(page, form),
        "unknown_ids": find_unknown_ids(form.ids) if form.ids else [],
        "bulk_form": BulkImportForm.again(asked.urlencode(), refused, auto_id="bulk-index-%s"),
        "search": asked.urlencode(),
        "save_url": urlencode({"search": asked.urlencode()}),
        "is_blocked_only": form.cleaned_data["blocked"],
    }


def _facets(
    asked: QueryDict, page: IndexPage, form: IndexSearchForm
) -> Iterator[tuple[str, list[Choice], list[Choice]]]:
    """Yield (heading, first choices, further choices) of what is worth narrowing down by."""
    about = _words_of(page.is_estimate)
    flags = [
        Facet(name, count) for name, count in page.flags.items() if not form.cleaned_data[name] and count
    ]
    choices = [
        Choice(FLAGS[flag.value], _url(asked, **{flag.value: "on"}), about(flag.count)) for flag in flags
    ]
    if not form.cleaned_data["not_imported"] and not form.cleaned_data["blocked"]:
        choices.append(Choice(FLAGS["not_imported"], _url(asked, not_imported="on")))
    yield "Only", choices, []
    for heading, name, facets in (
        ("Network", "network", _networks(page)),
        ("Shop", "shop", page.facets.get("shop", [])),
        ("Brand", "brand", page.facets.get("brand", [])),
        ("Category", "category", page.facets.get("category", [])),
        ("Currency", "currency", page.facets.get("currency", [])),
    ):
        if form.cleaned_data[name] or len(facets) < 2:
            continue
        choices = [
            Choice(
                _label(name, facet.value), _url(asked, **{name: facet.value}), about(facet.count), facet.value
            )
            for facet in facets[:FACETS_UNFOLDED]
        ]
        yield heading, choices[:FACETS_SHOWN], choices[FACETS_SHOWN:]


def _networks(page: IndexPage) -> list[Facet]:
    counts: Counter[str] = Counter()
    for facet in page.facets.get("feed", []):
        counts[page.feeds[facet.value].account.network] += facet.count
    return [Facet(network, count) for network, count in counts.most_common()]


def _label(name: str, value: str) -> str:
    """Return what to call a value: of a category's path only the end."""
    if name == "network":
        return NETWORKS[value].label if value in NETWORKS else value
    return value.rsplit(" > ", 1)[-1] if name == "category" else value


def _chips(asked: QueryDict, page: IndexPage, form: IndexSearchForm) -> Iterator[Choice]:
    """Yield the filters that are set, each with the search without it."""
    data = form.cleaned_data
    if data["variants"]:
        title = page.items[0].title if page.items else "a product that is gone"
        yield Choice(f"Variants of {title}", _url(asked, "variants"))
        return
    for feed_id in data["feed"]:
        feed = page.feeds.get(feed_id)
        label = f"Feed: {feed}" if feed else "A feed that is not mirrored"
        yield Choice(label, _url_without(asked, "feed", feed_id))
    for name in ("network", "program", *VALUES, "id"):
        for value in data[name]:
            label = f"{form.fields[name].label}: {_label(name, value)}"
            yield Choice(label, _url_without(asked, name, value), title=value)
    for name, words in (("min_price", "from"), ("max_price", "to")):
        if data[name] is not None:
            yield Choice(f"{words} {data[name]} {data['currency']}", _url(asked, name))
    if asked.get("currency"):
        yield Choice(f"in {data['currency']}", _url(asked, "currency", "min_price", "max_price"))
    if data["gtin"]:
        yield Choice(f"EAN: {data['gtin']}", _url(asked, "gtin"))
    if since := data["new_since"]:
        yield Choice(f"New since {date_format(localtime(since), 'j M Y H:i')}", _url(asked, "new_since"))
    for name, label in FLAGS.items():
        if data[name]:
            yield Choice(label, _url(asked, name))
    if form.ids:
        yield Choice(f"{len(form.ids):,} pasted", _url(asked, "pasted"))


def _notice(page: IndexPage, form: IndexSearchForm) -> str:
    wanted = form.cleaned_data["sort"] or "relevance"
    if form.cleaned_data["keywords"] and wanted == "relevance" and page.sort == "newest":
        return "More than 10,000 products match, too many to rank: the newest come first. Narrow it down."
    if "price" in page.sort and len(page.facets.get("currency", [])) > 1:
        return "These prices are in several currencies, sorted by the number alone. Choose one currency."
    return ""


def _total_words(page: IndexPage) -> str:
    return (
        _words_of(page.is_estimate)(page.total)
        if not page.is_estimate
        else f"about {_words_of(True)(page.total)}"
    )


def _words_of(is_estimate: bool):
    """Return a function that writes a count; of an estimate no more digits than it deserves."""

    def write(count: int) -> str:
        if is_estimate:
            step = 10 ** max(len(str(count)) - 2, 0)
            count = round(count / step) * step
        return intcomma(count)

    return write


def _page_number(search: QueryDict) -> int:
    """Return the page's number, which only the words on the page need."""
    text = search.get("page", "")
    return max(2, int(text)) if text.isascii() and text.isdecimal() and len(text) < 9 else 2


def _paged(asked: QueryDict, cursors: list[str], number: int) -> str:
    search = asked.copy()
    if cursors:
        search.setlist("after", cursors[-STEPS_BACK:])
        search["page"] = number
    return _url(search)


def _url(asked: QueryDict, *without: str, **changes: str) -> str:
    """Return the address of the search with some filters changed and others taken away."""
    search = asked.copy()
    for name in without:
        search.pop(name, None)
    for name, value in changes.items():
        search[name] = value
    url = reverse("importer:search-all")
    return f"{url}?{search.urlencode()}" if search else url


def _url_without(asked: QueryDict, name: str, value: str | int) -> str:
    """Return the address of the search without one of a filter's values."""
    search = asked.copy()
    search.setlist(name, [text for text in asked.getlist(name) if text.strip() != str(value)])
    return _url(search)
