"""Whatever a crawler can think of is answered, and never with a 500."""

from urllib.parse import quote

import pytest
from django.urls import URLPattern, get_resolver, reverse
from django.urls.converters import IntConverter, SlugConverter, StringConverter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog import services
from catalog.models import Brand, Category, Offer, Product, Shop
from catalog.public import previews

ANSWERS = {200, 204, 301, 302, 304, 404, 405, 410}
# Addresses that exist, so that parameters and headers reach the code behind them.
KNOWN = {
    "slug": ["shoe", "old-shoe", "gone", "draft", "shoes", "alta", "otto"],
    "section": ["products", "categories", "brands", "shops"],
    "place": ["top", "offer"],
    "number": [1],
}


def routes(*namespaces: str, resolver=None, before: str = "") -> list[tuple[str, dict]]:
    """Every address of these namespaces ("": those that have none) as (form, its converters): a new one is
    tried without anybody remembering it.
    """
    found = []
    for each in (resolver or get_resolver()).url_patterns:
        form, converters = before + str(each.pattern), each.pattern.converters
        if isinstance(each, URLPattern):
            found.append((form, converters))
        elif (each.namespace or "") in namespaces:
            found += routes(*namespaces, resolver=each, before=form)
    return found


# For people at work, and for programs, which have tests of their own.
NOT_FOR_VISITORS = ("dashboard/", "desk/", "hooks/", "api/")
PUBLIC = [route for route in routes("public") if not route[0].startswith(NOT_FOR_VISITORS)]
PRIVATE = [route for route in routes("importer", "catalog") if route[0].startswith("dashboard/")]


def values(name: str, converter) -> st.SearchStrategy:
    known = KNOWN.get(name)
    texts = st.text(max_size=200).map(lambda text: quote(text, safe=""))
    numbers = st.one_of(st.integers(0, 3), st.integers(0, 10**30)).map(str)
    slugs = st.from_regex(r"\A[-a-zA-Z0-9_]{1,160}\Z")
    some = {IntConverter: numbers, SlugConverter: slugs, StringConverter: texts}.get(type(converter), texts)
    choices = [some, texts, odd_parts]
    return (
        st.one_of(st.sampled_from([str(each) for each in known]), *choices) if known else st.one_of(choices)
    )


# What no file, slug or text can be, as it stands in an address.
odd_parts = st.sampled_from(
    [
        "x" * 5000,
        "x" * 255 + ".jpg",
        "/".join(["x" * 200] * 30),
        "%00",
        "a%00b",
        "%ff%fe",
        "%C3%28",
        "%ED%A0%80",
    ]
    + [
        "..%2f..%2fetc%2fpasswd",
        "%2e%2e/%2e%2e/",
        "....//",
        "%5c..%5c",
        "CON",
        "a%0d%0ab",
        "%25%30%30",
        "%u0000",
    ]
    + ["\u202e", "%F0%9F%91%9F", "~", "%7F", "+", "%", "%%", "%g1", "//", ";x=1", "pictures/%00.webp"]
)


@st.composite
def paths(draw, among: list[tuple[str, dict]]) -> str:
    form, converters = draw(st.sampled_from(among))
    path = form
    for name, converter in converters.items():
        start = path.index("<")
        end = path.index(">", start) + 1
        path = path[:start] + draw(values(name, converter)) + path[end:]
    return "/" + path


# What pages, sorts, filters and facets are called, and what nobody calls anything.
names = st.sampled_from(
    [
        "q",
        "page",
        "sort",
        "brand",
        "brands",
        "category",
        "categories",
        "shop",
        "shops",
        "min",
        "max",
        "min_price",
        "max_price",
        "price",
        "stock",
        "in_stock",
        "available",
        "reduced",
        "currency",
        "p",
        "x",
        "utm_source",
        "[]",
    ]
) | st.text(max_size=20)
odd_values = st.sampled_from(
    ["", "0", "-1", "1", "2", "1e9", "NaN", "inf", "-inf", "9" * 400, "1,5", "%", "'", '"', "\\", "\0", "a&b"]
    + ["' OR 1=1--", "<script>", "shoe", "alta", "otto", "shoes", "on", "true", "newest", "price", "-price"]
    + ["\ud83d\udc5f", "\u202e", "٣", "x" * 5000, "!" * 300, "(((", "a:*&|!b", "null", "１"]
)
texts = odd_values | st.text(max_size=60)
parameters = st.lists(st.tuples(names, texts), max_size=4)
header_values = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60)
headers = st.dictionaries(
    st.sampled_from(
        [
            "accept",
            "accept-language",
            "accept-encoding",
            "if-none-match",
            "if-modified-since",
            "range",
            "cookie",
        ]
        + ["user-agent", "purpose", "sec-purpose", "x-moz", "referer", "authorization", "hx-request"]
    ),
    header_values
    | st.sampled_from(["*", "*/*", "gzip", 'W/"x"', "bytes=0-", "sessionid=x", "text/html;q=x"]),
    max_size=4,
)


@pytest.fixture
def catalogue(make_product, make_offer, make_shop) -> None:
    shoes = services.get_or_create_category("Shoes")
    brand = Brand.objects.create(name="Alta", slug="alta")
    product = make_product("Old shoe", brand=brand, categories=[shoes], pictures=2)
    services.update_product(product, title="Shoe", slug="shoe")
    make_offer(product, shop=make_shop("OTTO"))
    draft = make_product("Draft", status=Product.Status.DRAFT)
    make_product("Gone", status=Product.Status.TRASHED)
    KNOWN["offer_id"] = [Offer.objects.get().pk]
    KNOWN["token"] = [previews.make_link(draft).rstrip("/").rpartition("/")[2]]
    assert Category.objects.count() == Shop.objects.count() == 1


@pytest.mark.parametrize("seconds", [0, 60], ids=["rendered", "kept"])
def test_no_request_breaks_the_site(client, catalogue, settings_of_site, seconds):
    settings_of_site.PAGE_CACHE_SECONDS = seconds
    client.raise_request_exception = False
    seen = set()

    @settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        method=st.sampled_from(["get", "get", "get", "head", "post", "options", "put"]),
        path=paths(PUBLIC) | odd_parts.map(lambda part: f"/{part}"),
        parameters=parameters,
        headers=headers,
    )
    def ask(method, path, parameters, headers):
        response = getattr(client, method)(f"{path}?{_query(parameters)}", headers=headers)
        assert response.status_code in ANSWERS
        if response.streaming:
            response.getvalue()
        seen.add(response.status_code)

    ask()
    assert {200, 404, 405} <= seen


def test_no_request_of_who_is_logged_in_breaks_the_dashboard(admin_client, catalogue):
    admin_client.raise_request_exception = False

    @settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(path=paths(PRIVATE), parameters=parameters, headers=headers.filter(lambda h: "cookie" not in h))
    def ask(path, parameters, headers):
        response = admin_client.get(f"{path}?{_query(parameters)}", headers=headers)
        assert response.status_code in ANSWERS

    ask()


def test_no_form_of_the_login_breaks_it(client, catalogue):
    client.raise_request_exception = False

    @settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(username=texts, password=texts, following=texts, more=parameters, headers=headers)
    def ask(username, password, following, more, headers):
        fields = {"username": username, "password": password, "next": following} | dict(more)
        path = f"{reverse('login')}?next={_quote(following)}"
        body = "&".join(f"{_quote(name)}={_quote(value)}" for name, value in fields.items())
        form = "application/x-www-form-urlencoded"
        assert client.post(path, body, content_type=form, headers=headers).status_code in {200, 429}

    ask()


@pytest.fixture
def settings_of_site(settings):
    """Under another name than hypothesis's own."""
    return settings


def _query(parameters: list[tuple[str, str]]) -> str:
    return "&".join(f"{_quote(name)}={_quote(value)}" for name, value in parameters)


def _quote(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(
    "path",
    [
        "/media/" + "x" * 5000,
        "/media/" + "x" * 256 + ".jpg",
        "/media/" + "x/" * 2000,
        "/media/%00",
        "/media/pictures/a%00b.webp",
        "/media/..%2f..%2f..%2fetc%2fpasswd",
        "/media/%2e%2e/%2e%2e/etc/passwd",
        "/media/%ff%fe",
        "/media/%ED%A0%80",
        "/media/",
        "/media/pictures/",
        "/static/" + "x" * 5000,
        "/static/%00",
        "/static/%ff",
        "/picture/" + "x" * 5000,
        "/picture/%00",
        "/picture/shop/%00",
        "/product/" + "x" * 5000 + "/",
        "/go/" + "9" * 4000 + "/",
        "/go/1/" + "x" * 5000 + "/",
        "/sitemap-products-" + "9" * 4000 + ".xml",
        "/" + "x" * 5000,
        "/%00",
        "/%ff",
    ],
    ids=lambda path: path[:30],
)
def test_what_cannot_be_there_is_not_found(client, catalogue, path):
    client.raise_request_exception = False
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("form", [form for form, _ in PUBLIC])
def test_every_address_refuses_what_changes_things(client, catalogue, form):
    path = "/" + form
    for name in ("slug", "section", "place", "number", "offer_id", "token", "digest"):
        for converter in ("int", "slug", "str"):
            path = path.replace(f"<{converter}:{name}>", str(KNOWN.get(name, ["1"])[0]))
    # A visitor asks for an alert, confirms it and ends it by posting: tests/catalog/alerts.
    takes_posts = "alert" in form
    for method in ("put", "patch", "delete") if takes_posts else ("post", "put", "patch", "delete"):
        assert getattr(client, method)(path).status_code == 405
