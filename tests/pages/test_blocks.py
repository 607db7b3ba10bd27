"""How blocks are written: a table of texts, without a database."""

import pytest

from pages.lib.blocks import Block, find_blocks, set_apart, split_text


@pytest.mark.parametrize(
    ("html", "kinds"),
    [
        ("<p>[product 12]</p>", ["product"]),
        ("<p> [PRODUCT&nbsp;12] </p>", ["product"]),
        ("<p>It costs [price 12] today, [button 12]</p>", ["price", "button"]),
        ("<p>[top 1 2]</p><p>[compare 1 2]</p>", ["top", "compare"]),
        ("<p>[products]</p><p>[x 1]</p><p>[ product 12]</p>", []),
        ('<p><a href="https://x/?[price 3]">shop</a></p>', []),
        ('<p><a href="https://x/>[price 3]">shop</a></p>', []),
        ("<p>[pro<b>duct 12]</b></p>", []),
        ("[[[[product 12]", ["product"]),
        ("", []),
    ],
)
def test_blocks_are_found_where_they_are_and_nowhere_else(html, kinds):
    assert [block.kind for block in find_blocks(html)] == kinds


@pytest.mark.parametrize(
    ("source", "options", "ids"),
    [
        ('[top category="running shoes" max=99,50]', {"category": "running shoes", "max": "99,50"}, ()),
        ("[top category=“running shoes”]", {"category": "running shoes"}, ()),
        ("[top Category=lamps COUNT=3]", {"category": "lamps", "count": "3"}, ()),
        ("[compare 1 2 2 1 attributes = weight]", {"attributes": "weight"}, (1, 2)),
        ('[button 7 text="See &amp; buy"]', {"text": "See & buy"}, (7,)),
    ],
)
def test_options_are_read_as_people_write_them(source, options, ids):
    (block,) = find_blocks(f"<p>{source}</p>")
    assert (block.options, block.ids, block.fault) == (options, ids, "")


@pytest.mark.parametrize(
    ("html", "says"),
    [
        ("<p>[product abc]</p>", "“abc” is neither"),
        ("<p>[product 99999999999999999999]</p>", "is neither"),
        ("<p>[product]</p>", "needs the number of one product"),
        ("<p>[product 1 2]</p>", "and has 2"),
        ("<p>[product 1 colour=red]</p>", "no option “colour”"),
        ("<p>Look: [product 1]</p>", "a paragraph of its own"),
        ("<p>[compare 1]</p>", "2 to 8"),
        ("<p>[compare 1 2 3 4 5 6 7 8 9]</p>", "2 to 8"),
        ("<p>[top]</p>", "needs the numbers"),
        ("<p>[top 1 sort=price]</p>", "takes no options"),
        ("<p>[top max=cheap]</p>", "“cheap” is no price"),
        ("<p>[top max=-1]</p>", "is no price"),
        ("<p>[top max=NaN]</p>", "is no price"),
        ("<p>[top category=x sort=best]</p>", "sorts by"),
        ("<p>[top category=x count=0]</p>", "from 1 to 20"),
        ("<p>[top category=x count=²]</p>", "from 1 to 20"),
        ("<p>[price on request]</p>", "“on” is neither"),
    ],
)
def test_what_is_written_wrongly_is_said_in_words(html, says):
    (block,) = find_blocks(html)
    assert says in block.fault


def test_nothing_of_a_text_is_lost_between_its_blocks():
    html = '<p>a [price 1] b</p><p>[product 2]</p><p>c <a href="x">[top 1]</a></p>'
    pieces = list(split_text(html))
    assert [piece for piece in pieces if isinstance(piece, str)] == [
        "<p>a ",
        " b</p>",
        '<p>c <a href="x">',
        "</a></p>",
    ]
    assert sum(isinstance(piece, Block) for piece in pieces) == 3


def test_a_line_of_its_own_is_a_paragraph_of_its_own():
    assert find_blocks(set_apart("<p>Hello</p>\n[product 1]\n"))[0].fault == ""


def test_a_text_full_of_brackets_takes_no_time():
    for text in ("[product " * 60_000, "[" * 500_000, "<p>[" * 125_000, "[product 1" + " " * 500_000):
        assert len(find_blocks(text)) <= 1  # a search that went back would not end today
