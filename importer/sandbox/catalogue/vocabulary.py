"""The words the made-up catalogue is written with: brands, colours, sentences.

Every brand and line name is invented.
"""

from __future__ import annotations

# Seven brands for each department: how many there are must share no factor with LINES and COLOURS.
BRANDS = {
    "sport": ("Nordfjell", "Kvitlom", "Altavio", "Ridgeway & Holt", "Fjordane", "Tarnhow", "Bergtal"),
    "home": ("Hjemvik", "Brunello Casa", "Solvang", "Kesselhaus", "Marlow Bay", "Lindhav", "Orsetto"),
    "tech": ("Auralis", "Nexiva", "Klangwerk", "Pixelund", "Voltera", "Sonority", "Bitforge"),
    "tools": ("Hultman", "Ferrox", "Kraftheim", "Stonebridge", "Bjorkvist", "Torqline", "Werkmann"),
    "fashion": (
        "Elvira Strand",
        "Northlane",
        "Maison Aubel",
        "Tegel & Tvist",
        "Hafen 9",
        "Willowmere",
        "Skjold",
    ),
    "play": ("Papirfugl", "Lantern Press", "Kiebitz Verlag", "Tinderbox", "Maplewick", "Ugglan", "Steinchen"),
}

LINES = (
    "Aster",
    "Boreal",
    "Cirrus",
    "Delta",
    "Ember",
    "Fathom",
    "Glacier",
    "Halo",
    "Indigo",
    "Juniper",
    "Kestrel",
)

# (sv, de, en, da, nb) and the colour the pictures are drawn with.
COLOURS = (
    (("svart", "Schwarz", "black", "sort", "svart"), "#2b2f36"),
    (("skogsgrön", "Waldgrün", "forest green", "skovgrøn", "skoggrønn"), "#2f6b4f"),
    (("havsblå", "Meerblau", "ocean blue", "havblå", "havblå"), "#2563a8"),
    (("tegelröd", "Ziegelrot", "brick red", "teglrød", "teglrød"), "#b5482f"),
    (("sand", "Sand", "sand", "sand", "sand"), "#c2a477"),
)

DESCRIPTIONS = {
    "sv": (
        "{title} från {brand} är gjord för att hålla i många år.",
        "Genomtänkta detaljer och material som känns rätt i handen.",
        "Lätt att sköta, lätt att tycka om.",
        "Två års garanti och reservdelar i lager.",
        "Utvald av vår redaktion i kategorin {category}.",
    ),
    "de": (
        "{title} von {brand} ist für viele Jahre gemacht.",
        "Durchdachte Details und Materialien, die gut in der Hand liegen.",
        "Leicht zu pflegen und im Alltag zuverlässig.",
        "Zwei Jahre Garantie, Ersatzteile ab Lager.",
        "Von unserer Redaktion in der Kategorie {category} empfohlen.",
    ),
    "en": (
        "The {title} by {brand} is built to last for years.",
        "Thoughtful details and materials that feel right in the hand.",
        "Easy to look after and reliable every day.",
        "Two-year warranty, with spare parts in stock.",
        "Picked by our editors in {category}.",
    ),
    "da": (
        "{title} fra {brand} er lavet til at holde i mange år.",
        "Gennemtænkte detaljer og materialer, der føles rigtige i hånden.",
        "Nem at passe og driftssikker hver dag.",
        "To års garanti og reservedele på lager.",
        "Udvalgt af vores redaktion i kategorien {category}.",
    ),
    "nb": (
        "{title} fra {brand} er laget for å vare i mange år.",
        "Gjennomtenkte detaljer og materialer som føles riktige i hånden.",
        "Lett å ta vare på og pålitelig hver dag.",
        "To års garanti og reservedeler på lager.",
        "Valgt av redaksjonen vår i kategorien {category}.",
    ),
}
