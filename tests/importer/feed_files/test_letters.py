"""The encoding of a text that is not UTF-8, found by the letters of its words."""

import pytest

from importer.feed_files import FeedFile, Letters
from importer.feed_files.letters import find_encoding
from importer.http.client import Http
from tests.importer.feed_files.reading import Pieces

# Encoding -> words in it, none of them said the same by another encoding.
WORDS = {
    "cp1252": [
        "Hårtørrer og ærø",
        "Größe – Übermaß",
        "Mörkblå skjorta…",
        "Niño pequeño, camión",
        "½ liter",
        "Caffè",
    ],
    "cp1250": [
        "Żółta łopata",
        "Příliš žluťoučký kůň",
        "Tűzőgép",
        "Žltá dĺžka, kľúč",
        "Scaun înălţător",
        "ŻÓŁTA ŁOPATA",
    ],
    "cp1251": ["Кофеварка", "Дървен стол", "Стілець, їжа", "ЛАМПА", "Стул"],
    "cp1254": ["Işık lambası", "Güneş gözlüğü", "ÇOCUK AYAKKABISI, İĞNE"],
    "cp1253": ["Καφετιέρα κόκκινη"],
    "cp1257": ["Ąžuolinė kėdė, žalias čiužinys"],
    "iso8859-15": ["Cœur brisé", "Bœuf séché", "Œuf à la coque, 5 €"],
    "iso8859-2": ["Świąteczny obrus", "Příliš žluťoučký kůň dřevěná židle"],
    "mac_roman": ["Café crème brûlée", "Größe für Küche", "Mörkblå skjorta"],
}
# In each of these, one letter is all there is to see.
ONE_LETTER = [
    ("Łopata", "cp1250", "pl"),
    ("Kočárek", "cp1250", "CZ"),
    ("Yeşil", "cp1254", "tr"),
    ("Crêpe", "cp1252", "fr"),
]


@pytest.mark.parametrize(
    ("words", "encoding"), [(text, name) for name, texts in WORDS.items() for text in texts]
)
def test_words_tell_their_encoding(words, encoding):
    data = words.encode(encoding)
    assert data.decode(find_encoding(data)) == words


@pytest.mark.parametrize(("words", "encoding", "language"), ONE_LETTER)
def test_the_language_of_the_feed_decides_where_one_letter_is_in_doubt(words, encoding, language):
    letters = Letters(language)
    letters.learn(words.encode(encoding))
    assert letters.read(words.encode(encoding)) == words

    unsure = Letters()
    unsure.learn(words.encode(encoding))
    assert "\ufffd" in unsure.read(words.encode(encoding))
    assert unsure.found == ""


def test_what_was_found_last_time_decides_too():
    letters = Letters(known="cp1250")
    letters.learn("Łopata".encode("cp1250"))
    assert letters.found == "cp1250"


def test_many_words_are_stronger_than_a_wrong_language():
    words = "Hårtørrer og grøn stol på ærø, blå køkken, børn, smør, tøj, dør, få, rød".encode("cp1252")
    letters = Letters("cs")
    letters.learn(words)
    assert letters.found == "cp1252"


def test_a_declared_encoding_is_believed_but_for_latin_1():
    letters = Letters("pl")
    letters.declare("iso8859-2")
    letters.learn("Tjockö".encode("cp1252"))
    assert letters.read(b"\xb1") == "ą"

    latin = Letters()
    latin.declare("cp1252")
    assert latin.read(b"\xe6") == "æ"
    latin.learn("Żółta łopata, krzesło dębowe, świąteczny".encode("cp1250"))
    assert latin.read(b"\xe6") == "ć"


@pytest.mark.parametrize("size", [1 << 16, 700], ids="pieces of {}".format)
def test_a_feed_that_is_utf8_is_never_asked_for_its_letters(size):
    data = b"ID;name\n" + "1;Żółta łopata – 5 €\n".encode() * 5_000
    letters = Letters()
    letters.learn = None
    rows = list(FeedFile(Pieces(data, size), Http(name="Net"), "text/csv", letters=letters))
    assert {row["name"] for row in rows} == {"Żółta łopata – 5 €"}


def test_rows_of_one_supplier_in_another_encoding_are_read_too():
    data = b"ID;name\n" + "1;Świąteczny obrus\n".encode() * 50 + "2;Żółta łopata\n".encode("cp1250")
    rows = list(FeedFile(Pieces(data), Http(name="Net"), "text/csv", letters=Letters()))
    assert (rows[0]["name"], rows[-1]["name"]) == ("Świąteczny obrus", "Żółta łopata")
