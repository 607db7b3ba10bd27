"""The editor of pages and guides."""

import hashlib
import uuid
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import strip_tags
from django.views.decorators.http import require_http_methods, require_POST

from catalog.models import Category
from catalog.public import previews
from catalog.queries.categories import flatten
from catalog.services.pictures import store_picture
from pages import services
from pages.forms import PostForm, VersionForm
from pages.lib.blocks import find_blocks
from pages.models import Post
from pages.public.views import render_post
from pages.queries.catalogue import find_problems

CREATE_ONCE_SECONDS = 3600
SENT_BEFORE = (
    "This form was saved before, with other words in it. "
    "Save again to make another one of what is here now, or change the one in the list."
)


@require_http_methods(["GET", "POST"])
@permission_required("pages.change_post", raise_exception=True)
def post_edit(request: HttpRequest, section: str, pk: int) -> HttpResponse:
    """Edit a page or guide. Who saves over somebody else's save is asked first, and keeps what was typed."""
    post = get_object_or_404(Post.objects.select_related("picture"), pk=pk, kind=section[:-1])
    data = request.POST if request.method == "POST" else None
    categories = flatten(Category.objects.all())
    version = VersionForm(data, initial={"version": post.updated_at.isoformat()})
    form = PostForm(data, request.FILES or None, instance=post, all_categories=categories)
    conflict = None
    if data is not None and not version.is_valid():
        form.add_error(None, "The page did not say which state it showed. Save again.")
    if data is not None and form.is_valid() and version.is_valid():
        try:
            _save(pk, form, version.cleaned_data["version"])
        except services.PostConflict as error:
            conflict = list(_conflicts(form, error.post))
        except services.PostError as error:
            form.add_error(None, str(error))
        if not form.errors and not conflict:
            messages.success(request, "Saved.")
            return redirect("pages:post-edit", section, pk)
    # A form that was posted has written into its instance.
    saved = post if data is None else Post.objects.select_related("picture").get(pk=pk)
    context = _context(section, form) | {
        "post": saved,
        "version": saved.updated_at.isoformat() if conflict or version.errors else version["version"].value(),
        "conflict": conflict,
        "problems": [] if form.errors else find_problems(find_blocks(saved.text), categories).values(),
        "preview_link": services.share_draft(saved) if saved.preview_key else "",
        "preview_days": previews.VALID_FOR.days,
    }
    return render(request, "pages/post_edit.html", context)


@require_http_methods(["GET", "POST"])
@permission_required("pages.add_post", raise_exception=True)
def post_create(request: HttpRequest, section: str) -> HttpResponse:
    """Write a page or guide. The same form posted twice makes one."""
    post = Post(kind=section[:-1])
    initial = {"author": _name_of(request.user), "role": request.GET.get("role", "")}
    data = request.POST if request.method == "POST" else None
    categories = flatten(Category.objects.all())
    form = PostForm(data, request.FILES or None, instance=post, initial=initial, all_categories=categories)
    token = request.POST.get("token") or uuid.uuid4().hex
    if data is not None and form.is_valid():
        key, content = f"post-made:{request.user.pk}:{token[:64]}", _digest(data)
        if cache.add(key, (0, content), CREATE_ONCE_SECONDS):
            try:
                made = _create(section, form)
            except services.PostError as error:
                cache.delete(key)
                form.add_error(None, str(error))
            else:
                cache.set(key, (made.pk, content), CREATE_ONCE_SECONDS)
                messages.success(request, "Saved.")
                return redirect("pages:post-edit", section, made.pk)
        else:
            pk, sent_before = cache.get(key) or (0, content)
            if content == sent_before:
                return (
                    redirect("pages:post-edit", section, pk) if pk else redirect("pages:post-list", section)
                )
            form.add_error(None, SENT_BEFORE)
            token = uuid.uuid4().hex
    return render(request, "pages/post_edit.html", _context(section, form) | {"token": token})


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("pages.view_post", raise_exception=True)
def post_preview(request: HttpRequest, section: str, pk: int) -> HttpResponse:
    """Show the saved post; posted the editor's form, show what saving it would make. Nothing is saved."""
    post = get_object_or_404(Post.objects.select_related("picture"), pk=pk, kind=section[:-1])
    if request.method == "POST" and request.user.has_perm("pages.change_post"):
        form = PostForm(request.POST, instance=post, all_categories=flatten(Category.objects.all()))
        form.is_valid()  # writes what is valid into the post
        post.slug = post.slug or form.initial["slug"]
    return render_post(request, post, preview=True)


@require_POST
@permission_required("pages.change_post", raise_exception=True)
def post_share(request: HttpRequest, section: str, pk: int) -> HttpResponse:
    """Make the link that shows a draft to whoever has it."""
    post = get_object_or_404(Post, pk=pk, kind=section[:-1])
    if post.status == Post.Status.DRAFT:
        services.share_draft(post)
        messages.success(request, "The link is ready. Whoever has it can see this draft.")
    return redirect("pages:post-edit", section, pk)


def _name_of(user: Any) -> str:
    """Return the name that is proposed as the author: never that of the log-in."""
    return user.get_full_name()


def _context(section: str, form: PostForm) -> dict[str, Any]:
    return {"section": section, "form": form, "noun": section[:-1]}


@transaction.atomic
def _save(pk: int, form: PostForm, version) -> None:
    services.save_post(pk, version=version, **_values(form))


@transaction.atomic
def _create(section: str, form: PostForm) -> Post:
    return services.create_post(kind=section[:-1], **_values(form))


def _values(form: PostForm) -> dict[str, Any]:
    """Return what was typed, with the uploaded picture stored."""
    values = form.values
    if picture := form.cleaned_data["picture"]:
        values["picture"] = store_picture(picture)
    elif form.cleaned_data.get("remove_picture"):
        values["picture"] = None
    return values


def _digest(post: QueryDict) -> str:
    """Return what stands for all that was typed."""
    typed = sorted((name, values) for name, values in post.lists() if name != "csrfmiddlewaretoken")
    return hashlib.sha256(repr(typed).encode()).hexdigest()


def _conflicts(form: PostForm, saved: Post) -> Iterator[tuple[str, str]]:
    """Yield `(label, saved value)` of what differs between this form and the other save."""
    for name, mine in form.values.items():
        if name == "categories":
            mine = ", ".join(sorted(category.name for category in mine))
            theirs = ", ".join(sorted(category.name for category in saved.categories.all()))
        else:
            theirs = getattr(saved, name)
        if mine != theirs:
            yield str(form[name].label), strip_tags(str(theirs or ""))[:300] or "(empty)"
    if form.cleaned_data["picture"]:
        yield "Picture", "Yours is not saved yet. Choose the file again."
