"""`manage.py desk categories FEED`: how an own feed's categories are mapped."""

from typing import Any

from django.core.management.base import CommandParser

from desk.commands.push import find_feed
from desk.services import own_categories

help = "Show how an own feed's categories are mapped; --suggest says what the others may be."


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("feed", help="the feed's number at the network, or its name")
    parser.add_argument("--suggest", action="store_true", help="look for what they may be")


def run(**options: Any) -> dict[str, Any]:
    feed = find_feed(options["feed"])
    own_categories.refresh_tree(feed)
    own_categories.refresh_mappings(feed)
    if options["suggest"]:
        own_categories.make_suggestions(feed)
    lines = own_categories.with_paths(feed, own_categories.list_lines(feed))
    return {
        "feed": feed.name,
        "categories": [
            {
                "name": line.name,
                "state": line.state,
                "category": line.category_id,
                "path": path,
                "products": line.waiting_count,
                **({"suggested": dict(suggested)} if options["suggest"] else {}),
            }
            for line, path, suggested in lines
        ],
    }


def describe(result: dict[str, Any]) -> str:
    words = []
    for line in result["categories"]:
        text = f"{line['name']} ({line['products']:,} products): {line['path'] or line['state']}"
        if suggested := line.get("suggested"):
            text += f"; perhaps {', '.join(suggested.values())}"
        words.append(text)
    return "\n".join(words) or "This feed has no categories yet: read its source first."
