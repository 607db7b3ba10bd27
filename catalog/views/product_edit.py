"""The product editor: change one, write one by hand, look at a draft."""

import hashlib
import uuid

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.cache import cache
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from catalog import services
from catalog.forms import GalleryForm, ProductForm, VersionForm
from catalog.forms.saving import TAKEN, differing, make_product, save_product
from catalog.lib.merge import FIELDS, TEXTS
from catalog.models import Brand, Product
from catalog.public import previews
from catalog.public.offers import compare_offers
from catalog.queries.field_states import FieldState, get_field_states
from catalog.site.buttons import shared_buttons
from catalog.site.settings import site_of

# What a button beside a field does, once the form is saved with all that was typed.
FIELD_ACTIONS = {
    "take": "The field has the feed's words now.",
    "keep": "Yours stays.",
    "lock": "Locked: no feed writes there.",
    "unlock": "Unlocked.",
}
MAX_BRANDS = 300
PICTURES_CONFLICT = (
    "Pictures and offers",
    "Your changes to them are not saved yet. Choose new files again.",
)
SENT_BEFORE = (
    "This form made a product before, with other words in it. "
    "Save again to make another product of what is here now, or change the one in the list."
)
CREATE_ONCE_SECONDS = 3600


@require_http_methods(["GET", "POST"])
@permission_required("catalog.change_product", raise_exception=True)
def product_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit a product. Who saves over somebody else's save is asked first, and keeps what was typed."""
    product = get_object_or_404(Product.objects.select_related("brand"), pk=pk)
    data = _with_feed_text(request.POST, product) if request.method == "POST" else None
    form = ProductForm(data, request.FILES or None, instance=product)
    gallery = GalleryForm(data, product=product)
    version = VersionForm(data, initial={"version": product.updated_at.isoformat()})
    conflict = None
    if data is not None and not version.is_valid():
        form.add_error(None, "The page did not say which state of the product it showed. Save again.")
    if data is not None and all([form.is_valid(), gallery.is_valid(), version.is_valid()]):
        if gallery.removed_offers:
            services.add_waiting_clicks()
        try:
            save_product(pk, form, version=version.cleaned_data["version"], gallery=gallery)
        except services.EditConflict as error:
            conflict = list(differing(form, error.product))
            if form.cleaned_data["uploads"] or gallery.changes_anything:
                conflict.append(PICTURES_CONFLICT)
        except IntegrityError:
            form.add_error(None, TAKEN)
        if not form.errors and not conflict:
            messages.success(request, "Product saved.")
            _act_on_field(request, pk)
            return redirect("catalog:product-edit", pk)
    # A form that was posted has written into its instance.
    saved = product if data is None else Product.objects.get(pk=pk)
    context = {
        "product": saved,
        "form": form,
        "gallery": gallery,
        "version": saved.updated_at.isoformat() if conflict or version.errors else version["version"].value(),
        "conflict": conflict,
        "states": _field_states(saved, gallery),
        "brands": Brand.objects.only("name")[:MAX_BRANDS],
        "comparison": compare_offers(saved, site_of(request).currency, shared_buttons.of(request)),
        "preview_link": previews.make_link(saved) if saved.preview_key else "",
        "preview_days": previews.VALID_FOR.days,
    }
    return render(request, "catalog/product_edit.html", context)


@require_http_methods(["GET", "POST"])
@permission_required("catalog.add_product", raise_exception=True)
def product_create(request: HttpRequest) -> HttpResponse:
    """Write a product by hand. The same form posted twice makes one product."""
    form = ProductForm(request.POST or None, request.FILES or None)
    token = request.POST.get("token") or uuid.uuid4().hex
    if request.method == "POST" and form.is_valid():
        key = f"product-made:{request.user.pk}:{token[:64]}"
        content = _digest(request.POST)
        if cache.add(key, (0, content), CREATE_ONCE_SECONDS):
            try:
                product = make_product(form)
            except IntegrityError:
                cache.delete(key)
                form.add_error(None, TAKEN)
            else:
                cache.set(key, (product.pk, content), CREATE_ONCE_SECONDS)
                messages.success(request, "Product saved.")
                return redirect("catalog:product-edit", product.pk)
        else:
            made, sent_before = cache.get(key) or (0, content)
            if content == sent_before:
                return redirect("catalog:product-edit", made) if made else redirect("catalog:product-list")
            form.add_error(None, SENT_BEFORE)  # with the browser's Back, and changed
            token = uuid.uuid4().hex
    context = {
        "form": form,
        "token": token,
        "brands": Brand.objects.only("name")[:MAX_BRANDS],
    }
    return render(request, "catalog/product_edit.html", context)


@require_POST
@permission_required("catalog.change_product", raise_exception=True)
def product_share(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the link that shows a draft to whoever has it."""
    product = get_object_or_404(Product, pk=pk)
    if product.status == Product.Status.DRAFT:
        previews.make_link(product)
        messages.success(request, "The link is ready. Whoever has it can see this draft.")
    return redirect("catalog:product-edit", pk)


def _digest(post: QueryDict) -> str:
    """Return what stands for all that was typed."""
    typed = sorted((name, values) for name, values in post.lists() if name != "csrfmiddlewaretoken")
    return hashlib.sha256(repr(typed).encode()).hexdigest()


def _with_feed_text(post, product: Product):
    """Put the feed's words into the field whose button "Take the feed's" was pressed, to be checked."""
    action, _, field = post.get("field_action", "").partition(":")
    if action != "take" or field not in TEXTS or field not in product.imported:
        return post
    data = post.copy()
    data[field] = product.imported[field]
    return data


def _act_on_field(request: HttpRequest, pk: int) -> None:
    """Do what the button beside a field says."""
    action, _, field = request.POST.get("field_action", "").partition(":")
    if action not in FIELD_ACTIONS or field not in FIELDS:
        return
    product = Product.objects.get(pk=pk)
    if action == "take":
        services.take_feed([pk], field=field)
        product.refresh_from_db()
        if field == "gtin" and product.gtin != product.imported.get("gtin", product.gtin):
            messages.error(request, "Another product has the EAN that the feed says.")
            return
    else:
        change = {"keep": services.keep_field, "lock": services.lock_field, "unlock": services.unlock_field}
        change[action](product, field=field)
    messages.success(request, FIELD_ACTIONS[action])


def _field_states(product: Product, gallery: GalleryForm) -> dict[str, FieldState]:
    pictures: list[str | int] = [image.source_url or image.pk for image in gallery.images]
    return get_field_states(
        product, pictures=list(dict.fromkeys(pictures)), category_ids=product.category_ids
    )
