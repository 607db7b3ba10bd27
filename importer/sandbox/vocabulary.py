"""The words the made-up catalogue is written with: families of products, brands, colours, sentences.

Every brand and line name is invented.
"""

from __future__ import annotations

from dataclasses import dataclass

LANGUAGES = ("sv", "de", "en", "da", "nb")

DEPARTMENTS = {
    "sport": ("Sport & fritid", "Sport & Freizeit", "Sports & outdoor", "Sport & fritid", "Sport & fritid"),
    "home": ("Hem & kök", "Haushalt & Küche", "Home & kitchen", "Bolig & køkken", "Hjem & kjøkken"),
    "tech": ("Elektronik", "Elektronik", "Electronics", "Elektronik", "Elektronikk"),
    "tools": (
        "Verktyg & trädgård",
        "Werkzeug & Garten",
        "Tools & garden",
        "Værktøj & have",
        "Verktøy & hage",
    ),
    "fashion": ("Kläder", "Mode", "Fashion", "Mode", "Klær"),
    "play": ("Böcker & leksaker", "Bücher & Spielzeug", "Books & toys", "Bøger & legetøj", "Bøker & leker"),
}


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of product: what it is called in each language (singular|plural) and what it costs in euro."""

    slug: str
    department: str
    low: int
    high: int
    words: tuple[str, ...]

    def name(self, language: str) -> str:
        return self.words[LANGUAGES.index(language)].partition("|")[0]

    def category(self, language: str) -> tuple[str, str]:
        """Return department and plural name, as a shop's two-step category."""
        index = LANGUAGES.index(language)
        return DEPARTMENTS[self.department][index], self.words[index].partition("|")[2]


FAMILIES = (
    Family(
        "trail-shoe",
        "sport",
        59,
        189,
        (
            "Trailsko|Trailskor",
            "Trailschuh|Trailschuhe",
            "Trail Running Shoe|Trail shoes",
            "Trailsko|Trailsko",
            "Terrengsko|Terrengsko",
        ),
    ),
    Family(
        "backpack",
        "sport",
        39,
        249,
        (
            "Vandringsryggsäck|Ryggsäckar",
            "Wanderrucksack|Rucksäcke",
            "Hiking Backpack|Backpacks",
            "Vandrerygsæk|Rygsække",
            "Tursekk|Sekker",
        ),
    ),
    Family(
        "tent",
        "sport",
        99,
        649,
        ("Kupoltält|Tält", "Kuppelzelt|Zelte", "Dome Tent|Tents", "Kuppeltelt|Telte", "Kuppeltelt|Telt"),
    ),
    Family(
        "bike-helmet",
        "sport",
        35,
        179,
        (
            "Cykelhjälm|Cykelhjälmar",
            "Fahrradhelm|Fahrradhelme",
            "Bike Helmet|Bike helmets",
            "Cykelhjelm|Cykelhjelme",
            "Sykkelhjelm|Sykkelhjelmer",
        ),
    ),
    Family(
        "coffee-maker",
        "home",
        39,
        799,
        (
            "Kaffebryggare|Kaffebryggare",
            "Kaffeemaschine|Kaffeemaschinen",
            "Coffee Maker|Coffee makers",
            "Kaffemaskine|Kaffemaskiner",
            "Kaffetrakter|Kaffetraktere",
        ),
    ),
    Family(
        "kettle",
        "home",
        24,
        129,
        (
            "Vattenkokare|Vattenkokare",
            "Wasserkocher|Wasserkocher",
            "Kettle|Kettles",
            "Elkedel|Elkedler",
            "Vannkoker|Vannkokere",
        ),
    ),
    Family(
        "lamp",
        "home",
        19,
        289,
        (
            "Bordslampa|Lampor",
            "Tischlampe|Lampen",
            "Table Lamp|Lamps",
            "Bordlampe|Lamper",
            "Bordlampe|Lamper",
        ),
    ),
    Family(
        "frying-pan",
        "home",
        19,
        139,
        (
            "Stekpanna|Stekpannor",
            "Bratpfanne|Pfannen",
            "Frying Pan|Frying pans",
            "Stegepande|Pander",
            "Stekepanne|Panner",
        ),
    ),
    Family(
        "robot-vacuum",
        "home",
        149,
        899,
        (
            "Robotdammsugare|Dammsugare",
            "Saugroboter|Staubsauger",
            "Robot Vacuum|Vacuum cleaners",
            "Robotstøvsuger|Støvsugere",
            "Robotstøvsuger|Støvsugere",
        ),
    ),
    Family(
        "office-chair",
        "home",
        89,
        549,
        (
            "Kontorsstol|Kontorsstolar",
            "Bürostuhl|Bürostühle",
            "Office Chair|Office chairs",
            "Kontorstol|Kontorstole",
            "Kontorstol|Kontorstoler",
        ),
    ),
    Family(
        "headphones",
        "tech",
        29,
        399,
        (
            "Trådlösa hörlurar|Hörlurar",
            "Kabellose Kopfhörer|Kopfhörer",
            "Wireless Headphones|Headphones",
            "Trådløse hovedtelefoner|Hovedtelefoner",
            "Trådløse hodetelefoner|Hodetelefoner",
        ),
    ),
    Family(
        "smart-watch",
        "tech",
        79,
        499,
        (
            "Smartklocka|Smartklockor",
            "Smartwatch|Smartwatches",
            "Smart Watch|Smart watches",
            "Smartwatch|Smartwatches",
            "Smartklokke|Smartklokker",
        ),
    ),
    Family(
        "speaker",
        "tech",
        25,
        349,
        (
            "Bluetooth-högtalare|Högtalare",
            "Bluetooth-Lautsprecher|Lautsprecher",
            "Bluetooth Speaker|Speakers",
            "Bluetooth-højttaler|Højttalere",
            "Bluetooth-høyttaler|Høyttalere",
        ),
    ),
    Family(
        "monitor",
        "tech",
        129,
        899,
        (
            "Bildskärm 27 tum|Bildskärmar",
            "Monitor 27 Zoll|Monitore",
            "27-inch Monitor|Monitors",
            "Skærm 27 tommer|Skærme",
            "Skjerm 27 tommer|Skjermer",
        ),
    ),
    Family(
        "camera",
        "tech",
        249,
        1499,
        (
            "Systemkamera|Kameror",
            "Systemkamera|Kameras",
            "Mirrorless Camera|Cameras",
            "Systemkamera|Kameraer",
            "Systemkamera|Kameraer",
        ),
    ),
    Family(
        "cordless-drill",
        "tools",
        59,
        329,
        (
            "Skruvdragare 18 V|Skruvdragare",
            "Akkuschrauber 18 V|Akkuschrauber",
            "Cordless Drill 18 V|Cordless drills",
            "Skruemaskine 18 V|Skruemaskiner",
            "Drill 18 V|Driller",
        ),
    ),
    Family(
        "jigsaw",
        "tools",
        49,
        229,
        ("Sticksåg|Sågar", "Stichsäge|Sägen", "Jigsaw|Saws", "Stiksav|Save", "Stikksag|Sager"),
    ),
    Family(
        "lawn-mower",
        "tools",
        149,
        1299,
        (
            "Gräsklippare|Gräsklippare",
            "Rasenmäher|Rasenmäher",
            "Lawn Mower|Lawn mowers",
            "Plæneklipper|Plæneklippere",
            "Gressklipper|Gressklippere",
        ),
    ),
    Family(
        "rain-jacket",
        "fashion",
        49,
        299,
        (
            "Regnjacka|Jackor",
            "Regenjacke|Jacken",
            "Rain Jacket|Jackets",
            "Regnjakke|Jakker",
            "Regnjakke|Jakker",
        ),
    ),
    Family(
        "sweater",
        "fashion",
        29,
        159,
        (
            "Ulltröja|Tröjor",
            "Wollpullover|Pullover",
            "Wool Sweater|Sweaters",
            "Uldsweater|Trøjer",
            "Ullgenser|Gensere",
        ),
    ),
    Family(
        "sneaker",
        "fashion",
        39,
        169,
        (
            "Sneakers|Sneakers",
            "Sneaker|Sneaker",
            "Sneakers|Sneakers",
            "Sneakers|Sneakers",
            "Sneakers|Sneakers",
        ),
    ),
    Family(
        "book",
        "play",
        8,
        39,
        (
            "Roman, inbunden|Romaner",
            "Roman, gebunden|Romane",
            "Novel, hardback|Novels",
            "Roman, indbundet|Romaner",
            "Roman, innbundet|Romaner",
        ),
    ),
    Family(
        "building-blocks",
        "play",
        15,
        149,
        (
            "Byggklossar|Byggleksaker",
            "Bausteine|Bauspielzeug",
            "Building Blocks|Construction toys",
            "Byggeklodser|Byggelegetøj",
            "Byggeklosser|Byggeleker",
        ),
    ),
    Family(
        "puzzle",
        "play",
        9,
        45,
        (
            "Pussel 1000 bitar|Pussel",
            "Puzzle 1000 Teile|Puzzles",
            "1000-Piece Puzzle|Puzzles",
            "Puslespil 1000 brikker|Puslespil",
            "Puslespill 1000 brikker|Puslespill",
        ),
    ),
)

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
