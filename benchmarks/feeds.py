"""Big Tradedoubler feeds, written to disk once: a benchmark measures the reader, not the writer."""

import csv
import gzip
import io
import json
import random
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from xml.sax.saxutils import escape

import orjson
from lxml import etree

HALF = "neu"  # in the title of every other item


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


KINDS = _words("""
    Laufschuh Wanderschuh Winterstiefel Regenjacke Daunenjacke Rucksack Zelt Schlafsack Fahrrad Helm
    Stehlampe Tischlampe Sofa Sessel Teppich Vorhang Bratpfanne Kochtopf Mixer Kaffeemaschine
    Kopfhörer Lautsprecher Fernseher Laptop Monitor Tastatur Kamera Objektiv Uhr Armband
    Hemd Hose Kleid Rock Pullover Mantel Schal Handschuhe Gürtel Tasche
""")
ADJECTIVES = _words("""
    leicht warm wasserdicht robust modern klassisch schmal breit lang kurz rot blau grün schwarz weiß
    grau beige golden silbern matt glänzend weich fest klein groß faltbar elegant sportlich
""")
CLICK = "https://pdt.tradedoubler.com/click?a(3000001)"
SYLLABLES = _words("nor fjel dal berg lun vik stra kal mer ton ri sol tan wes hol gra")


def write_feed(path: Path, count: int, *, changed: float = 0.0) -> Path:
    """Write a feed of `count` products of about 1.4 kB each; a share `changed` of them has another price."""
    with gzip.open(path, "wb", compresslevel=1) as file:
        for part in feed_bytes(count, changed):
            file.write(part)
    return path


def feed_bytes(count: int, changed: float = 0.0) -> Iterator[bytes]:
    yield b'{"productHeader":{"totalHits":%d},"products":[\n' % count
    step = int(1 / changed) if changed else 0
    parts: list[bytes] = []
    for number in range(count):
        raised = 1 if step and number % step == 0 else 0
        parts.append(json.dumps(make_product(number, raised), ensure_ascii=False).encode())
        if len(parts) == 500:
            yield (b",\n" if number >= 500 else b"") + b",\n".join(parts)
            parts = []
    if parts:
        yield (b",\n" if count > 500 else b"") + b",\n".join(parts)
    yield b"]}"


def make_product(number: int, raised: int = 0) -> dict:
    """Return a product as the Products API writes it. `number` decides all but the price."""
    chance = random.Random(number)
    kind = KINDS[int(chance.paretovariate(0.7)) % len(KINDS)]
    brand = brand_name(int(chance.paretovariate(0.5)) % 2_000)
    words = [brand, kind, chance.choice(ADJECTIVES), chance.choice(ADJECTIVES)]
    words += [f"{chance.choice(SYLLABLES)}{chance.choice(SYLLABLES)}{chance.choice(SYLLABLES)}"]
    words += [HALF] if number % 2 else []
    title = " ".join([*words, f"{chance.randrange(100, 999)}"])
    price = round(chance.lognormvariate(4, 1) + raised, 2)
    shop = f"shop{number % 40}.example"
    link = f"https://{shop}/p/{title.replace(' ', '-')}/{number}"
    text = f"Der {kind} von {brand} ist {chance.choice(ADJECTIVES)} und {chance.choice(ADJECTIVES)}. "
    old = [{"name": "previous_price", "value": f"{price * 1.25:.2f}"}] if number % 3 == 0 else []
    return {
        "name": title,
        "language": "de",
        "description": f"<p>{text * 5}</p>",
        "shortDescription": text,
        "brand": brand,
        "manufacturer": "",
        "productImage": {"url": f"https://img.{shop}/{number}-1.jpg,https://img.{shop}/{number}-2.jpg"},
        "identifiers": {"ean": gtin(number), "sku": f"SKU-{number}"},
        "categories": [{"id": 5, "name": f"{kind[0]}-Welt > {kind} > {chance.choice(ADJECTIVES).title()}"}],
        "fields": [{"name": "colour", "value": chance.choice(ADJECTIVES)}, *old],
        "offers": [
            {
                "feedId": 31105,
                "productUrl": f"{CLICK}p({number % 40})product(31105-{number})ttid(3)url({link})",
                "priceHistory": [
                    {"price": {"value": f"{price:.2f}", "currency": "EUR"}, "date": 1_760_000_000_000}
                ],
                "modified": 1_760_000_000_000,
                "inStock": 5 if number % 7 else 0,
                "availability": "in stock" if number % 7 else "out of stock",
                "deliveryTime": "2-3 Tage",
                "condition": "new",
                "shippingCost": "4.95",
                "sourceProductId": f"AB-{number:09}",
                "programLogo": f"https://hst.tradedoubler.com/file/{number % 40}/logo.gif",
                "programName": f"Shop {number % 40}",
                "id": f"{number:x}",
            }
        ],
    }


def brand_name(number: int) -> str:
    first, second = divmod(number, len(SYLLABLES))
    ending = number // 256 or ""
    return f"{SYLLABLES[second]}{SYLLABLES[first % len(SYLLABLES)]}{ending}".title()


def gtin(number: int) -> str:
    digits = f"40{number:010}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def write_as(path: Path, count: int, form: str, *, changed: float = 0.0) -> Path:
    """Write the feed as "json" on one line, "xml" or "csv", with what TradeTracker's files have of it."""
    step = int(1 / changed) if changed else 0
    products = (make_product(n, 1 if step and n % step == 0 else 0) for n in range(count))
    with gzip.open(path, "wt", compresslevel=1, encoding="utf-8", newline="") as file:
        if form == "json":
            file.write('{"products": [')
            for number, product in enumerate(products):
                file.write(", " if number else "")
                json.dump(product, file, ensure_ascii=False)
            file.write("]}")
        elif form == "xml":
            file.write("<products>\n")
            for row in map(_flat, products):
                cells = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in row.items())
                file.write(f"<product>{cells}</product>\n")
            file.write("</products>\n")
        else:
            rows = map(_flat, products)
            first = next(rows)
            writer = csv.DictWriter(file, first, delimiter=";")
            writer.writeheader()
            writer.writerows(chain([first], rows))
    return path


def _flat(product: dict) -> dict[str, str]:
    offer = product["offers"][0]
    return {
        "ID": offer["sourceProductId"],
        "name": product["name"],
        "price": offer["priceHistory"][0]["price"]["value"],
        "currency": "EUR",
        "URL": offer["productUrl"],
        "imageURL": product["productImage"]["url"],
        "description": product["description"],
        "categoryPath": product["categories"][0]["name"],
        "brand": product["brand"],
        "EAN": product["identifiers"]["ean"],
        "stock": offer["availability"],
        "deliveryCosts": offer["shippingCost"],
        "color": product["fields"][0]["value"],
        "shortDescription": product["shortDescription"],
    }


def items_of(path: Path, watch=None) -> Iterator:
    """Read the file as the network's module does, without the network."""
    from importer.feed_files.kept import KeptStream
    from importer.http.client import Http
    from importer.networks.contract import FeedData, FeedWatch
    from importer.networks.downloads import read_rows
    from importer.networks.items import read_items
    from importer.networks.tradedoubler.products import parse_product
    from importer.networks.tradetracker.files import parse_file_row

    watch = watch or FeedWatch()
    feed = FeedData(external_id="31105", name="Benchmark")

    def parse_flat(row, feed):
        return (parse_file_row(row, "EUR", feed),)

    parse = parse_flat if {".xml", ".csv"} & set(path.suffixes) else parse_product
    with path.open("rb") as file:
        stream = KeptStream(file, path.stat().st_size, "")
        yield from read_items(read_rows(stream, Http(name="Benchmark"), watch), parse, feed, watch)
    assert not watch.bad_count


def floor_of(path: Path) -> int:
    """Read the file into dictionaries with the quickest library there is, and no thought of broken rows."""
    with gzip.open(path, "rb") as file:
        if ".csv" in path.suffixes:
            return sum(1 for _ in csv.DictReader(io.TextIOWrapper(file, "utf-8", newline=""), delimiter=";"))
        if ".xml" in path.suffixes:
            count = 0
            for _, element in etree.iterparse(file, tag="product"):
                count += len({cell.tag: cell.text for cell in element}) > 0
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
            return count
        first = file.readline()
        if not file.peek(1):  # all on one line
            return len(orjson.loads(first)["products"])
        lines = (line.rstrip(b",\n") for line in file)
        return sum(1 for line in lines if orjson.loads(line[:-2] if line.endswith(b"]}]}") else line))
