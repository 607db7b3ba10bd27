"""`{% table %}`: the one way to write a list in the dashboard.

A list names its columns once, head and cells together, and says what stands there while there is nothing:

    {% table shop in page_obj caption="Shops" %}
      {% row status=shop.state says=shop.sentence %}id="shop-{{ shop.pk }}"{% endrow %}
      {% column "Name" kind="main" %}<a href="...">{{ shop.name }}</a>{% endcolumn %}
      {% column "Offers" kind="number" sort=headers.0 %}{{ shop.offer_count }}{% endcolumn %}
      {% column "Edit" kind="actions" show=perms.catalog.change_shop %}...{% endcolumn %}
    {% empty %}{% include "dashboard/_empty.html" with ... %}
    {% endtable %}

How it looks, and how it never grows wider than where it stands, is in `static/css/dashboard/tables.css`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django import template
from django.core.paginator import Page
from django.template.base import FilterExpression, Node, NodeList, Parser, TextNode, Token, token_kwargs
from django.template.context import Context
from django.template.defaulttags import CommentNode
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

KINDS = {"check", "picture", "main", "text", "long", "quiet", "number", "date", "state", "actions", "drag"}
# Their head is for people who hear it: those who see know a picture when they see it.
UNSEEN = {"picture", "actions", "drag"}
NOTHING = mark_safe("")
Options = dict[str, FilterExpression]


@dataclass(slots=True)
class Head:
    """The head of a column, as `dashboard/_table.html` draws it."""

    kind: str
    label: str
    attributes: SafeString
    options: dict[str, Any]

    @property
    def is_unseen(self) -> bool:
        return self.kind in UNSEEN

    @property
    def label_attribute(self) -> SafeString:
        """Return what stands over the cell where rows are stacked."""
        if self.is_unseen or self.kind in ("check", "main", "state"):
            return NOTHING
        return format_html(' data-label="{}"', self.label)


class PartNode(Node):
    """A part of a list that is drawn by it: `{% row %}`, `{% above %}` or `{% below %}`."""

    child_nodelists = ("nodelist",)

    def __init__(self, nodelist: NodeList, options: Options | None = None) -> None:
        self.nodelist = nodelist
        self.options = options or {}

    def render(self, context: Context) -> SafeString:
        raise template.TemplateSyntaxError("It is a part of a {% table %}, and of nothing else.")


class RowNode(PartNode):
    pass


class AboveNode(PartNode):
    pass


class BelowNode(PartNode):
    pass


class ColumnNode(PartNode):
    """`{% column "Label" kind="text" %}`: a head, and the cell that each row has below it.

    kind   one of `KINDS`;  show  false leaves the column out;  title  what the head says when pointed at
    sort   a header that sorts: its `sort` and `direction`
    room   "wide" or "wider": as long as the list is a table, the column waits for that much room
    phone  false leaves it out where rows are stacked;  form  the form of a column of check boxes
    """

    def __init__(self, label: FilterExpression, nodelist: NodeList, options: Options) -> None:
        super().__init__(nodelist, options)
        self.label = label

    def resolve(self, context: Context) -> Head | None:
        options = _resolve(self.options, context)
        if not options.get("show", True):
            return None
        kind, label = options.get("kind", "text"), str(self.label.resolve(context))
        if kind not in KINDS:
            raise template.TemplateSyntaxError(f"A column is one of {sorted(KINDS)}, not {kind!r}.")
        attributes = format_html(' class="cell-{}"', kind)
        if room := options.get("room"):
            attributes += format_html(' data-room="{}"', room)
        if not options.get("phone", True):
            attributes += mark_safe(' data-phone="hide"')
        return Head(kind, label, attributes, options)


@dataclass(eq=False)
class TableNode(Node):
    """The list: `{% table <name> in <rows> caption="..." %}`.

    caption    what is listed;  heading  true shows it;  plain  without a frame of its own
    room       "small" or "large": how much room it needs to be a table
    dense      true where many rows are to be in sight at once
    noun       what the pages of a `Page` count, where it is not the caption
    only_rows  the rows alone, where htmx asks for one
    """

    names: list[str]
    rows: FilterExpression
    options: Options
    nodelist: NodeList
    empty: NodeList = field(default_factory=NodeList)

    child_nodelists = ("nodelist", "empty")

    def __post_init__(self) -> None:
        self.columns = [node for node in self.nodelist if isinstance(node, ColumnNode)]
        self.row = next((node for node in self.nodelist if isinstance(node, RowNode)), None)
        stray = [
            node
            for node in self.nodelist
            if not isinstance(node, PartNode | CommentNode)
            and not (isinstance(node, TextNode) and not node.s.strip())
        ]
        if stray:
            raise template.TemplateSyntaxError(f"A list has columns and its parts, and not {stray[0]!r}.")
        if "caption" not in self.options:
            raise template.TemplateSyntaxError("A list says what it lists: caption=...")

    def render(self, context: Context) -> SafeString:
        options = _resolve(self.options, context)
        rows = self.rows.resolve(context, ignore_failures=True) or []
        columns = [(column, head) for column in self.columns if (head := column.resolve(context)) is not None]
        frame = {
            name: options.get(name) for name in ("caption", "heading", "room", "plain", "dense", "only_rows")
        }
        frame["listed"] = listed = mark_safe("\n".join(self._rows(context, rows, columns)))  # noqa: S308 (rendered)
        if not frame["only_rows"]:
            frame |= {
                "heads": [head for _, head in columns],
                "above": self._part(AboveNode, context),
                "below": self._part(BelowNode, context),
                "nothing": "" if listed else self.empty.render(context),
                "page_obj": rows if isinstance(rows, Page) else None,
                "noun": options.get("noun", str(options["caption"]).lower()),
            }
        draw = context.template.engine.get_template("dashboard/_table.html")
        with context.push(**frame):
            return draw.render(context)

    def _rows(
        self, context: Context, rows: Any, columns: list[tuple[ColumnNode, Head]]
    ) -> Iterator[SafeString]:
        # Put together here, and not in a template: a list has some hundred cells.
        openings = [f"<td{head.attributes}{head.label_attribute}>" for _, head in columns]
        has_words = any(head.kind == "state" for _, head in columns)
        for row in rows:
            names = {self.names[0]: row} if len(self.names) == 1 else dict(zip(self.names, row, strict=True))
            with context.push(**names):
                own, says = self._state(context, has_words)
                cells = [
                    f"{opening}{column.nodelist.render(context)}{says if head.kind == 'main' else ''}</td>"
                    for opening, (column, head) in zip(openings, columns, strict=True)
                ]
            yield mark_safe(f"<tr{own}>{''.join(cells)}</tr>")  # noqa: S308 (each is rendered)

    def _state(self, context: Context, has_words: bool) -> tuple[SafeString, SafeString]:
        """Return a row's attributes, and its sentence for the main cell."""
        if self.row is None:
            return NOTHING, NOTHING
        options = _resolve(self.row.options, context)
        own = self.row.nodelist.render(context).strip()
        attributes = mark_safe(f" {own}" if own else "")  # noqa: S308 (the template's own)
        if status := options.get("status"):
            attributes += format_html(' data-status="{}"', status)
        says = options.get("says")
        if status and not says and not has_words:
            raise template.TemplateSyntaxError(f"A row is {status}, and no sentence says what that means.")
        return attributes, format_html('<p class="row-says">{}</p>', says) if says else NOTHING

    def _part(self, kind: type[PartNode], context: Context) -> SafeString:
        found = [node.nodelist.render(context) for node in self.nodelist if isinstance(node, kind)]
        return mark_safe("".join(found))  # noqa: S308 (rendered)


@register.tag
def table(parser: Parser, token: Token) -> TableNode:
    """Parse a list: see the top of this file."""
    _, *bits = token.split_contents()
    if "in" not in bits[:6]:
        raise template.TemplateSyntaxError("Write {% table <name> in <rows> caption=... %}.")
    at = bits.index("in")
    names = [name for bit in bits[:at] for name in bit.split(",") if name]
    rows, options = parser.compile_filter(bits[at + 1]), _options(parser, bits[at + 2 :])
    nodelist = parser.parse(("empty", "endtable"))
    empty = NodeList()
    if parser.next_token().contents == "empty":
        empty = parser.parse(("endtable",))
        parser.delete_first_token()
    return TableNode(names, rows, options, nodelist, empty)


@register.tag
def column(parser: Parser, token: Token) -> ColumnNode:
    _, label, *bits = token.split_contents()
    return ColumnNode(parser.compile_filter(label), _body(parser, "endcolumn"), _options(parser, bits))


@register.tag
def row(parser: Parser, token: Token) -> RowNode:
    """`{% row status=... says=... %}attributes{% endrow %}`: a row's state, its sentence, its attributes.

    The states and their colours are in `static/css/dashboard/components.css`. A colour says nothing by
    itself: a sentence (`says`, or a column of kind "state") goes with it.
    """
    _, *bits = token.split_contents()
    return RowNode(_body(parser, "endrow"), _options(parser, bits))


@register.tag
def above(parser: Parser, token: Token) -> AboveNode:
    """What stands in the list's frame, above its rows: what to do with the ticked ones."""
    return AboveNode(_body(parser, "endabove"))


@register.tag
def below(parser: Parser, token: Token) -> BelowNode:
    return BelowNode(_body(parser, "endbelow"))


def _body(parser: Parser, end: str) -> NodeList:
    nodelist = parser.parse((end,))
    parser.delete_first_token()
    return nodelist


def _options(parser: Parser, bits: list[str]) -> Options:
    options = token_kwargs(bits, parser)
    if bits:
        raise template.TemplateSyntaxError(f"Not an option: {bits[0]!r}. Write name=value.")
    return options


def _resolve(options: Options, context: Context) -> dict[str, Any]:
    return {name: value.resolve(context) for name, value in options.items()}
