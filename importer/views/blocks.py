"""Block what should never come up again, see what is blocked, and take it back."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from affiliate_site.htmx import render_page_or_part
from catalog.lib.source_keys import source_of
from importer.forms import BlockFilterForm, BlockForm
from importer.models import Block, FeedItem
from importer.search.blocks import add_block, describe, find_blocks_like, remove_block
from importer.search.hits import count_blocked
from importer.search.rows import get_blocked_rows, read_rows
from importer.views.common import may_block, may_search, may_see_blocks, may_unblock, search_url
from importer.views.index_search import get_index_query

PER_PAGE = 50
MOST_ROWS = 500  # of a page that are looked at again


@require_safe
@may_see_blocks
def block_list(request: HttpRequest) -> HttpResponse:
    """List what is blocked, newest first."""
    form = BlockFilterForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    found = find_blocks_like(asked.get("q", ""), asked.get("kind", ""))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "form": form, "is_filtered": any(asked.values())}
    return render_page_or_part(request, "importer/block_list.html", context)


@require_http_methods(["GET", "POST"])
@may_block
def block_add(request: HttpRequest) -> HttpResponse:
    """Block a shop, a brand, words or an EAN by hand."""
    form = BlockForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and (block := _add(request, form)):
        messages.success(request, describe(block))
        return redirect("importer:block-list")
    return render_page_or_part(request, "importer/block_add.html", {"form": form})


@require_http_methods(["GET", "POST"])
@may_block
def item_block(request: HttpRequest, pk: int) -> HttpResponse:
    """Block an item's product, shop or brand at one click (`?what=`), or ask what, in a dialog or a page.

    Answers with the item's row and the others on the page (`row`) that are blocked now.
    """
    item = get_object_or_404(FeedItem.objects.select_related("feed"), pk=pk)
    is_click = "what" in request.GET
    data = request.GET if is_click else request.POST
    with_variants = "variants" in request.GET
    form = BlockForm(data if request.method == "POST" else None, item=item, with_variants=with_variants)
    if request.method == "POST" and form.is_valid() and (block := _add(request, form)):
        if request.htmx:  # type: ignore[attr-defined]  # the middleware's
            rows = get_blocked_rows([pk, *_rows_on_page(request)])
            return _answer(request, rows, pk, f"{describe(block)}", closes=not is_click)
        messages.success(request, _with_undo(block, item))
        if is_click:
            network = "" if "is_index" in request.POST else source_of(item.source_key)
            return redirect(search_url(network, request.POST.get("search", "")))
        return redirect("importer:block-list")
    context = {"form": form, "item": item, "with_variants": with_variants}
    return render_page_or_part(request, "importer/block_add.html", context)


@require_POST
@may_unblock
def block_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a block back; in a search (`?item=`) answer with the rows that it blocked."""
    block = Block.objects.filter(pk=pk).first()
    item_id = request.GET.get("item", "")
    ids = [int(item_id), *_rows_on_page(request)] if _is_id(item_id) else []
    blocked = [row.hit.item.pk for row in get_blocked_rows(ids, block)] if block else ids[:1]
    text = "It was no longer blocked."
    if block:
        remove_block(block)
        text = f"“{block}” may come up again."
    if request.htmx and ids:  # type: ignore[attr-defined]  # the middleware's
        return _answer(request, read_rows(list(dict.fromkeys([*ids[:1], *blocked]))), ids[0], text)
    messages.success(request, text)
    if "search" in request.POST and (item := FeedItem.objects.filter(pk__in=ids[:1]).first()):
        network = "" if "is_index" in request.POST else source_of(item.source_key)
        return redirect(search_url(network, request.POST["search"]))
    return redirect("importer:block-list")


@require_safe
@may_search
def search_blocked(request: HttpRequest) -> HttpResponse:
    """Render how many matches of a search are blocked: a part that the page of results asks for."""
    search = request.GET.copy()
    search.pop("blocked", None)
    found = count_blocked(get_index_query(search.urlencode()))
    search["blocked"] = "on"
    url = f"{reverse('importer:search-all')}?{search.urlencode()}"
    return render(request, "importer/_search_blocked.html", {"found": found, "url": url})


# --- Steps -------------------------------------------------------------------------------------
def _add(request: HttpRequest, form: BlockForm) -> Block | None:
    """Block what a valid form says; where that means nothing, let the form say so."""
    choice = form.get_choice()
    try:
        return add_block(
            choice.kind,
            choice.key,
            label=choice.label,
            reason=form.cleaned_data["reason"],
            user=request.user,
        )
    except ValidationError as error:
        form.add_error("value", error)
        return None


def _answer(
    request: HttpRequest, rows: list, item_id: int, text: str, *, closes: bool = False
) -> HttpResponse:
    """Answer with the row of an item, the others to be put where they are, and say what was done."""
    context = {
        "rows": [row for row in rows if row.hit.item.pk == item_id],
        "others": [row for row in rows if row.hit.item.pk != item_id],
        "closes": closes,
    }
    response = render(request, "importer/_rows_changed.html", context)
    if closes:
        trigger_client_event(response, "closeDialog", {})
    return trigger_client_event(response, "toast", {"level": "success", "text": text})


def _rows_on_page(request: HttpRequest) -> list[int]:
    return [int(text) for text in request.POST.getlist("row")[:MOST_ROWS] if _is_id(text)]


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def _with_undo(block: Block, item: FeedItem) -> str:
    """Return what was blocked, with a button that takes it back: its form is on every page of results."""
    return format_html(
        '{} <button class="link-button" form="quick_form" formaction="{}?item={}">Undo</button>',
        describe(block),
        reverse("importer:block-remove", args=[block.pk]),
        item.pk,
    )
