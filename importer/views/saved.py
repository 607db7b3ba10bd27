"""Saved searches: what is new in them, their trial, and what they add by themselves; recipes in files."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from affiliate_site.htmx import render_page_or_part
from importer import tasks
from importer.feed_index import Paging
from importer.forms import BulkImportForm, RecipesForm, SavedSearchForm
from importer.forms.query import PAGE_SIZE
from importer.imports import saved as saves
from importer.imports import saved_live, saved_runs
from importer.imports.matches import fetch_seen_until, query_of_new
from importer.imports.recipes import export_recipes, import_recipes
from importer.imports.run_items import runs_with_names
from importer.models import NetworkAccount, SavedSearch
from importer.networks.query import ItemQuery, QueryError
from importer.search.hits import get_hits, search_index
from importer.search.rows import get_rows
from importer.search.words import describe_query
from importer.views.common import (
    find_account,
    may_delete_saved,
    may_edit_saved,
    may_import,
    may_save,
    may_see_saved,
    set_up_form,
    take_categories,
)
from importer.views.index_search import get_index_query

RUNS_SHOWN = 10
LONGEST_ADDRESS = 4_000  # characters; a longer search is opened by no address


@require_safe
@may_see_saved
def saved_list(request: HttpRequest) -> HttpResponse:
    """List the saved searches: what is new in each as last counted, when it looks next, how it went."""
    return render_page_or_part(request, "importer/saved_list.html", {"found": saves.list_saved()})


@require_http_methods(["GET", "POST"])
@may_save
def saved_add(request: HttpRequest) -> HttpResponse:
    """Keep the search that `search`, a query string, means: over mirrored feeds, or (`live`) an account's."""
    data = request.POST if request.method == "POST" else request.GET
    search, is_live = data.get("search", ""), bool(data.get("live"))
    query = _get_live_query(search) if is_live else get_index_query(search)
    name = describe_query(query, short=True)
    form = SavedSearchForm(request.POST or None, initial={"name": name[:120]}, is_live=is_live)
    if request.method == "POST" and form.is_valid():
        values = form.get_values(take_categories(form)) | {"is_live": is_live}
        saved = saves.save_search(query, user=request.user, **values)
        messages.success(request, f"“{saved}” is saved.")
        return redirect("importer:saved-trial", saved.pk) if saved.keep_adding else redirect(saved)
    context = {"form": form, "search": search, "is_live": is_live, "words": describe_query(query)}
    return render(request, "importer/saved_edit.html", context)


@require_safe
@may_see_saved
def saved_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what is new in a saved search, how much waits, and the runs that it made."""
    saved = get_object_or_404(SavedSearch, pk=pk)
    context: dict[str, Any] = {
        "saved": saved,
        "may_add": saves.may_add(saved),
        "room": saved_runs.room_today(saved),
        "runs": runs_with_names().filter(saved_search=saved)[:RUNS_SHOWN],
        "where": "index",
    }
    try:
        query = saves.get_query(saved)
    except QueryError as error:
        return render_page_or_part(request, "importer/saved_detail.html", context | {"error": str(error)})
    if saved.is_live:
        context |= _whats_new_live(saved, query)
        return render_page_or_part(request, "importer/saved_detail.html", context)
    return render_page_or_part(request, "importer/saved_detail.html", context | _whats_new(saved, query))


def _whats_new(saved: SavedSearch, query: ItemQuery) -> dict[str, Any]:
    until = fetch_seen_until()
    new = query_of_new(query, saved.seen_at)
    found = search_index(new.comparable, Paging(limit=PAGE_SIZE, max_facets=0, is_grouped=True))
    search = _address(new)
    return {
        "words": describe_query(query),
        "until": until.isoformat(),
        "rows": get_rows(found.hits, found.page.variants),
        "total": found.page.total,
        "is_estimate": found.page.is_estimate,
        "total_words": f"{found.page.total:,}",
        "has_more": bool(search and found.page.next_cursor),
        "search": search,
        "search_all": _address(query),
        "bulk_form": BulkImportForm(initial={"search": search}, auto_id="bulk-saved-%s"),
    }


def _get_live_query(search: str) -> ItemQuery:
    """Return the query of the search of an account; answer 404 where it is no search."""
    data = QueryDict(search)
    account = find_account(data, list(NetworkAccount.objects.all())) if data.get("account") else None
    form = set_up_form(data, account)
    if account is None or form is None or not form.is_bound or not form.is_valid():
        raise Http404("This is not a search.")
    return replace(form.get_query(), account_id=account.pk)


def _whats_new_live(saved: SavedSearch, query: ItemQuery) -> dict[str, Any]:
    account, until = saved_live.find_account(query), fetch_seen_until()
    new = saved_live.get_new(saved)
    plain = query.without({"account_id"})
    search = urlencode([*plain.to_params(), ("account", str(query.account_id))])
    return {
        "words": describe_query(query),
        "until": until.isoformat(),
        "account": account,
        "unobeyed": saved_live.explain(query, account) if account else "",
        "first": saved_live.PAGE * saved_live.PAGES,
        "rows": get_rows(get_hits(new)),
        "total": len(new),
        "where": "networks",
        "bulk_form": BulkImportForm(initial={"search": search}, auto_id="bulk-saved-%s"),
    }


def _address(query: ItemQuery) -> str:
    """Return the query string of the page that searches so; "" where there is none."""
    text = urlencode(query.to_params())
    return "" if query.account_id or len(text) > LONGEST_ADDRESS else text


@require_http_methods(["GET", "POST"])
@may_edit_saved
def saved_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what a saved search is called, when it looks and what it does; `search` replaces the search."""
    saved = get_object_or_404(SavedSearch, pk=pk)
    data = request.POST if request.method == "POST" else request.GET
    query = get_index_query(data["search"]) if data.get("search") else None
    if query and saved.is_live:
        raise Http404("This is not a search of a network.")
    form = SavedSearchForm(request.POST or None, saved=saved)
    if request.method == "POST" and form.is_valid():
        values = form.get_values(take_categories(form))
        saves.edit_saved(saved, **values, **({"query": query.to_json()} if query else {}))
        saved.refresh_from_db()
        messages.success(request, "Saved.")
        waits = saved.keep_adding and not saves.may_add(saved)
        return redirect("importer:saved-trial", pk) if waits else redirect(saved)
    return render(
        request, "importer/saved_edit.html", {"form": form, "saved": saved, "search": data.get("search", "")}
    )


@require_POST
@may_delete_saved
def saved_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a search no longer; what it added stays."""
    saved = get_object_or_404(SavedSearch, pk=pk)
    saves.delete_saved(saved)
    messages.success(request, f"“{saved}” is deleted. What it added stays.")
    return redirect("importer:saved-list")


@require_POST
@may_edit_saved
def saved_seen(request: HttpRequest, pk: int) -> HttpResponse:
    """Let nothing be new that the page showed (`until`)."""
    saved = get_object_or_404(SavedSearch, pk=pk)
    try:
        until = parse_datetime(request.POST.get("until", ""))
    except ValueError:
        until = None
    try:
        if until and timezone.is_aware(until):
            saves.mark_seen(saved, until)
        else:
            messages.error(request, "Nothing was marked as seen. Open it and try again.")
    except QueryError as error:
        messages.error(request, str(error))
    return redirect("importer:saved-list")


@require_POST
@may_import
@may_edit_saved
def saved_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a saved search look now, and add what it may."""
    saved = get_object_or_404(SavedSearch, pk=pk)
    run = saved_runs.start_if_due(pk, is_asked=True)
    tasks.look_at_saved_search.delay_on_commit(pk)  # which counts
    if run:
        tasks.run_import.delay_on_commit(run.pk)
        return redirect(run)
    saved.refresh_from_db()
    messages.info(request, str(saved.outcome))
    return redirect(saved)


@require_http_methods(["GET", "POST"])
@may_import
@may_edit_saved
def saved_trial(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what the first ten products would become; POST lets the search add by itself from now on."""
    saved = get_object_or_404(SavedSearch, pk=pk)
    if request.method == "POST":
        if not saves.approve(saved, request.POST.get("fingerprint", ""), user=request.user):
            messages.warning(request, "The search was changed meanwhile. Look at its trial again.")
            return redirect("importer:saved-trial", pk)
        tasks.look_at_saved_search.delay_on_commit(pk)
        messages.success(request, f"“{saved}” adds at most {saved.daily_limit:,} a day from now on.")
        return redirect(saved)
    try:
        context = {"trial": saves.run_trial(saved), "words": describe_query(saves.get_query(saved))}
    except QueryError as error:
        context = {"error": str(error)}
    return render(request, "importer/saved_trial.html", context | {"saved": saved})


@require_safe
@may_see_saved
def recipe_export(request: HttpRequest) -> HttpResponse:
    """Send the saved searches, or one (`id`), as a file for another site."""
    wanted = request.GET.get("id", "")
    found = SavedSearch.objects.all()
    if wanted:
        found = found.filter(pk=int(wanted) if wanted.isdecimal() and len(wanted) < 19 else 0)
    response = HttpResponse(export_recipes(found), content_type="application/json")
    response["Content-Disposition"] = 'attachment; filename="saved-searches.json"'
    return response


@require_http_methods(["GET", "POST"])
@may_save
@may_edit_saved
def recipe_import(request: HttpRequest) -> HttpResponse:
    """Keep the searches of a file, and say of each what became of it."""
    form = RecipesForm(request.POST or None, request.FILES or None)
    outcomes = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            outcomes = import_recipes(data["file"], replaces=data["replaces"], user=request.user)
        except ValidationError as error:
            form.add_error("file", error)
    return render(request, "importer/recipe_import.html", {"form": form, "outcomes": outcomes})
