"""Words of the networks' languages that feeds use for stock, free delivery and "none". All casefolded."""


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip().casefold() for word in text.replace("\n", ",").split(",") if word.strip())


IN_STOCK = _words("""
    in stock, instock, available, yes, y, true, on stock, limited availability, limitedavailability
    low stock, in store only, instoreonly, online only, onlineonly, available now, available for order
    ready to ship, op voorraad, voorraad, ja, leverbaar, direct leverbaar, beschikbaar, voldoende voorraad
    beperkte voorraad, auf lager, lieferbar, sofort lieferbar, verfügbar, vorrätig, an lager
    sofort verfügbar, lagernd, auf vorrat, i lager, finns i lager, på lager, tillgänglig, finns
    på lager nu, i lager nu, tilgængelig, tilgjengelig, lagervare, varastossa, saatavilla, heti saatavilla
    kyllä, on varastossa, laos, laos olemas, olemas, jah, en stock, disponible, oui
    disponible immédiatement, en existencia, en existencias, sí, si, disponibile, in magazzino
    disponibilità immediata, sì, em stock, em estoque, disponível, sim, dostępny, dostępna, dostępne
    w magazynie, na stanie, tak, skladem, na skladě, dostupné, ano, am lager, ab lager, få i lager
    få på lager, disponibles, disponibili, dostępnych, stock disponible, dernières pièces, i webblager
    på nettlager, på weblager, på fjernlager, i fjärrlager, varastossamme, raktáron, elérhető, készleten
    igen, készleten van, в наличии, есть, есть в наличии, да, متوفر, متاح, نعم
""")

NOT_IN_STOCK = _words("""
    out of stock, outofstock, not in stock, sold out, soldout, unavailable, not available, no, n, false
    none, no stock, none in stock, fuera de stock, plus disponible, plus en stock, stock épuisé
    brak na stanie, brak towaru, utgått, udgået, utgången, loppunut, myyty loppuun, ei ole varastossa
    nicht am lager, ausgelistet, backorder, back order, pre order, preorder, presale, discontinued
    on backorder, temporarily out of stock, niet op voorraad, uitverkocht, niet leverbaar, nee
    niet beschikbaar, tijdelijk uitverkocht, geen voorraad, nicht auf lager, ausverkauft, nicht lieferbar
    nicht verfügbar, nicht vorrätig, nein, vergriffen, ej i lager, inte i lager, slut, slut i lager
    slutsåld, finns ej i lager, nej, tillfälligt slut, ikke på lager, udsolgt, utsolgt, ikke tilgængelig
    ikke tilgjengelig, nei, ei varastossa, loppu, loppuunmyyty, loppu varastosta, ei saatavilla, ei, otsas
    läbi müüdud, pole laos, rupture de stock, en rupture de stock, en rupture, épuisé, indisponible
    hors stock, non disponible, non, agotado, sin stock, sin existencias, no disponible, non disponibile
    esaurito, no hay existencias, esgotado, sem stock, sem estoque, indisponível, não, niedostępny
    niedostępna, niedostępne, brak, nie, brak w magazynie, wyprzedane, není skladem, vyprodáno, nedostupné
    ne, nincs raktáron, elfogyott, nem elérhető, nincs készleten, nem, нет в наличии, нет, распродано
    غير متوفر, غير متاح, نفذ, لا
""")

# Said of an answer, and none: for now, alas, this product.
FILLERS = _words("""
    currently, temporarily, momentarily, sorry, now, longer, product, leider, momentan, derzeit, zurzeit
    aktuell, vorübergehend, temporär, mehr, zur, zeit, produkt, artikel, tijdelijk, momenteel, helaas
    meer, wel, ruim, tillfälligt, tyvärr, just, nu, för, närvarande, längre, midlertidigt, midlertidig
    desværre, dessverre, længere, lenger, for, tiden, tilapäisesti, valitettavasti, enää, temporairement
    actuellement, momentanément, produit, temporaneamente, attualmente, momentaneamente, più, prodotto
    temporalmente, actualmente, ya, producto, chwilowo, tymczasowo, obecnie, już, dočasně, momentálně
    átmenetileg, jelenleg, временно, сейчас, уже
""")

NEGATIONS = _words("""
    not, no, nicht, kein, keine, niet, geen, ej, inte, ikke, ei, ole, pas, non, sin, nie, brak, není, nem
    nincs, не, нет
""")

# Written about a count, and no answer of their own.
ABOUT_COUNTS = _words("""
    st, stk, stck, stück, stuk, stuks, pc, pcs, piece, pieces, item, items, unit, units, kpl, szt, sztuki
    sztuk, ks, db, pièce, pièces, unidad, unidades, pezzo, pezzi, pz, exemplar, exemplaren, exemplarer
    exemplaire, exemplaires, article, articles, left, only, just, last, nog, nog maar, maar, nur, noch
    letzte, laatste, endast, bara, sista, kun, sidste, siste, tilbage, igjen, kvar, vain, jäljellä, solo
    sólo, seulement, tylko, ostatnie, ostatnia, zostało, pozostało, zbývá, poslední, jen, csak, meer dan
    more than, over, mehr als, über, mere end, fler än, över, flere enn, mer enn, yli, plus de, plus que
    il reste, il n'en reste que, más de, più di, ponad, powyżej, więcej niż, více než, több mint, qty
    quantity, aantal, anzahl, antal, antall, määrä, quantité, cantidad, quantità, ilość, množství, reste
    restent, encore, quedan, queda, hay, rimasti, rimasto, ultimi, ultime, ultimo, últimas, últimos
    dernières, derniers
""")

# Names of the number, not answers: `Lager: 3`.
COUNT_NAMES = _words("""
    stock, stock level, inventory, lager, lagerbestand, lagersaldo, lagerstatus, webblager, bestand
    voorraad, varasto, varastosaldo, saldo, stan, zásoba, készlet, existencias, disponibilità
    lagerbeholdning, beholdning
""") | {""}

FREE = _words("""
    free, free shipping, free delivery, gratis, gratis verzending, kostenlos, versandkostenfrei
    kostenfrei, fri, fri frakt, fraktfritt, gratis fragt, fri fragt, ilmainen, ilmainen toimitus, gratuit
    gratuite, livraison gratuite, gratuita, gratuito, envío gratis, spedizione gratuita, za darmo, darmowa
    darmowa dostawa, zdarma, doprava zdarma, ingyenes, tasuta, бесплатно, grátis, مجاني, kostenloser
    kostenlose, portofrei, frachtfrei, fraktfri, fragtfri, offerte, offerts, offert, gratuiti, darmowy
    zadarmo, toimituskuluton
""")

# Said of what is free, or costs.
DELIVERY = _words("""
    shipping, delivery, postage, versand, lieferung, levering, bezorging, verzending, frakt, fragt
    leverans, toimitus, livraison, port, frais, de, envío, entrega, spedizione, consegna, wysyłka, dostawa
    przesyłka, doprava, szállítás
""")

# What programs write where they have no value; in any field.
NULLS = _words(r"""
    null, none, nan, undefined, n/a, n.a., n.v.t., #n/a, #value!, #ref!, #name?, #null!, (null), (none)
    k.a., k. a., <null>, [null], [none], {null}, \N, -, --, ---, –, —, _, ., .., ..., ?, ??, ???
    [object object], {}, [], [[]], "", array, n.b., n.d., n/d, n.c., n/c
""")

# "None" and "unknown" as people write it: no value of a brand or of a property. Letters only.
NOTHING = _words("""
    null, none, nan, na, undefined, notavailable, notapplicable, doesnotapply, notspecified, unspecified
    unknown, nobrand, nobrandname, unbranded, generic, missing, tbd, tba, other, others, various, misc
    empty, nvt, nietvantoepassing, geen, geenmerk, merkloos, zondermerk, onbekend, onbekendmerk, overig
    overige, diversen, keine, kein, keiner, keineangabe, keineangaben, keinemarke, ohne, ohnemarke
    ohneangabe, markenlos, unbekannt, entfällt, nichtzutreffend, nichtangegeben, nichtverfügbar, sonstige
    sonstiges, diverse, divers, ingen, inget, okänd, okänt, okäntmärke, saknas, ejangivet, ejangiven
    ejtillgänglig, ejtillämpligt, utanmärke, ingetmärke, ingetvarumärke, övrigt, övriga, ukendt
    ukendtmærke, intetmærke, ikkeangivet, ikkerelevant, udenmærke, øvrige, andet, intet, ukjent
    ukjentmerke, ingenmerke, ikkeoppgitt, ikkeaktuelt, utenmerke, annet, annen, tuntematon, eimerkkiä
    eisaatavilla, eitiedossa, eimitään, muu, muut, merkitön, aucun, aucune, inconnu, inconnue, sansmarque
    nonspécifié, nonspécifiée, nonrenseigné, nonapplicable, nonprécisé, nondisponible, autre, autres
    pasdemarque, sansobjet, ninguno, ninguna, sinmarca, desconocido, desconocida, noaplica, nodisponible
    noespecificado, otro, otros, nessuno, nessuna, sconosciuto, sconosciuta, senzamarca, nonspecificato
    nondisponibile, altro, altri, brak, brakmarki, brakdanych, niedotyczy, nieznany, nieznana
    nieokreślono, inny, inne, pozostałe, žádný, žádná, žádné, neznámý, neznámá, neznámé, neuvedeno
    bezznačky, nespecifikováno, ostatní, nincs, nincsmegadva, ismeretlen, nemelérhető, márkanélküli, egyéb
    nemrelevans, κανένα, καμία, κανένας, άγνωστο, άγνωστη, άγνωστος, δενυπάρχει, χωρίςμάρκα, άλλο, нет
    неизвестно, неизвестный, неизвестен, отсутствует, безбренда, нетбренда, неуказан, неуказано, прочее
    безмарки, другое, 无, 未知, 不适用, 无品牌, 其他, 暂无
    nenurodyta, teadmata, puudub, semmarca, desconhecido
    nenhum, nenhuma, andere, void, default, varios, tbc, tobeconfirmed, ospecificerad, ospecificerat
    uspecificeret, uspesifisert, ikkespesifisert, ikkespecificeret, eimääritelty, määrittelemätön
    noncommuniqué, nonprécisée, sinespecificar, nieokreślony, nieokreślona
""")

# A brand of such words, and of one of those behind them, says that there is none: "Sonstige Marken".
NO_OR_OTHER = _words("""
    no, without, unknown, other, various, different, kein, keine, ohne, unbekannt, unbekannte, unbekannter
    sonstige, andere, diverse, verschiedene, geen, zonder, onbekend, onbekende, overige, sans, aucune
    aucun, inconnue, inconnu, autre, autres, diverses, sin, ninguna, ninguno, desconocida, desconocido
    otra, otras, otros, varias, senza, nessuna, nessun, sconosciuta, sconosciuto, altra, altre, altri, bez
    brak, nieznana, nieznany, inna, inne, ingen, inget, utan, okänd, okänt, övriga, andra, uden, ukendt
    øvrige, andre, uten, ukjent, ei, ilman, tuntematon, muu, muut, sem, outras, neznámá, neznámý, ostatní
    без, нет, неизвестный, неизвестная, другие, nincs, ismeretlen, egyéb
""")
BRAND_NAMES = _words("""
    brand, brands, manufacturer, marke, marken, hersteller, merk, merken, fabrikant, marque, marques
    fabricant, marca, marcas, fabricante, marche, produttore, marka, marki, producent, märke, märken
    varumärke, tillverkare, mærke, mærker, merke, merker, merkki, merkkiä, merkit, valmistaja, značka
    značky, výrobce, бренд, бренда, бренды, марка, марки, производитель, márka, gyártó
""")

NO_CATEGORY = _words("""
    0, -, n/a, na, none, null, undefined, uncategorized, uncategorised, not available, no category
    default category, root catalog, all products, geen categorie, keine kategorie, ohne kategorie
    ingen kategori, ei kategoriaa, sans catégorie, sin categoría, senza categoria, brak kategorii
    nezařazeno, без категории
""")
