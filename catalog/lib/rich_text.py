"""Descriptions: the HTML that a person may write."""

import nh3

TAGS = {
    *("p", "br", "strong", "b", "em", "i", "u", "s", "sub", "sup"),
    *("h2", "h3", "h4", "ul", "ol", "li", "blockquote", "hr", "a"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href"}, "th": {"colspan", "rowspan"}, "td": {"colspan", "rowspan"}}


def clean_html(html: str) -> str:
    """Return `html` with nothing in it that runs, loads or restyles the page; "" where no text is left."""
    cleaned = nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener",
    ).strip()
    return cleaned if nh3.clean(cleaned, tags=set()).strip() else ""


def same_lines(one: str, other: str) -> bool:
    """Are two texts the same but for line ends and blanks around them, of which browsers send their own?"""
    return _lines(one) == _lines(other)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
