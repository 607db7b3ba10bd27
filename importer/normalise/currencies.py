"""Currencies: codes, and the marks that shops write for them."""

from __future__ import annotations

from functools import lru_cache

from babel.numbers import get_currency_precision, list_currencies

# Mark -> the currencies it may stand for. "!": without a feed's currency the first is meant; "!!": also where
# the feed's is none of them. A test holds the table against babel's data. All casefolded, without last dots.
_MARKS = {
    "€": "EUR",
    "euro": "EUR",
    "euros": "EUR",
    "evro": "EUR",
    "евро": "EUR",
    "£": "GBP EGP LBP SYP SSP SDG GIP FKP SHP!!",
    "gb£": "GBP",
    "uk£": "GBP",
    "£e": "EGP",
    "us$": "USD",
    "$us": "USD",
    "usd$": "USD",
    "us dollar": "USD",
    "$": "USD CAD AUD NZD MXN HKD SGD TWD ARS CLP COP UYU BRL BBD BMD BND BSD BZD DOP FJD GYD JMD KYD "
    "LRD NAD SBD SRD TTD TVD XCD CUP!",
    "a$": "AUD",
    "au$": "AUD",
    "aud$": "AUD",
    "c$": "CAD NIO!",
    "ca$": "CAD",
    "cad$": "CAD",
    "$ca": "CAD",
    "$ c": "CAD",
    "nz$": "NZD",
    "hk$": "HKD",
    "s$": "SGD",
    "sg$": "SGD",
    "nt$": "TWD",
    "mx$": "MXN",
    "mex$": "MXN",
    "r$": "BRL",
    "ar$": "ARS",
    "cl$": "CLP",
    "col$": "COP",
    "co$": "COP",
    "rd$": "DOP",
    "ec$": "XCD",
    "j$": "JMD",
    "tt$": "TTD",
    "¥": "JPY CNY!",
    "jp¥": "JPY",
    "円": "JPY",
    "cn¥": "CNY",
    "rmb": "CNY",
    "元": "CNY TWD HKD",
    "kr": "SEK NOK DKK ISK",
    "kronor": "SEK",
    "skr": "SEK",
    "dkr": "DKK",
    "nkr": "NOK",
    "ikr": "ISK",
    "kroner": "DKK NOK",
    "kč": "CZK",
    "kc": "CZK",
    "korun": "CZK",
    "zł": "PLN",
    "zl": "PLN",
    "złotych": "PLN",
    "ft": "HUF",
    "forint": "HUF",
    "lei": "RON MDL!",
    "leu": "RON MDL!",
    "l": "RON MDL HNL LSL SZL",
    "лв": "BGN",
    "lv": "BGN LVL",
    "kn": "HRK",
    "din": "RSD",
    "дин": "RSD",
    "km": "BAM",
    "ден": "MKD",
    "lek": "ALL",
    "₽": "RUB",
    "руб": "RUB BYN!",
    "р": "RUB BYN",
    "₴": "UAH",
    "грн": "UAH",
    "br": "BYN ETB",
    "₸": "KZT",
    "₾": "GEL",
    "₼": "AZN",
    "֏": "AMD",
    "₺": "TRY",
    "tl": "TRY",
    "₪": "ILS",
    "₹": "INR",
    "rs": "INR PKR LKR NPR MUR SCR",
    "₨": "INR PKR LKR NPR MUR SCR",
    "₩": "KRW KPW!",
    "원": "KRW",
    "₫": "VND",
    "đ": "VND",
    "฿": "THB",
    "₱": "PHP",
    "rp": "IDR",
    "rm": "MYR",
    "₦": "NGN",
    "₵": "GHS",
    "gh₵": "GHS",
    "ksh": "KES",
    "tsh": "TZS",
    "ush": "UGX",
    "r": "ZAR",
    "fr": "CHF",
    "sfr": "CHF",
    "fr.": "CHF",
    "dh": "AED MAD",
    "dhs": "AED MAD",
    "د.إ": "AED",
    "درهم": "AED MAD",
    "ر.س": "SAR",
    "sr": "SAR",
    "﷼": "SAR IRR QAR OMR YER",
    "kd": "KWD",
    "د.ك": "KWD",
    "bd": "BHD",
    "د.ب": "BHD",
    "dt": "TND",
    "د.ت": "TND",
    "ج.م": "EGP",
    "﹩": "USD",
    "＄": "USD",
    "￥": "JPY CNY!",
    "￡": "GBP",
    "fcfa": "XAF XOF",
    "f\u202fcfa": "XOF",
    "f cfa": "XOF",
    "cfpf": "XPF",
    "₡": "CRC",
    "₲": "PYG",
    "gs": "PYG",
    # ISO 4217's numbers, of the networks' countries.
    **{"978": "EUR", "826": "GBP", "752": "SEK", "208": "DKK", "578": "NOK", "756": "CHF", "985": "PLN"},
    **{"203": "CZK", "348": "HUF", "840": "USD", "946": "RON", "975": "BGN", "949": "TRY"},
    "s/": "PEN",
    "bs": "BOB VES",
}
_CANDIDATES = {mark: tuple(codes.rstrip("!").split()) for mark, codes in _MARKS.items()}
_HAS_FIRST = {mark for mark, codes in _MARKS.items() if codes.endswith("!")}
_IS_FIRST = {mark for mark, codes in _MARKS.items() if codes.endswith("!!")}
# Written about a price, and no currency.
_TAX = frozenset(
    " ".join((word, tax))
    for word in (
        "incl",
        "inkl",
        "inc",
        "incl.",
        "inkl.",
        "inc.",
        "including",
        "inclusief",
        "inklusive",
        "vč",
        "z",
    )
    for tax in (
        "btw",
        "mwst",
        "vat",
        "tax",
        "moms",
        "mva",
        "alv",
        "iva",
        "tva",
        "dph",
        "vat-em",
        "áfa",
        "ust",
    )
) | {"ttc", "iva incluido", "iva inclusa", "iva incl", "s dph", "brutto"}
# Divided by a hundred nowhere where a shop sells, whatever the standard says.
_WHOLE_BY_CUSTOM = frozenset({"HUF", "IDR", "COP"})
# Of a mark: `CA $ incl. btw` has four.
MAX_WORDS = 5
_AROUND = " .,:;()[]\u00a0"
# What ISO 4217 has beside money: metals, baskets of currencies, "no currency".
_MONEY_IN_X = frozenset({"XAF", "XCD", "XCG", "XOF", "XPF"})


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    return frozenset(code for code in list_currencies() if code[0] != "X" or code in _MONEY_IN_X)


def clean_currency(value: object) -> str:
    """Return the ISO 4217 code in capitals, or "" for anything else."""
    return _currency(str(value)) if value else ""


@lru_cache(maxsize=1024)
def _currency(value: str) -> str:
    code = value.strip().upper()
    return code if len(code) == 3 and code in _codes() else ""


@lru_cache(maxsize=4096)
def read_mark(text: str, light: str = "") -> str | None:
    """Return the currency that a code, sign or word stands for; "" where there is none, None in doubt.

    `light` is the currency of the feed: `kr` is SEK in a feed in SEK. A mark of several currencies of which
    none is the feed's is in doubt.
    """
    mark = " ".join(text.split()).casefold().strip(_AROUND)
    if not mark or mark in _TAX:
        return ""
    if code := _currency(mark):
        return code
    candidates = _CANDIDATES.get(mark)
    if candidates is None:
        return _read_two(mark, light)
    if light in candidates or len(candidates) == 1:
        return light if light in candidates else candidates[0]
    return candidates[0] if mark in (_IS_FIRST if light else _HAS_FIRST) else None


def _read_two(mark: str, light: str) -> str | None:
    """Return the currency of a mark beside a code, or beside words about tax: `$ CAD`, `€ incl. btw`."""
    words = mark.split(" ")
    if len(words) > MAX_WORDS:  # a sentence; the ways to split it grow by four with each word
        return None
    for place in range(1, len(words)):
        one, other = " ".join(words[:place]), " ".join(words[place:])
        # A code says which of the dollars is meant.
        code = _currency(one) or _currency(other) or light
        first, second = read_mark(one, code), read_mark(other, code)
        if first is not None and second is not None:
            return first or second if not (first and second) or first == second else None
    return None


@lru_cache(maxsize=512)
def get_decimals(currency: str) -> int:
    """Return the decimals that prices in this currency have: 2 for most and for "", 0 for JPY, 3 for KWD."""
    if currency in _WHOLE_BY_CUSTOM:
        return 0
    return get_currency_precision(currency) if currency else 2
