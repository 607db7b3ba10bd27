"""The menus as visitors see them, and as the dashboard shows them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import BigIntegerField, CharField, F, IntegerField, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop

from catalog.site.shared import Shared
from pages.models import MenuItem, Post

GUIDES = "guides"  # in place of an address: the list of guides
_GUIDES_LABEL = gettext_noop("Guides")


@dataclass(slots=True)
class Link:
    """A line of a menu: where it leads, what it says, and the lines below it."""

    url: str
    label: str
    below: list["Link"] = field(default_factory=list)

    @property
    def is_outside(self) -> bool:
        return "//" in self.url


class Row(NamedTuple):
    """An entry with what it leads to; of a page that has a role, and no entry, only `role` and the page."""

    pk: int
    menu: str
    parent: int | None
    position: int
    label: str
    url: str
    post: int | None
    post_kind: str
    post_slug: str
    post_title: str
    post_status: str
    category_slug: str
    category_name: str
    role: str = ""


_COLUMNS = {
    **{name: name for name in ("pk", "menu", "parent", "position", "label", "url", "post")},
    **{f"post_{name}": f"post__{name}" for name in ("kind", "slug", "title", "status")},
    **{f"category_{name}": f"category__{name}" for name in ("slug", "name")},
}


@dataclass(frozen=True, slots=True)
class Menus:
    """Both menus, as they are when read: visitors share them (`shared_menus`).

    The footer has the pages that have a role besides, unless it has them already: an imprint must be found.
    """

    rows: list[Row]

    @classmethod
    def load(cls) -> "Menus":
        """Read both menus and the pages that have a role; one query."""
        texts = (Coalesce(name, Value("")) for name in list(_COLUMNS.values())[7:])
        items = MenuItem.objects.order_by().values_list(
            *list(_COLUMNS.values())[:7], *texts, Value("", CharField())
        )
        pages = Post.objects.order_by().filter(status=Post.Status.PUBLISHED).exclude(role="")
        nothing, none = Value("", CharField()), Value(None, BigIntegerField())
        roles = pages.values_list(
            *(F("pk"), nothing, none, Value(0, IntegerField()), nothing, nothing, F("pk")),
            *("kind", "slug", "title", "status", nothing, nothing, "role"),
        )
        rows = [Row(*row) for row in items.union(roles, all=True)]
        return cls(sorted(rows, key=lambda row: (row.position, row.pk)))

    def header(self) -> list[Link]:
        return _links([row for row in self.rows if row.menu == MenuItem.Menu.HEADER])

    def footer(self) -> list[Link]:
        rows = [row for row in self.rows if row.menu == MenuItem.Menu.FOOTER]
        there = {row.post for row in rows}
        roles = [row for row in self.rows if row.role and row.post not in there]
        roles.sort(key=lambda row: Post.Role.values.index(row.role))
        return _links(rows) + [Link(*target_of(row)) for row in roles]


shared_menus = Shared(Menus.load)


class Line(NamedTuple):
    """An entry as the dashboard shows it, in the order of the tree; `says` why visitors do not see it."""

    item: MenuItem
    label: str
    target: str
    is_below: bool
    is_first: bool
    is_last: bool
    says: str


def list_menus() -> dict[str, list[Line]]:
    """Return the entries of each menu as the dashboard lists them; one query."""
    items = list(MenuItem.objects.select_related("post", "category").defer("post__text"))
    return {
        menu: list(_lines([item for item in items if item.menu == menu])) for menu in MenuItem.Menu.values
    }


def _lines(items: Sequence[MenuItem], parent: int | None = None) -> Iterator[Line]:
    beside = [item for item in items if item.parent_id == parent]
    for place, item in enumerate(beside):
        thing = item.post or item.category
        hidden = item.post is not None and not item.post.is_published
        yield Line(
            item,
            item.label or str(thing or (gettext(_GUIDES_LABEL) if item.url == GUIDES else item.url)),
            thing.get_absolute_url() if thing else _address_of(item.url),
            is_below=parent is not None,
            is_first=place == 0,
            is_last=place == len(beside) - 1,
            says="Visitors see it once its page is published." if hidden else "",
        )
        yield from _lines(items, item.pk) if parent is None else ()


def _address_of(url: str) -> str:
    return reverse("guides:list") if url == GUIDES else url


def target_of(row: Row) -> tuple[str, str]:
    """Return where an entry leads and what that is called."""
    if row.post_slug:
        return reverse(f"guides:{row.post_kind}", args=[row.post_slug]), row.post_title
    if row.category_slug:
        return reverse("public:category", args=[row.category_slug]), row.category_name
    if row.url == GUIDES:
        return _address_of(row.url), gettext(_GUIDES_LABEL)
    return row.url, row.url.partition("//")[2].rstrip("/") or row.url


def _links(rows: Sequence[Row]) -> list[Link]:
    """Return the tree of what visitors see; what stands below something they do not see moves up."""
    found: dict[int, Link] = {}
    for row in rows:
        if row.post_status in ("", Post.Status.PUBLISHED):
            url, label = target_of(row)
            found[row.pk] = Link(url, row.label or label)
    top: list[Link] = []
    for row in rows:
        if link := found.get(row.pk):
            above = found.get(row.parent or 0)
            (above.below if above and above is not link else top).append(link)
    return top
