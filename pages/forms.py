"""What people type about pages, guides and menus."""

from collections.abc import Collection
from typing import Any, cast
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.html import linebreaks

from catalog.forms.fields import CategoryTreeField, ParentField, read_picture
from catalog.lib.rich_text import clean_html, same_lines
from catalog.models import Category
from catalog.pictures.picture import Picture
from pages.lib.addresses import is_reserved
from pages.lib.blocks import find_blocks, set_apart
from pages.models import MenuItem, Post
from pages.models.posts import MAX_EXCERPT, MAX_TEXT
from pages.queries.catalogue import find_problems
from pages.queries.menus import GUIDES

SHOWN_PROBLEMS = 10
MAX_SELECTED = 1_000
FIELDS = ("title", "slug", "text", "excerpt", "author", "role", "picture_alt", "publish_at")


class PostForm(forms.ModelForm):
    """Everything about a page or guide that a person may change."""

    title = forms.CharField(max_length=300, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    slug = forms.SlugField(
        label="Address",
        max_length=140,
        required=False,
        help_text="The last part of it. Empty: made from the title.",
    )
    # No maxlength in the page: a browser would cut what is pasted without a word.
    text = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 20, "data-prose": ""}))
    excerpt = forms.CharField(
        max_length=MAX_EXCERPT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For lists, feeds and search engines. Empty: the first words of the text.",
    )
    author = forms.CharField(max_length=120, required=False, help_text="The name that visitors read.")
    role = forms.ChoiceField(
        label="This page is",
        choices=[("", "A page like others"), *Post.Role.choices],
        required=False,
        help_text="Imprint, privacy and contact are in every footer by themselves.",
    )
    picture = forms.FileField(
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/avif,image/gif"}),
        help_text="JPEG, PNG, WebP, AVIF or GIF, up to 10 MB. Above the text, and in lists.",
    )
    remove_picture = forms.BooleanField(label="Remove the picture", required=False)
    picture_alt = forms.CharField(
        label="Alternative text",
        max_length=300,
        required=False,
        help_text="What the picture shows, for those who do not see it.",
    )
    categories = CategoryTreeField()
    status = forms.ChoiceField(choices=Post.Status.choices[:2])
    publish_at = forms.DateTimeField(
        label="Publish on",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text="A draft is published by itself at this time.",
    )

    class Meta:
        model = Post
        fields = FIELDS

    def __init__(self, *args, all_categories: Collection[Category], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        post = self.instance
        self.all_categories = all_categories
        if post.kind == Post.Kind.PAGE:
            del self.fields["categories"]
        else:
            del self.fields["role"]
        if not post.picture_id:
            del self.fields["remove_picture"]
        if post.pk:
            self.fields["slug"].help_text = "The last part of it. Empty: as it was."
            if "categories" in self.fields:
                self.initial["categories"] = list(post.categories.values_list("pk", flat=True))
        self.initial.setdefault("status", post.status)
        if post.status == Post.Status.TRASHED:
            status = cast(forms.ChoiceField, self.fields["status"])
            status.disabled, status.choices = True, Post.Status.choices

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())

    def clean_author(self) -> str:
        return " ".join(self.cleaned_data["author"].split())

    def clean_excerpt(self) -> str:
        return " ".join(self.cleaned_data["excerpt"].split())

    def clean_slug(self) -> str:
        slug = self.cleaned_data["slug"] or self.initial.get("slug", "")
        if slug and slug != self.initial.get("slug"):
            if self.instance.kind == Post.Kind.PAGE and is_reserved(slug):
                raise ValidationError("The site itself has something at this address. Choose another.")
            others = Post.objects.filter(kind=self.instance.kind, slug=slug).exclude(pk=self.instance.pk)
            if others.exists():
                raise ValidationError("Another one has this address already. Choose another.")
        return slug

    def clean_role(self) -> str:
        role = self.cleaned_data["role"]
        others = Post.objects.filter(role=role).exclude(status=Post.Status.TRASHED)
        if role and (other := others.exclude(pk=self.instance.pk).first()):
            raise ValidationError(f"“{other.title}” has this role. Take it from that page first.")
        return role

    def clean_text(self) -> str:
        """New blocks must be right. Those that were there may show nothing by now: the page says so."""
        typed = self.cleaned_data["text"]
        if len(typed) > MAX_TEXT:
            raise ValidationError(
                f"A text has {MAX_TEXT:,} characters at most, with its markup; this one has {len(typed):,}. "
                "Nothing is saved and nothing is lost: shorten it, or make two of it.",
                code="long",
            )
        stored = self.initial.get("text", "")
        if same_lines(stored, typed):
            return stored
        text = set_apart(typed.replace("\r\n", "\n"))
        text = clean_html(text if "<" in text else linebreaks(text))
        known = {block.source for block in find_blocks(stored)}
        problems = find_problems(find_blocks(text), self.all_categories)
        if new := [problem for source, problem in problems.items() if source not in known]:
            raise ValidationError(new[:SHOWN_PROBLEMS])
        return text

    def clean_picture(self) -> Picture | None:
        file = self.cleaned_data["picture"]
        return read_picture(file) if isinstance(file, UploadedFile) else None

    def clean(self) -> dict[str, Any]:
        """Only a draft waits for its time, and a time to come is the only one worth waiting for."""
        super().clean()
        data = self.cleaned_data
        if data.get("status") != Post.Status.DRAFT:
            if data.get("publish_at") and "publish_at" in self.changed_data:
                self.add_error("publish_at", "Only a draft waits: choose Draft, or take the time away.")
            data["publish_at"] = None
        elif (at := data.get("publish_at")) and at <= timezone.now() and "publish_at" in self.changed_data:
            self.add_error("publish_at", "This time has passed. Choose a later one, or publish it now.")
        return data

    @property
    def values(self) -> dict[str, Any]:
        """What was typed, as services take it, but for the picture."""
        data = self.cleaned_data
        return {name: data[name] for name in (*FIELDS, "status", "categories") if name in data}


class VersionForm(forms.Form):
    """Which state of the post the person saw: its `updated_at`."""

    version = forms.DateTimeField(widget=forms.HiddenInput)


class BulkForm(forms.Form):
    """An action on the ticked posts; the button of a row ("trash:12") goes before what is ticked."""

    ACTIONS = {
        "publish": "Publish",
        "draft": "Make drafts",
        "trash": "Move to trash",
        "restore": "Restore",
        "delete": "Delete permanently",
    }
    action = forms.ChoiceField(
        choices=list(ACTIONS.items()), error_messages={"required": "Choose what to do."}
    )

    def __init__(self, data) -> None:
        data = data.copy()
        action, _, pk = data.get("only", "").partition(":")
        if pk:
            data["action"] = action
            data.setlist("ids", [pk])
        super().__init__(data)
        texts = dict.fromkeys(data.getlist("ids"))
        self.ids = [int(text) for text in texts if text.isascii() and text.isdecimal() and len(text) < 19]

    def clean(self) -> dict[str, Any]:
        super().clean()
        if not self.ids:
            raise ValidationError("Tick at least one first.", code="nothing")
        if len(self.ids) > MAX_SELECTED:
            raise ValidationError(f"Tick no more than {MAX_SELECTED} at once.", code="many")
        return self.cleaned_data


class AboveField(forms.ModelChoiceField):
    """The entry that another stands below."""

    def label_from_instance(self, item: MenuItem) -> str:
        return str(item.label or item.post or item.category or item.url)


class MenuItemForm(forms.Form):
    """An entry of a menu: one thing that it leads to."""

    label = forms.CharField(max_length=80, required=False, help_text="Empty: the title of what it leads to.")
    post = forms.ModelChoiceField(
        Post.objects.exclude(status=Post.Status.TRASHED).defer("text").order_by("-kind", "title"),
        label="Page or guide",
        required=False,
    )
    category = ParentField(Category.objects.all(), required=False, empty_label="---------")
    url = forms.CharField(
        label="Or an address",
        max_length=500,
        required=False,
        help_text="https://… elsewhere, /… on this site, or “guides” for the list of guides.",
    )
    parent = AboveField(
        MenuItem.objects.none(), label="Below", required=False, empty_label="None (at the top)"
    )

    def __init__(self, *args, menu: str, item: MenuItem | None = None, **kwargs) -> None:
        if item:
            kwargs["initial"] = {
                "label": item.label,
                "post": item.post_id,
                "category": item.category_id,
                "url": item.url,
                "parent": item.parent_id,
            }
        super().__init__(*args, **kwargs)
        tops = MenuItem.objects.filter(menu=menu, parent=None).select_related("post", "category")
        parent = cast(AboveField, self.fields["parent"])
        parent.queryset = tops.exclude(pk=item.pk) if item else tops

    def clean_label(self) -> str:
        return " ".join(self.cleaned_data["label"].split())

    def clean_url(self) -> str:
        url = self.cleaned_data["url"].strip()
        if not url or url == GUIDES:
            return url
        if url.startswith("/") and not url.startswith("//") and "\\" not in url and url.isprintable():
            return url
        try:
            parts = urlsplit(url)
        except ValueError:
            parts = None
        is_web = parts and parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
        if not is_web or not url.isprintable() or " " in url or "\\" in url:
            raise ValidationError("Write an address that begins with https://, http:// or /.")
        return url

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        chosen = [name for name in ("post", "category", "url") if data.get(name)]
        if len(chosen) != 1 and not self.errors:
            raise ValidationError("Choose one thing: a page or guide, a category, or an address.")
        return data
