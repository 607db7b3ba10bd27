"""The marks of currencies, held against babel's data."""

import pytest
from babel.numbers import get_currency_symbol

from importer.normalise import read_mark
from importer.normalise.currencies import get_decimals

LOCALES = {
    "EUR": ("de_DE", "nl_NL", "fr_FR", "fi_FI", "es_ES", "it_IT"),
    "SEK": ("sv_SE",),
    "DKK": ("da_DK",),
    "NOK": ("nb_NO",),
    "GBP": ("en_GB",),
    "PLN": ("pl_PL",),
    "CZK": ("cs_CZ",),
    "HUF": ("hu_HU",),
    "CHF": ("de_CH", "fr_CH", "it_CH"),
    "USD": ("en_US", "en_CA", "en_AU"),
    "CAD": ("en_CA", "en_US", "fr_CA"),
    "AUD": ("en_AU", "en_US"),
    "HKD": ("zh_HK", "en_US"),
    "JPY": ("ja_JP", "en_US", "zh_CN"),
    "INR": ("hi_IN", "en_US"),
    "RUB": ("ru_RU",),
    "BRL": ("pt_BR", "en_US"),
    "MXN": ("es_MX", "en_US"),
    "TRY": ("tr_TR",),
    "ILS": ("he_IL",),
    "KRW": ("ko_KR",),
    "ISK": ("is_IS",),
    "UAH": ("uk_UA",),
    "BGN": ("bg_BG",),
    "RON": ("ro_RO",),
    "NZD": ("en_NZ", "en_US"),
    "SGD": ("en_SG",),
    "ZAR": ("en_ZA",),
}


@pytest.mark.parametrize(
    ("code", "locale"), [(code, locale) for code, locales in LOCALES.items() for locale in locales]
)
def test_the_sign_that_a_country_writes_is_its_currency_in_a_feed_of_that_currency(code, locale):
    assert read_mark(get_currency_symbol(code, locale), code) == code


@pytest.mark.parametrize(
    ("mark", "light", "currency"),
    [
        ("", "EUR", ""),
        ("kr", "SEK", "SEK"),
        ("kr.", "DKK", "DKK"),
        ("kr", "EUR", None),
        ("kr", "", None),
        ("$", "CAD", "CAD"),
        ("$", "EUR", None),
        ("$", "", "USD"),
        ("US$", "CAD", "USD"),
        ("£", "EUR", "GBP"),
        ("incl. BTW", "EUR", ""),
        ("€ incl. btw", "EUR", "EUR"),
        ("$ CAD", "USD", "CAD"),
        ("€ SEK", "SEK", None),
        ("Quatloos", "EUR", None),
        ("XYZ", "EUR", None),
    ],
)
def test_a_mark_is_read_in_the_light_of_the_feed(mark, light, currency):
    assert read_mark(mark, light) == currency


def test_a_currency_has_the_decimals_that_its_shops_write():
    assert [get_decimals(code) for code in ("EUR", "KWD", "JPY", "HUF", "")] == [2, 3, 0, 0, 2]
