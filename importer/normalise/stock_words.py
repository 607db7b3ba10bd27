"""Words of the networks' languages that feeds use for stock, free delivery and "none". All casefolded."""


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip().casefold() for word in text.replace("\n", ",").split(",") if word.strip())


IN_STOCK = _words("""
    in stock, instock, available, yes, y, true, on stock, limited availability, limitedavailability, low stock
    in store only, instoreonly, online only, onlineonly, available now, available for order, ready to ship
    op voorraad, voorraad, ja, leverbaar, direct leverbaar, beschikbaar, voldoende voorraad, beperkte voorraad
    auf lager, lieferbar, sofort lieferbar, verfügbar, vorrätig, an lager, sofort verfügbar, lagernd
    auf vorrat, i lager, finns i lager, på lager, tillgänglig, finns, på lager nu, i lager nu, tilgængelig
    tilgjengelig, lagervare
    varastossa, saatavilla, heti saatavilla, kyllä, on varastossa, laos, laos olemas, olemas, jah
    en stock, disponible, oui, disponible immédiatement, en existencia, en existencias, sí, si
    disponibile, in magazzino, disponibilità immediata, sì, em stock, em estoque, disponível, sim
    dostępny, dostępna, dostępne, w magazynie, na stanie, tak, skladem, na skladě, dostupné, ano
    raktáron, elérhető, készleten, igen, készleten van, в наличии, есть, есть в наличии, да, متوفر, متاح, نعم
""")

NOT_IN_STOCK = _words("""
    out of stock, outofstock, not in stock, sold out, soldout, unavailable, not available, no, n, false, none
    backorder, back order, pre order, preorder, presale, discontinued, on backorder, temporarily out of stock
    niet op voorraad, uitverkocht, niet leverbaar, nee, niet beschikbaar, tijdelijk uitverkocht, geen voorraad
    nicht auf lager, ausverkauft, nicht lieferbar, nicht verfügbar, nicht vorrätig, nein, vergriffen
    ej i lager, inte i lager, slut, slut i lager, slutsåld, finns ej i lager, nej, tillfälligt slut
    ikke på lager, udsolgt, utsolgt, ikke tilgængelig, ikke tilgjengelig, nei
    ei varastossa, loppu, loppuunmyyty, loppu varastosta, ei saatavilla, ei, otsas, läbi müüdud, pole laos
    rupture de stock, en rupture de stock, en rupture, épuisé, indisponible, hors stock, non disponible, non
    agotado, sin stock, sin existencias, no disponible, non disponibile, esaurito, no hay existencias
    esgotado, sem stock, sem estoque, indisponível, não, niedostępny, niedostępna, niedostępne, brak, nie
    brak w magazynie, wyprzedane, není skladem, vyprodáno, nedostupné, ne, nincs raktáron, elfogyott
    nem elérhető, nincs készleten, nem, нет в наличии, нет, распродано, غير متوفر, غير متاح, نفذ, لا
""")

FREE = _words("""
    free, free shipping, free delivery, gratis, gratis verzending, kostenlos, versandkostenfrei, kostenfrei
    fri, fri frakt, fraktfritt, gratis fragt, fri fragt, ilmainen, ilmainen toimitus, gratuit, gratuite
    livraison gratuite, gratuita, gratuito, envío gratis, spedizione gratuita, za darmo, darmowa
    darmowa dostawa, zdarma, doprava zdarma, ingyenes, tasuta, бесплатно, grátis, مجاني
""")

# What programs write where they have no value; in any field.
NULLS = _words(r"""
    null, none, nan, undefined, n/a, n.a., n.v.t., #n/a, #value!, #ref!, #name?, #null!, (null), (none)
    k.a., k. a., <null>, [null], [none], {null}, \N, -, --, ---, –, —, _, ., .., ..., ?, ??, ???
    [object object], {}, [], [[]], ""
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
    bezznačky, nespecifikováno, ostatní, nincs, nincsmegadva, ismeretlen, nemelérhető, márkanélküli
    egyéb, nemrelevans, κανένα, καμία, κανένας, άγνωστο, άγνωστη, άγνωστος, δενυπάρχει, χωρίςμάρκα, άλλο
    нет, неизвестно, неизвестный, неизвестен, отсутствует, безбренда, нетбренда, неуказан, неуказано
    прочее, безмарки, другое, 无, 未知, 不适用, 无品牌, 其他, 暂无, nenurodyta, teadmata, puudub, semmarca
    desconhecido, nenhum, nenhuma
""")

NO_CATEGORY = _words("""
    0, -, n/a, na, none, null, undefined, uncategorized, uncategorised, not available, no category
    default category, root catalog, all products, geen categorie, keine kategorie, ohne kategorie
    ingen kategori, ei kategoriaa, sans catégorie, sin categoría, senza categoria, brak kategorii
    nezařazeno, без категории
""")
