"""From hits to products: one with edits, many at once, one with a click."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from affiliate_site.htmx import render_page_or_part
from affiliate_site.refused import keep_refused
from catalog.queries.products import find_products
from importer import tasks
from importer.feed_index import ids_of_model
from importer.forms import BulkImportForm, CategoriesForm, ItemImportForm
from importer.imports.category_map import category_paths, find_mapping, is_open, names_of, remember_choice
from importer.imports.edits import Edits
from importer.imports.runs import start_import, start_import_of_matches
from importer.models import FeedItem, ImportItem, ImportRun, NetworkAccount
from importer.networks.query import ItemQuery
from importer.search.hits import get_hits
from importer.search.rows import Row, get_row, rows_of_run
from importer.views.common import (
    IMPORT,
    find_account,
    get_network_class,
    may_import,
    may_search,
    progress_context,
    search_url,
    set_up_form,
    take_categories,
)
from importer.views.index_search import get_index_query


@require_safe
@may_search
def item_row(request: HttpRequest, pk: int) -> HttpResponse:
    """Render a row of the results as it is now: a part that asks again while its import is under way.

    Once it is imported, the rows that have its EAN or its model ask, too.
    """
    run = request.GET.get("run", "")
    row = _find_row(pk, int(run) if run.isdecimal() and len(run) < 19 else None)
    response = render(request, "importer/_results_table.html", {"rows": [row], "only_rows": True})
    if row.state == "done" and row.run:
        response["HX-Trigger"] = ", ".join(row.kin)
    return response


@require_POST
@may_import
def item_quick(request: HttpRequest, pk: int) -> HttpResponse:
    """Import an item as it is, at one click; answer at once with its row, which then waits for the worker.

    With `variants`, all variants of its model.
    """
    item = get_object_or_404(FeedItem.objects.select_related("feed__account"), pk=pk)
    categories = CategoriesForm(request.POST)
    run = start_import(
        _ids(request, item),
        kind=ImportRun.Kind.QUICK,
        title=item.title,
        user=request.user,
        category_ids=take_categories(categories) if categories.is_valid() else [],
    )
    tasks.run_import.delay_on_commit(run.pk)
    if request.htmx:
        context = {"rows": rows_of_run([pk], run), "only_rows": True}
        return render(request, "importer/_results_table.html", context)
    messages.info(request, f"Importing “{item}”.")
    network = "" if "is_index" in request.POST else item.feed.account.network
    return redirect(search_url(network, request.POST.get("search", "")))


@require_POST
@may_import
def import_selected(request: HttpRequest, network: str) -> HttpResponse:
    """Import the ticked items, or everything that the search of a network finds."""
    get_network_class(network)
    form = BulkImportForm(request.POST)
    if not form.is_valid():
        return _refuse(request, _errors_of(form), search_url(network, request.POST.get("search", "")))
    data = form.cleaned_data
    _check_items([*data["items"], *data["groups"], *data["shown"]], network)
    if not data["all_matches"]:
        return _import_ticked(request, form)
    return _import_all(request, form, _get_search(network, data["search"]), network)


@require_POST
@may_import
def index_import(request: HttpRequest) -> HttpResponse:
    """Import the ticked items, or everything that the search over the mirrored feeds finds."""
    form = BulkImportForm(request.POST)
    if not form.is_valid():
        return _refuse(request, _errors_of(form), search_url("", request.POST.get("search", "")))
    data = form.cleaned_data
    _check_items([*data["items"], *data["groups"], *data["shown"]])
    if not data["all_matches"]:
        return _import_ticked(request, form)
    return _import_all(request, form, get_index_query(data["search"]))


@require_http_methods(["GET", "POST"])
@may_import
def item_import(request: HttpRequest, pk: int) -> HttpResponse:
    """Show everything about an item for editing, then import it so. A dialog, or a page of its own."""
    item = get_object_or_404(FeedItem.objects.select_related("feed__account"), pk=pk)
    account = item.feed.account
    hit, mapping = get_hits([item])[0], find_mapping(item)
    form = ItemImportForm(
        request.POST if request.method == "POST" else None,
        hit=hit,
        account=account,
        mapping=mapping,
        typed=_typed_before(request, item),
    )
    # The button beside "Add to existing product" only searches; nothing is imported, all typed stays.
    is_finding = "find" in request.POST
    if request.method == "POST" and not is_finding and form.is_valid():
        return _import_item(request, item, form)
    context = {
        "item": item,
        "hit": hit,
        "variant_count": len(_ids(request, item)),
        "account": account,
        "network": get_network_class(account.network),
        "form": form,
        "mapping": mapping,
        "proposed": names_of(mapping.proposed_ids, category_paths()) if is_open(mapping) else [],
        "is_finding": is_finding,
        "product_query": (text := request.POST.get("product_query", "")),
        "products": find_products(text),
        "chosen_product": form["product"].value(),
        "search": request.POST.get("search") or request.GET.get("search", ""),
    }
    return render_page_or_part(request, "importer/item_import.html", context)


def _import_item(request: HttpRequest, item: FeedItem, form: ItemImportForm) -> HttpResponse:
    data = form.cleaned_data
    category_ids = take_categories(form) if form.uses_categories else []
    if data["remember_category"] and request.user.has_perm("importer.change_categorymapping"):
        remember_choice(item, category_ids=category_ids, user=request.user)
    run = start_import(
        _ids(request, item),
        kind=ImportRun.Kind.SINGLE,
        title=item.title,
        user=request.user,
        status=data["status"],
        import_description=data["import_description"],
        category_ids=category_ids,
        uses_map=False,  # the dialog showed what the map says
        edits={item.pk: form.edits_used},
    )
    tasks.run_import.delay_on_commit(run.pk)
    if not request.htmx:
        return redirect(run)
    rows = rows_of_run([item.pk], run)
    context = {"item": item, "row": rows[0], "rows": rows, "is_oob": True}
    return render(request, "importer/_item_imported.html", context)


def _typed_before(request: HttpRequest, item: FeedItem) -> Edits | None:
    """Return what was typed for an import that did not use it (`again`, a run's id)."""
    run = request.GET.get("again", "")
    if not (run.isascii() and run.isdecimal() and len(run) < 19):
        return None
    outcome = ImportItem.objects.filter(run=run, feed_item=item).first()
    return outcome and outcome.edits


@require_safe
@may_import
def item_imported(request: HttpRequest, pk: int, run: int) -> HttpResponse:
    """Render the end of the dialog: a part that asks again until the item is a product, or cannot be one."""
    row = _find_row(pk, run)
    return render(request, "importer/_item_imported.html", {"item": row.hit.item, "row": row})


def _ids(request: HttpRequest, item: FeedItem) -> list[int]:
    """Return what is to be imported: the item, or all variants of its model, it first."""
    return ids_of_model(item.pk) if "variants" in (*request.GET, *request.POST) else [item.pk]


def _find_row(pk: int, run_id: int | None) -> Row:
    item = get_object_or_404(FeedItem.objects.select_related("feed"), pk=pk)
    return get_row(item, get_object_or_404(ImportRun, pk=run_id) if run_id else None)


def _choices(request: HttpRequest, form: BulkImportForm) -> dict:
    """Return what the person chose for all items of a run."""
    return {
        "user": request.user,
        "status": form.cleaned_data["status"],
        "category_ids": take_categories(form),
        "uses_map": not form.cleaned_data["without_map"],
    }


def _import_ticked(request: HttpRequest, form: BulkImportForm) -> HttpResponse:
    ticked, groups = form.cleaned_data["items"], form.cleaned_data["groups"]
    items = dict.fromkeys([*ticked, *(pk for group in groups for pk in ids_of_model(group))])
    run = start_import(list(items), kind=ImportRun.Kind.BULK, **_choices(request, form))
    return _start(request, run, [*ticked, *groups])


def _import_all(
    request: HttpRequest, form: BulkImportForm, query: ItemQuery, network: str = ""
) -> HttpResponse:
    data = form.cleaned_data
    try:
        run = start_import_of_matches(query, **_choices(request, form))
    except ValidationError as error:
        return _refuse(request, error.messages, search_url(network, data["search"]))
    return _start(request, run, data["shown"])


def _start(request: HttpRequest, run: ImportRun, item_ids: list[int]) -> HttpResponse:
    """Enqueue the run; answer with its progress and the rows on the page that it took over."""
    tasks.run_import.delay_on_commit(run.pk)
    if not request.htmx:
        return redirect(run)
    context = progress_context(run) | {"rows": rows_of_run(item_ids, run)}
    return render(request, "importer/_import_started.html", context)


def _refuse(request: HttpRequest, errors: list[str], back_to: str) -> HttpResponse:
    if request.htmx:
        return render(request, "importer/_import_started.html", {"errors": errors})
    for error in errors:
        messages.error(request, error)
    keep_refused(request, IMPORT)
    return redirect(back_to)


def _errors_of(form: BulkImportForm) -> list[str]:
    return [error for errors in form.errors.values() for error in errors]


def _check_items(ids: list[int], network: str = "") -> None:
    """Answer 404 unless all of them are items, of this network where one is given."""
    items = FeedItem.objects.filter(pk__in=ids)
    if network:
        items = items.filter(feed__account__network=network)
    if items.count() != len(set(ids)):
        raise Http404("Some of these products are not there.")


def _get_search(network: str, search: str) -> ItemQuery:
    """Return the query of a search's query string; answer 404 where it is no search."""
    data = QueryDict(search)
    account = find_account(data, list(NetworkAccount.objects.filter(network=network)))
    form = set_up_form(data, account)
    if form is None or not form.is_bound or not form.is_valid():
        raise Http404("This is not a search.")
    return form.get_query()
