import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.clicks.subid import MOST, SubId, make_sub_id, parse_sub_id, to_base36
from catalog.models import Place
from importer.networks import NETWORKS
from importer.networks.tradetracker.products import clean_reference

CASES = [
    ("as we write it", "p123-top-3f", SubId(123, "top", 123)),
    ("as we wrote it before", "p123-top", SubId(123, "top")),
    ("in the comparison", "p7-offer-zz", SubId(7, "offer", 1295)),
    ("in capitals", "P123-TOP-3F", SubId(123, "top", 123)),
    ("space around", "  p123-top-3f \n", SubId(123, "top", 123)),
    ("suffix with a dash", "p123-top-3f-newsletter", SubId(123, "top", 123)),
    ("suffix with an underscore", "p123-top-3f_20240102", SubId(123, "top", 123)),
    ("suffix with a pipe", "p123-top-3f|x", SubId(123, "top", 123)),
    ("suffix without offer", "p123-top_abc", SubId(123, "top")),
    ("suffix glued to the place", "p123-top99", SubId(123, "top")),
    ("letters glued to the place", "p123-topx", SubId(123, "top")),
    ("a glued word and an offer: which is in doubt", "p123-topx-3f", SubId(123, "top")),
    ("suffix glued to the offer: another number", "p123-top-3fx", SubId(123, "top", 4461)),
    ("cut behind the place", "p123-top-", SubId(123, "top")),
    ("cut in the place", "p123-to", SubId(123, "top")),
    ("cut in the place, v1", "p123-o", SubId(123, "offer")),
    ("cut behind the product", "p123-", SubId(123)),
    ("cut in the product: which one?", "p12", None),
    ("cut to nothing", "p", None),
    ("empty", "", None),
    ("of a blog", "blog-42", None),
    ("another place of another site", "p12-summer", None),
    ("another place with a number", "p12-summer-4", None),
    ("no place and a suffix", "p123-_x", None),
    ("in front of it something", "x-p123-top", None),
    ("no product", "p0-top-1", None),
    ("negative", "p-1-top", None),
    ("a number that no row has", "p99999999999999999999-top", None),
    ("the largest number", f"p{MOST}-top", SubId(MOST, "top")),
    ("one more", f"p{MOST + 1}-top", None),
    ("an offer that no row has", "p1-top-zzzzzzzzzzzzzz", SubId(1, "top")),
    ("offer 0", "p1-top-0", SubId(1, "top")),
    ("digits of another script", "p١٢-top", None),
    ("a placeholder nobody filled", "{epi}", None),
    ("a letter that grows when lowered", "p1-topİ", SubId(1, "top")),
]


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_comes_back_is_read(text, expected):
    assert parse_sub_id(text) == expected


ids = st.integers(1, MOST)
places = st.sampled_from(Place.values)


@given(ids, places, ids)
def test_every_sub_id_is_read_as_it_was_written(product_id, place, offer_id):
    text = make_sub_id(product_id, place, offer_id)

    assert parse_sub_id(text) == parse_sub_id(text.upper()) == SubId(product_id, place, offer_id)
    assert parse_sub_id(f"p{product_id}-{place}") == SubId(product_id, place)


@given(ids, places, ids, st.data())
def test_a_cut_never_names_another_product_or_place(product_id, place, offer_id, data):
    whole = make_sub_id(product_id, place, offer_id)
    read = parse_sub_id(whole[: data.draw(st.integers(0, len(whole)))])

    assert read is None or (read.product_id == product_id and read.place in ("", place))


@given(ids, places, ids, st.text(max_size=20))
def test_what_stands_behind_changes_neither_product_nor_place(product_id, place, offer_id, more):
    read = parse_sub_id(f"{make_sub_id(product_id, place, offer_id)}{more}")

    assert (read.product_id, read.place) == (product_id, place)


@given(st.text(max_size=80))
def test_any_text_is_read_or_is_not_ours(text):
    read = parse_sub_id(text)
    assert read is None or (0 < read.product_id <= MOST and read.place in ("", *Place.values))


@given(st.integers(0, MOST))
def test_base_36_is_what_python_reads(number):
    assert int(to_base36(number), 36) == number
    assert not re.match("0.", to_base36(number))


LONGEST = make_sub_id(MOST, max(Place.values, key=len), MOST)
LINKS = {
    "tradedoubler": "https://clk.tradedoubler.com/click?p=2&a=1",
    "adtraction": "https://track.adtraction.com/t/t?a=1&as=2&t=2&tk=1",
    "tradetracker": "https://tc.tradetracker.net/?c=1&m=2&a=3&u=%2Fshoe",
}


@pytest.mark.parametrize("slug", NETWORKS)
@pytest.mark.parametrize("text", ["p123-top", "p123-top-3f", LONGEST])
def test_every_network_carries_a_sub_id_as_it_is(slug, text):
    assert text in NETWORKS[slug]({}).tracking_url(LINKS[slug], text)
    assert len(text.encode()) <= 64
    assert clean_reference(text) == text
