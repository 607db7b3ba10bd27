"""What feeds call the properties of a product: one key for `COLOUR`, `farbe` and `g:color`."""

import re
import unicodedata
from functools import lru_cache

MAX_LABEL = 60  # characters

# Key -> other spellings of it, in the languages of the networks.
_SPELLINGS = {
    "colour": (
        "color couleur farbe kleur farg farve farge vari colore kolor barva szin χρωμα цвет 颜色 "
        "colourname colorname maincolour maincolor primarycolor basecolor"
    ),
    "size": (
        "groesse grosse maat storlek storrelse koko taille talla taglia rozmiar velikost meret "
        "μεγεθος размер 尺码 sizename shoesize clothingsize schoenmaat kledingmaat pointure storelse"
    ),
    "material": (
        "materials materiaal materiale materiau matiere materiali anyag υλικο материал 材质 composition"
    ),
    "pattern": "patroon muster monster motif motivo wzor",
    "fit": "pasvorm passform pasform coupe",
    "gender": ("geslacht geschlecht kon kjonn sukupuoli genre sexe sexo genero genere plec sex targetgender"),
    "agegroup": "leeftijdsgroep altersgruppe aldersgrupp aldersgruppe ikaryhma",
    "dimensions": (
        "dimension afmetingen afmeting abmessungen masse matt mal mitat dimensiones dimensioni "
        "wymiary rozmery"
    ),
    "width": "breedte breite bredd bredde leveys largeur ancho larghezza szerokosc sirka",
    "height": "hoogte hohe hoehe hojd hojde hoyde korkeus hauteur alto altura altezza wysokosc vyska",
    "depth": "diepte tiefe djup dybde syvyys profondeur profundidad profondita glebokosc hloubka",
    "length": "lengte lange laenge langd laengde lengde pituus longueur largo lunghezza dlugosc delka",
    "diameter": "durchmesser diametre diametro halkaisija srednica prumer",
    "weight": (
        "gewicht vikt vaegt vekt paino poids peso waga hmotnost suly βαρος вес shippingweight productweight"
    ),
    "content": (
        "inhoud inhalt innehall indhold innhold volume volym contenance contenuto contenido pojemnosc"
    ),
    "power": "vermogen leistung effekt teho puissance potencia potenza moc vykon wattage",
    "energyclass": (
        "energylabel energyefficiencyclass energyrating energieklasse energielabel energiklass "
        "energieeffizienzklasse energimarkning energimarke energiaklasse"
    ),
    "flavour": "flavor smaak geschmack smak smag gout sabor",
    "scent": "geur duft doft fragrance parfum",
    "author": "auteur autor forfattare forfatter kirjailija autore",
    "publisher": "uitgever verlag forlag editeur editorial editore wydawnictwo",
    "pages": "paginas seiten sidor sider numberofpages pagecount",
    "model": "modell modele modello modelo modelname modelnaam",
    "origin": "countryoforigin landvanherkomst herkunftsland ursprungsland oprindelsesland",
    "condition": "conditie zustand skick tilstand stand kunto etat estado condizione stav itemcondition",
    "warranty": "garantie garanti takuu garantia garanzia gwarancja zaruka guarantee",
    "deliverytime": (
        "levertijd lieferzeit leveranstid leveringstid toimitusaika delaidelivraison "
        "delailivraison tiempodeentrega plazodeentrega tempidiconsegna czasdostawy dodacilhuta "
        "shippingtime"
    ),
}
_UNIT_BEHIND = re.compile(
    r"[\s_(\[-]+(?:in[\s_]+)?(mg|kg|g|gram|grams|lbs?|oz|mm|cm|m|inch|ml|cl|l|liter|litre|k?w|watt|v|mah)[)\]]?$",
    re.I,
)
_PREFIX = re.compile(r"^(?:g:|\(field\)|extra[_-]|attribute[s]?[_:-]|pa_)", re.I)
_WORDS = re.compile(r"[A-Z]?[^\W\dA-Z_]+|[A-Z]+(?![^\W\dA-Z_])|\d+")
# What is for machines, or for the merchant alone: a word of the name, or part of its key.
_MACHINE_WORDS = {
    *("id", "ids", "uid", "guid", "uuid", "hash", "token", "url", "uri", "href", "tracking", "pixel"),
    *("timestamp", "modified", "updated", "created", "deleted", "delete", "feed", "program", "campaign"),
    *("sku", "ean", "gtin", "mpn", "upc", "isbn", "asin", "merchant", "margin", "marge", "commission"),
    *("provision", "cpc", "cpa", "cpo", "epc"),
}
_MACHINE_PARTS = re.compile(
    r"margin|marge|commission|provisi|kickback|payout|costprice|purchaseprice|buyprice|inkoop|einkauf|inkop|indkob"
    r"|cogs|profit|tracking|deeplink|customlabel|lastupdate|lastmodif|createdat|updatedat|url$|link$"
    r"|(?:product|item|group|varia\w+|offer|article|parent|category|brand|shop|program|feed|colou?r|size)ids?$"
)


def _fold(text: str) -> str:
    """Return the letters and digits, without accents."""
    text = text.casefold().replace("ø", "o").replace("æ", "ae")
    return "".join(char for char in unicodedata.normalize("NFKD", text) if char.isalnum())


_KEYS = {key: key for key in _SPELLINGS} | {
    _fold(spelling): key for key, spellings in _SPELLINGS.items() for spelling in spellings.split()
}


@lru_cache(maxsize=8192)
def split_name(name: str) -> tuple[str, str]:
    """Return a column's key and the unit that its name ends in: `Gewicht (kg)` -> `weight`, `kg`."""
    name = _PREFIX.sub("", name.strip())
    unit = _UNIT_BEHIND.search(name)
    key = _fold(name[: unit.start()] if unit else name)
    return _KEYS.get(key, key), unit[1].lower() if unit else ""


@lru_cache(maxsize=8192)
def is_machine_name(name: str) -> bool:
    """Tell whether a column is for machines or the merchant alone; it is never shown."""
    name = _PREFIX.sub("", name.strip())
    if name.casefold() in _KEYS:
        return False
    words = {word.casefold() for word in _WORDS.findall(name)}
    return not words or not _MACHINE_WORDS.isdisjoint(words) or bool(_MACHINE_PARTS.search(_fold(name)))


def readable_name(name: str) -> str:
    """Return a column's name as words: `BAND_WIDTH` -> `Band width`, `sizeStock` -> `Size stock`."""
    words = _WORDS.findall(_PREFIX.sub("", name.strip()))
    return " ".join(words).casefold().capitalize()[:MAX_LABEL] or name[:MAX_LABEL]
