"""Tradedoubler Products API for advertisers: own feeds, products and categories (tradedoubler.md 12)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, ClassVar
from urllib.parse import quote

from django.conf import settings
from lxml import etree

from importer.http.answers import Answer
from importer.http.auth import QueryToken
from importer.http.errors import NetworkError
from importer.networks.advertiser import Advertiser, LoginData
from importer.networks.credentials import token_field
from importer.networks.items import as_dict, as_dicts
from importer.networks.tradedoubler.answers import error_of
from importer.normalise import clean_currency, clean_text, parse_time


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFeedData:
    """A feed of ours as Tradedoubler keeps it. `programs`: id -> name."""

    external_id: str
    name: str
    currency: str = ""  # ISO 4217
    language: str = ""  # ISO 639-1, lower case
    is_active: bool = True
    product_count: int | None = None
    unmapped_count: int | None = None  # of its categories
    changed_at: datetime | None = None
    programs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ProductError:
    """What Tradedoubler says of one product (`id`), or ("") of a whole request."""

    code: str
    id: str
    said: str


@dataclass(frozen=True, slots=True)
class HeldProduct:
    """A product as Tradedoubler holds it; the price as it is written there."""

    name: str
    price: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryData:
    """A category of Tradedoubler's tree; its path in one language."""

    external_id: str
    path: str
    language: str
    product_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingData:
    """An own category of a feed, and the Tradedoubler category that it is; "" while it is not mapped."""

    feed_id: str
    name: str
    category_id: str = ""


LOOKUP = 50  # ids in one question
DELETES = 100  # ids in one address
MAX_ADDRESS = 6_000  # characters of them
# Codes that speak of the whole request, and those after which the same is sent again.
WHOLE = frozenset({"1", "2", "3", "4", "6", "7", "PF_200", "PF_210", "PF_300", "PF_392"})
AGAIN = frozenset({"5", "PF_250"})


class TradedoublerProducts(Advertiser):
    """A token of type ADVERTISER for the system PRODUCTS."""

    label = "Products"
    use = "Push products and map categories."
    credential_fields: ClassVar = {
        "token": token_field(
            "Token",
            help_text="In Tradedoubler: Settings > Management > Manage tokens, that of system PRODUCTS.",
        ),
    }

    def check(self) -> LoginData:
        """Return the programs of the feeds: the Products API tells no more of a token."""
        programs: dict[str, str] = {}
        for feed in self.fetch_feeds():
            programs |= feed.programs
        return LoginData(programs=programs)

    def fetch_feeds(self) -> Iterator[OwnFeedData]:
        """Yield the feeds of the token's programs."""
        for feed in self._list_in(self._get("productFeeds"), "feeds"):
            if feed.get("feedId"):
                yield _feed(feed)

    def find_feed(self, feed_id: str) -> OwnFeedData | None:
        """Return one feed; None where it is none of ours."""
        return next((feed for feed in self.fetch_feeds() if feed.external_id == feed_id), None)

    def fetch_last_update(self, feed_id: str) -> str:
        """Return when the file of a feed was written last, as Tradedoubler writes it: without a zone."""
        data = self._get("productsUnlimited/lastUpdated", fid=feed_id)
        return str(data.get("lastUpdatedTime") or "")

    def find_products(self, feed_id: str, ids: Sequence[str]) -> dict[str, HeldProduct]:
        """Return what Tradedoubler holds of some products, by id; at most `LOOKUP` at once."""
        found: dict[str, HeldProduct] = {}
        data = self._get("products", fid=feed_id, spId=list(ids), page=1, pageSize=len(ids))
        for product in self._list_in(data, "products"):
            for offer in as_dicts(product.get("offers")):
                key = str(offer.get("sourceProductId") or "")
                if key in ids and str(offer.get("feedId")) == feed_id:
                    found[key] = HeldProduct(str(product.get("name") or ""), _price(offer))
        return found

    # --- Products ---------------------------------------------------------------------------------
    def push(
        self, feed_id: str, body: bytes | BinaryIO, format: str, *, replaces: bool = False
    ) -> list[ProductError]:
        """Post products, and return what Tradedoubler says of single ones. Sent twice, a post counts once.

        `replaces`: the feed holds these and no others afterwards. Raises `PostRefused` where the post as a
        whole was refused for something in it.
        """
        url = self._url("products", fid=feed_id, **({"mode": "replace"} if replaces else {}))
        headers = {"Content-Type": f"application/{format}; charset=utf-8", "Accept": "application/json"}
        # Not by `request`: a whole feed takes longer than a page may.
        with self.http.stream("POST", url, auth=self._token, data=body, headers=headers) as stream:
            answer = stream.finish()
        return self._outcome(answer)

    def delete(self, feed_id: str, ids: Sequence[str]) -> list[ProductError]:
        """Delete products; what is not there is no error. How many fit one address: `delete_batches`."""
        url = self._url("products", fid=feed_id, spId=list(ids))
        return self._outcome(self.http.request("DELETE", url, auth=self._token, idempotent=True))

    def delete_all(self, feed_id: str) -> None:
        """Delete every product of a feed."""
        url = self._url("products", fid=feed_id, deleteAll="true")
        self._outcome(self.http.request("DELETE", url, auth=self._token, idempotent=True))

    # --- Categories -------------------------------------------------------------------------------
    def fetch_categories(self, language: str = "") -> list[CategoryData]:
        """Return the tree in a language, parents before children; English where it has no other."""
        found: list[CategoryData] = []
        data = self._get("productCategories", language=language)
        nodes = [("", node) for node in as_dicts(data.get("categoryTrees"))]
        while nodes:
            below: list[tuple[str, Mapping[str, Any]]] = []
            for parent, node in nodes:
                if not (name := clean_text(node.get("name"), 200)) or not node.get("id"):
                    continue
                path = f"{parent} > {name}" if parent else name
                count = node.get("productCount")
                found.append(
                    CategoryData(
                        external_id=str(node["id"]),
                        path=path,
                        language=clean_text(node.get("language"), 5).lower(),
                        product_count=count if isinstance(count, int) else 0,
                    )
                )
                children = as_dicts(node.get("subCategories")) or as_dicts(node.get("children"))
                below += [(path, child) for child in children]
            nodes = below
        return found

    def fetch_mappings(self, feed_ids: Sequence[str]) -> list[MappingData]:
        """Return how the feeds' own categories are mapped."""
        found = []
        for row in self._list_in(self._get("categoryMappings", fid=list(feed_ids)), "categoryMappings"):
            if row.get("externalCategoryName"):
                number = row.get("tdCategoryId")
                found.append(
                    MappingData(
                        feed_id=str(row.get("feedId") or ""),
                        name=str(row["externalCategoryName"]),
                        category_id=str(number) if number else "",  # null, 0 or left out: not mapped
                    )
                )
        return found

    def create_mappings(self, mappings: Sequence[MappingData]) -> None:
        """Map own categories. Raises NetworkError with the network's reason; then it may have taken some."""
        body = {
            "categoryMappings": [
                {
                    "externalCategoryName": one.name,
                    "feedId": int(one.feed_id),
                    "tdCategoryId": int(one.category_id),
                }
                for one in mappings
            ]
        }
        answer = self.http.request(
            "POST",
            f"{settings.TRADEDOUBLER_API_URL.rstrip('/')}/categoryMappings",
            auth=self._token,
            json=body,
            headers={"Accept": "application/json"},
            idempotent=True,
        )
        if errors := self._outcome(answer):
            raise self.http.refused("mapping_refused", said=errors[0].said)

    # --- Requests ---------------------------------------------------------------------------------
    @property
    def _token(self) -> QueryToken:
        return QueryToken("token", self.credentials["token"])

    def _url(self, path: str, **keys: object) -> str:
        given = {name: value for name, value in keys.items() if value not in (None, "")}
        matrix = "".join(f";{name}={_matrix_value(value)}" for name, value in given.items())
        return f"{settings.TRADEDOUBLER_API_URL.rstrip('/')}/{path}{matrix}"

    def _get(self, path: str, **keys: object) -> dict[str, Any]:
        answer = self.http.request("GET", self._url(f"{path}.json", **keys), auth=self._token)
        if failure := self._failure(answer):
            raise failure
        data = self.http.json(answer)
        if not isinstance(data, dict):
            raise self.http.unavailable("unknown_form")
        return data

    def _list_in(self, data: dict[str, Any], name: str) -> list[Mapping[str, Any]]:
        if not isinstance(data.get(name), list):
            raise self.http.unavailable("no_list", name=name)
        return as_dicts(data[name])

    def _outcome(self, answer: Answer) -> list[ProductError]:
        """Return what a write says of single products; raise what it says of all of them."""
        errors = read_errors(answer.content)
        whole = [error for error in errors if error.code in WHOLE or error.code in AGAIN]
        if named := [error for error in errors if error.id and not whole]:
            return named
        if answer.status_code < 400 and not errors:
            return []
        code = (whole or errors or [ProductError("", "", "")])[0].code
        said = (whole or errors or [ProductError("", "", "")])[0].said
        if (
            code in WHOLE
            or answer.status_code in (401, 403, 404, 405, 406, 415, 429)
            or (answer.status_code >= 500 or code in AGAIN)
        ):
            failure = self._failure(answer)
            assert failure is not None
            raise failure
        raise PostRefused(
            ProductError(code, "", said or f"status {answer.status_code}"),
            is_too_large=answer.status_code == 413,
        )

    def _failure(self, answer: Answer) -> NetworkError | None:
        """Return the error that a whole request ended in; None where it did not."""
        first = next(iter(read_errors(answer.content)), None)
        code, said = (first.code, first.said) if first else error_of(answer.text)
        status = answer.status_code
        if status < 400 and not code:
            return None
        if (len(code) == 1 and code in "12") or code == "PF_300":
            return self.http.refused("token_refused", said=said)
        if code == "PF_392":
            return self.http.refused("feed_of_another", said=said)
        if code == "PF_250" or (code == "5" and status >= 500):
            return self.http.unavailable("server_problem", who=self.http.name, status=status, said=said)
        return self.http.failure(max(status, 400), answer.headers, f"{code} {said}".strip())


class PostRefused(Exception):
    """A post was refused as a whole, for something in it that the answer does not name."""

    def __init__(self, error: ProductError, *, is_too_large: bool = False) -> None:
        super().__init__(error.code)
        self.error, self.is_too_large = error, is_too_large


def read_errors(content: bytes) -> list[ProductError]:
    """Return the errors of an answer in JSON or XML; none where it has none, or cannot be read. Pure.

    Success was seen, or is printed, as `{"errors":[]}`, `{}`, `[]` and nothing at all.
    """
    text = content.strip()
    if text[:1] == b"<":
        return _xml_errors(text)
    try:
        data = json.loads(text or b"{}")
    except (ValueError, RecursionError):
        return []
    found = data.get("errors") if isinstance(data, dict) else data
    if isinstance(found, dict):
        found = [found]
    return [
        ProductError(
            clean_text(one.get("code"), 20),
            str(one.get("sourceProductId") or ""),
            clean_text(one.get("message"), 300),
        )
        for one in as_dicts(found)
        if one.get("code") or one.get("message")
    ]


def _xml_errors(text: bytes) -> list[ProductError]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(text, parser)
    except etree.XMLSyntaxError:
        return []
    found = []
    for entry in root.iter("{*}e", "{*}error"):
        values = {
            etree.QName(child).localname: child.text or ""
            for child in entry
            if child.tag is not etree.Comment
        }
        if values.get("code"):
            found.append(
                ProductError(
                    clean_text(values["code"], 20),
                    values.get("sourceProductId", ""),
                    clean_text(values.get("message"), 300),
                )
            )
    return found


def delete_batches(ids: Iterable[str]) -> Iterator[list[str]]:
    """Yield ids in portions that fit one address."""
    batch: list[str] = []
    length = 0
    for one in ids:
        size = len(_matrix_value(one)) + 1
        if batch and (len(batch) >= DELETES or length + size > MAX_ADDRESS):
            yield batch
            batch, length = [], 0
        batch.append(one)
        length += size
    if batch:
        yield batch


def _matrix_value(value: object) -> str:
    values = value if isinstance(value, list) else [value]
    return ",".join(quote(str(one), safe="") for one in values)


def _price(offer: Mapping[str, Any]) -> str:
    """Return the newest price of an offer, as it is written there."""
    history = as_dicts(offer.get("priceHistory"))
    newest = max(history, key=lambda entry: str(entry.get("date") or "").zfill(20), default={})
    return str(as_dict(newest.get("price")).get("value") or "")


def _feed(feed: Mapping[str, Any]) -> OwnFeedData:
    def count(name: str) -> int | None:
        return feed[name] if isinstance(feed.get(name), int) else None

    return OwnFeedData(
        external_id=str(feed["feedId"]),
        name=clean_text(feed.get("name"), 200) or str(feed["feedId"]),
        currency=clean_currency(feed.get("currencyISOCode")),
        language=clean_text(feed.get("languageISOCode"), 5).lower(),
        is_active=feed.get("active") is not False,
        product_count=count("numberOfProducts"),
        unmapped_count=count("numberOfUnmappedCategories"),
        changed_at=parse_time(feed.get("lastModifiedTime")),
        programs={
            str(program["programId"]): clean_text(program.get("name"), 200) or str(program["programId"])
            for program in as_dicts(feed.get("programs"))
            if program.get("programId")
        },
    )
