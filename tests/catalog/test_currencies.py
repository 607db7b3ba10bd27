"""The list of currencies."""

from django.utils import translation

from catalog.lib.currencies import currency_choices


def test_currencies_in_use_are_listed_by_code_in_the_language_of_the_page():
    choices = currency_choices()
    assert [code for code, _ in choices] == sorted(code for code, _ in choices)
    assert dict(choices)["SEK"] == "SEK – Swedish Krona"
    with translation.override("de"):
        assert dict(currency_choices())["SEK"] == "SEK – Schwedische Krone"


def test_money_of_the_past_and_test_codes_are_not_listed():
    codes = dict(currency_choices())
    assert {"EUR", "CHF", "DKK", "GBP", "NOK", "PLN", "USD"} <= set(codes)
    assert not {"DEM", "NLG", "HRK", "XXX", "XTS", "XAU"} & set(codes)
