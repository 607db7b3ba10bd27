"""Text whose UTF-8 was encoded twice is mended; right text is never touched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.normalise.text import decode_twice

# Right texts of the networks' languages, with the signs that shops put behind words.
TEXTS = [
    "Größe für Küche – 5 €, Maß ½ Zoll, „Süß“ ‚fein‘",
    "Café crème «brûlée» à l’œuf, 20 °C… ŒUVRE",
    "Crème ‹fine›, élève & forêt où naît l’été",
    "Niño pequeño ¿qué? ¡SÍ! ESPAÑA®",
    "Perché così? Città più bella: È L’ORA…",
    "Maçã, pão e limão — AÇÚCAR, São João, LÃ",
    "Blåbär på ö: ÅÄÖ, BLÅ–VIT™, FÖR “DIG”",
    "Rødgrød med fløde, ÆBLE»GRØD, Århus®",
    "Kahvikuppi, työpöytä, ÄITI™",
    "Zażółć gęślą jaźń, ŁÓDŹ – „Żółw”",
    "Příliš žluťoučký kůň úpěl ĎÁBELSKÉ ÓDY…",
    "Árvíztűrő tükörfúrógép, ÁRVÍZTŰRŐ®",
    "Καφετιέρα ΕΛΛΆΔΑ® «φως»",
    "Кофеварка «Ёлка» №5 – ЩЁТКА™",
    "咖啡机 红色·大号 “优质” ¥199",
    "コーヒーメーカー・赤 ™",
    "İstanbul ışığı ŞEKER® çağ",
    "Citroën, Häagen-Dazs®, NESCAFÉ®, Løgismose™, L’ORÉAL, Lancôme…, Estée®, Kérastase™",
    "Ø 20 mm ± 0,5 × 3 µm ² ³ ¼ ½ ¾ © ® ™ § ¶",
]
SIGNS = ["", "®", "™", "…", "–", "”", "»", "’", "°", " ®", "€", "!", "\xa0kg", "²"]


def encode_twice(text: str, codec: str = "cp1252") -> str:
    """Return UTF-8 read in another encoding; bytes that Windows-1252 does not have become controls."""
    return "".join(
        bytes([byte]).decode(codec) if byte not in b"\x81\x8d\x8f\x90\x9d" else chr(byte)
        for byte in text.encode()
    )


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("codec", ["cp1252", "latin-1"])
def test_what_was_encoded_twice_is_read_once_more(text, codec):
    assert decode_twice(encode_twice(text, codec)) == text


@pytest.mark.parametrize("text", TEXTS)
def test_right_text_stays_as_it_is_whatever_follows_its_words(text):
    for words in (text, text.upper(), text.lower(), text.title()):
        for word in [words, *words.split()]:
            for sign in SIGNS:
                assert decode_twice(word + sign) == word + sign


@given(st.text(max_size=40))
def test_reading_once_more_changes_nothing_more(text):
    once = decode_twice(text)
    assert decode_twice(once) == once


def test_text_that_is_wrong_in_one_place_only_stays():
    assert decode_twice("für fÃ¼r") == "für fÃ¼r"
