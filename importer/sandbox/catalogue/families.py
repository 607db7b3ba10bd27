"""The kinds of product that the made-up catalogue has, named in five languages."""

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
