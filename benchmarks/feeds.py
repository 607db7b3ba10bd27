"""Big Tradedoubler feeds, written to disk once: a benchmark measures the reader, not the writer."""

import gzip
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

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


def items_of(path: Path) -> Iterator:
    """Read the file as the network's module does, without the network."""
    from importer.feed_files import FeedFile
    from importer.http.client import Http
    from importer.networks.contract import BadRow, FeedData
    from importer.networks.tradedoubler.products import parse_product

    feed = FeedData(external_id="31105", name="Benchmark")
    with path.open("rb") as file:
        for row in FeedFile(file, Http(name="Benchmark")):
            assert not isinstance(row, BadRow)
            yield from parse_product(row, feed)
