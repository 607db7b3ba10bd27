"""Our label inside every form of tracking link (docs/networks), and what a link says about its product."""

import pytest

from importer.networks import NETWORKS
from importer.networks.tradedoubler.products import program_id, shop_url
from importer.networks.tradetracker.products import clean_reference, parse_link

TD = "https://pdt.tradedoubler.com/click?"
CLK = "https://clk.tradedoubler.com/click?"
AD = "https://track.adtraction.com/t/t?a=1&as=2&t=2&tk=1"
TC = "https://tc.tradetracker.net/?c=1234&m=91001&a=51000"
TT = "https://shop.example/tracker/?tt="

CASES = [
    (
        "tradedoubler",
        "product link",
        TD + "a(1)p(2)product(5-X)ttid(3)url(https%3A%2F%2Fs.example)",
        "+epi(k3f9)",
    ),
    (
        "tradedoubler",
        "old product link",
        TD + "a(1)p(2)prod(99)ttid(5)url(https%3A%2F%2Fs.example)",
        "+epi(k3f9)",
    ),
    ("tradedoubler", "raw url", CLK + "a(1)p(2)ttid(13)url(http://s.example/a?b=1&c=2)", "+epi(k3f9)"),
    ("tradedoubler", "without url", CLK + "a(1)p(2)g(0)", "+epi(k3f9)"),
    (
        "tradedoubler",
        "another epi before",
        CLK + "a(1)p(2)epi(old)epi2(stays)url(x)",
        CLK + "a(1)p(2)epi2(stays)url(x)epi(k3f9)",
    ),
    (
        "tradedoubler",
        "query form",
        CLK + "p=2&a=1&g=3&url=https%3A%2F%2Fs.example",
        CLK + "p=2&a=1&g=3&epi=k3f9&url=https%3A%2F%2Fs.example",
    ),
    ("tradedoubler", "query form without url", CLK + "p=2&a=1", "+&epi=k3f9"),
    (
        "tradedoubler",
        "query form with an epi",
        CLK + "p=2&a=1&epi=old&epi2=stays&url=x",
        CLK + "p=2&a=1&epi2=stays&epi=k3f9&url=x",
    ),
    ("tradedoubler", "bare shop link", "https://s.example/shoe", "https://s.example/shoe"),
    (
        "adtraction",
        "raw url stays last",
        AD + "&url=https://s.example/?x=1&y=2",
        AD + "&epi=k3f9&url=https://s.example/?x=1&y=2",
    ),
    ("adtraction", "without url", AD, "+&epi=k3f9"),
    (
        "adtraction",
        "another epi before",
        AD + "&epi=old&epi2=stays&url=https://s.example/?epi=theirs",
        AD + "&epi2=stays&epi=k3f9&url=https://s.example/?epi=theirs",
    ),
    ("adtraction", "own domain", "https://go.s.example/t/t?a=1&as=2&t=2", "+&epi=k3f9"),
    (
        "tradetracker",
        "empty reference",
        TC + "&r=&u=https%3A%2F%2Fs.example",
        TC + "&r=k3f9&u=https%3A%2F%2Fs.example",
    ),
    ("tradetracker", "no reference", TC + "&u=%2Fshoe", TC + "&r=k3f9&u=%2Fshoe"),
    ("tradetracker", "another reference", TC + "&r=old&u=%2Fshoe", TC + "&r=k3f9&u=%2Fshoe"),
    ("tradetracker", "only a campaign", TC, "+&r=k3f9"),
    (
        "tradetracker",
        "direct link: r is the destination",
        TT + "1234_91001_51000_&r=https%3A%2F%2Fs.example%2Fshoe",
        TT + "1234_91001_51000_k3f9&r=https%3A%2F%2Fs.example%2Fshoe",
    ),
    ("tradetracker", "direct link of three parts", TT + "1_2_3&r=%2F", TT + "1_2_3_k3f9&r=%2F"),
    ("tradetracker", "direct link with a reference", TT + "1_2_3_old&r=%2F", TT + "1_2_3_k3f9&r=%2F"),
    ("tradetracker", "bare shop link", "https://s.example/shoe?r=1x&q=2", "https://s.example/shoe?r=1x&q=2"),
]


@pytest.mark.parametrize(
    ("slug", "url", "expected"),
    [pytest.param(*case[:1], *case[2:], id=f"{case[0]}: {case[1]}") for case in CASES],
)
def test_the_sub_id_goes_where_the_network_reads_it(slug, url, expected):
    network = NETWORKS[slug]({})

    assert network.tracking_url(url, "k3f9") == (url + expected[1:] if expected[0] == "+" else expected)


@pytest.mark.parametrize("slug", ["tradedoubler", "adtraction"])
def test_an_epi_is_at_most_64_bytes_and_encoded(slug):
    network = NETWORKS[slug]({})
    link = {"tradedoubler": CLK + "p=2&a=1", "adtraction": AD}[slug]

    assert network.tracking_url(link, "x" * 100).endswith("&epi=" + "x" * 64)
    assert network.tracking_url(link, "a&b)é").endswith("&epi=a%26b%29%C3%A9")
    assert network.tracking_url(link, "é" * 40).count("%C3%A9") == 32


def test_a_reference_has_no_underscore_and_no_foreign_character():
    assert clean_reference("a_b~c:d.e,f|g*h-i é&") == "a-b~c:d.e,f|g*h-i---"
    assert len(clean_reference("x" * 300)) == 255


@pytest.mark.parametrize(
    ("link", "program", "target"),
    [
        (
            TD + "a(1)p(290001)product(5-X)url(https%3A%2F%2Fs.example%2Fa%29b)",
            "290001",
            "https://s.example/a)b",
        ),
        (CLK + "p=290001&a=1&url=https%3A%2F%2Fs.example", "290001", "https://s.example"),
        ("https://s.example/", "", ""),
    ],
)
def test_tradedoubler_links_are_read(link, program, target):
    assert (program_id(link), shop_url(link)) == (program, target)


@pytest.mark.parametrize(
    ("link", "campaign", "feed", "target"),
    [
        (TC + "&r=&u=https%3A%2F%2Fs.example%2Fshoe", "1234", "91001", "https://s.example/shoe"),
        (TC.replace("91001", "12") + "&u=%2Fshoe", "1234", "", ""),
        (
            TT + "1234_91001_51000_&r=https%3A%2F%2Fs.example%2Fshoe",
            "1234",
            "91001",
            "https://s.example/shoe",
        ),
        (TT + "1234", "1234", "", ""),
        ("https://s.example/shoe", "", "", ""),
        ("https://[", "", "", ""),
    ],
)
def test_tradetracker_links_are_read(link, campaign, feed, target):
    said = parse_link(link)

    assert (said.campaign_id, said.feed_id, said.shop_url) == (campaign, feed, target)
