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

NO_BRAND = _words("""
    0, -, --, ., n/a, n.a., na, none, null, unknown, no brand, not available, not specified, unbranded
    undefined, nenurodyta, onbekend, geen merk, merkloos, unbekannt, ohne marke, okänd, ukendt, ukjent
    tuntematon, inconnu, sans marque, sconosciuto, desconocido, brak, neznámý
""")

NO_CATEGORY = _words("""
    0, -, n/a, na, none, null, undefined, uncategorized, uncategorised, not available, no category
    default category
""")
