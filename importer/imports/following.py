"""What a product takes of the item that feeds it: each field by `catalog.lib.merge.decide`.

Nothing is read for items whose feed says of their product what it said before: that is most of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models.functions import Lower

from catalog.lib.merge import Decision, State, decide, policy_of
from catalog.lib.provenance import after_decision, base_of, fields_of, is_locked, moved_fields
from catalog.models import BrandAlias, Offer, Product
from catalog.queries.pictures import find_picture_keys
from catalog.services.bulk_data import FollowedData
from importer.imports.category_map import map_items
from importer.imports.options import Options
from importer.imports.planned import PlannedItem
from importer.search.joining import model_title

_NEVER_SAID = object()


def said_of_product(planned: PlannedItem, *, with_description: bool) -> Iterator[tuple[str, Any]]:
    """Yield what the item says of its product, by field. What it is silent about has not changed."""
    item = planned.item
    yield "title", item.title
    if with_description:
        yield "description", item.description
    if item.brand:
        yield "brand", item.brand
    if planned.gtin:
        yield "gtin", planned.gtin
    if item.image_urls:
        yield "images", list(dict.fromkeys(item.image_urls))
    if item.attributes:
        yield "attributes", item.attributes


class Following:
    """What becomes of the products of stored offers. `offers`: planning's rows of them, by source key.

    Two queries where a feed says something new of a product, up to three more by what that is.
    """

    def __init__(
        self, planned_items: Sequence[PlannedItem], offers: Mapping[str, Any], options: Options
    ) -> None:
        self._news: dict[str, dict[str, Any]] = {}  # by source key
        for planned in planned_items:
            offer = offers.get(planned.item.source_key)
            if offer is not None and (news := _news(planned, offer, options)):
                self._news[planned.item.source_key] = news
        self._hear_categories(planned_items, offers)
        if self._news:
            self._read([offers[key] for key in self._news])

    def _hear_categories(self, planned_items: Sequence[PlannedItem], offers: Mapping[str, Any]) -> None:
        """Note what the category map says where a merchant moved an item, of products that it sorted in."""
        moved = []
        for planned in planned_items:
            item, offer = planned.item, offers.get(planned.item.source_key)
            if offer is None:
                continue
            said = offer.product__imported
            if item.category and "category_ids" in said and said.get("category", "") != item.category:
                fed = fields_of(item.source_key, offer.product__provenance, said)
                moved += [item] if "category_ids" in fed else []
        mapped = map_items(moved) if moved else {}
        for item in moved:
            if (ids := mapped.get((item.program_key, item.category))) is not None:
                self._news.setdefault(item.source_key, {})["category_ids"] = ids

    def _read(self, offers: Sequence[Any]) -> None:
        """Read what stands on the pages of these products, as far as the feed speaks of it."""
        ids = {offer.product_id for offer in offers}
        rows = Product.objects.filter(pk__any=list(ids)).order_by()
        columns = ("id", "gtin", "attributes", "category_ids", "brand_id", "brand__name")
        self._ours: dict[int, dict[str, Any]] = {
            pk: {
                "gtin": gtin,
                "attributes": attributes,
                "category_ids": sorted(categories),
                "brand": brand or "",
            }
            | {"brand_id": brand_id}
            for pk, gtin, attributes, categories, brand_id, brand in rows.values_list(*columns)
        }
        told = {name: [key for key, news in self._news.items() if name in news] for name in _FIELDS_READ}
        of_offer = {offer.source_key: offer for offer in offers}
        self._pictures = find_picture_keys({of_offer[key].product_id for key in told["images"]})
        self._variants = _find_variants(of_offer[key].id for key in told["title"])
        self._taken = _find_gtins(self._news[key]["gtin"] for key in told["gtin"])
        self._brands = _find_aliases(
            name
            for key in told["brand"]
            for name in (self._news[key]["brand"], of_offer[key].product__imported.get("brand", ""))
        )

    def of(self, planned: PlannedItem, offer: Any) -> FollowedData | None:
        """Return what the offer's product is written with; None where its feed says nothing new."""
        news = self._news.get(planned.item.source_key)
        ours = self._ours.get(offer.product_id) if news else None
        if news is None or ours is None:
            return None
        ours = ours | {"title": offer.product__title, "description": offer.product__description}
        ours["images"] = self._pictures.get(offer.product_id, [])
        imported, provenance = offer.product__imported, offer.product__provenance
        values: dict[str, Any] = {}
        for field, theirs in news.items():
            decision = self._decide(planned, offer, field, ours[field], theirs)
            provenance = after_decision(provenance, field, decision, theirs)
            if decision.value != ours[field]:
                values[field] = decision.value
        imported = imported | news
        if "category_ids" in news:
            imported["category"] = planned.item.category
        if (imported, provenance) == (offer.product__imported, offer.product__provenance) and not values:
            return None
        now = ours | values
        return FollowedData(
            said=list(news),
            visible=list(values),
            before={name: ours["brand_id" if name == "brand" else name] for name in values},
            title=now["title"],
            description=now["description"],
            gtin=now["gtin"],
            attributes=now["attributes"],
            brand=values.get("brand"),
            brand_id=ours["brand_id"],
            category_ids=values.get("category_ids"),
            images=values.get("images"),
            links_images=planned.account.links_pictures,
            imported=imported,
            provenance=provenance,
            moved_fields=moved_fields(provenance),
        )

    def _decide(self, planned: PlannedItem, offer: Any, field: str, ours: Any, theirs: Any) -> Decision:
        imported, provenance = offer.product__imported, offer.product__provenance
        base = base_of(provenance, imported, field)
        if (
            base is None
        ):  # never heard before: what stands there is as good as the feed's, but for an empty text
            base = "" if field == "description" else ours
        policy = policy_of(field, offer.product__policies, planned.account.policies)
        locked = is_locked(provenance, field)
        if field == "gtin" and self._taken.get(theirs, offer.product_id) != offer.product_id:
            locked = True  # another product has it: they may be one, which is for a person to say
        was, wanted = base, theirs
        if field == "title" and ours != base and ours == model_title(base, self._variants.get(offer.id, {})):
            # The product is the model: another name of one variant is none of all.
            return Decision(ours, theirs, State.FOLLOWS)
        if field == "brand":
            was, wanted = (self._brands.get(name.lower(), name) for name in (base, theirs))
        decision = decide(field, was, ours, wanted, policy, is_locked=locked)
        if field == "gtin" and decision.value != ours:
            self._taken[theirs] = offer.product_id
        if decision.base == wanted:
            return Decision(decision.value, theirs, decision.state)
        return Decision(decision.value, base if decision.base == was else decision.base, decision.state)


_FIELDS_READ = ("title", "images", "gtin", "brand")


def _news(planned: PlannedItem, offer: Any, options: Options) -> dict[str, Any]:
    """Return what the feed says of the product that it did not say before, by field."""
    imported, provenance = offer.product__imported, offer.product__provenance
    fed = fields_of(planned.item.source_key, provenance, imported)
    if not fed:
        return {}
    with_description = "description" in imported or options.wants_description(planned.account)
    return {
        field: value
        for field, value in said_of_product(planned, with_description=with_description)
        # What was not adopted yet is decided again: a lock or a policy may be another one now.
        if (imported.get(field, _NEVER_SAID) != value or "base" in provenance.get(field, ())) and field in fed
    }


def _find_variants(offer_ids: Iterable[int]) -> dict[int, dict[str, str]]:
    ids = list(offer_ids)
    rows = Offer.objects.filter(pk__any=ids).exclude(variant={}).order_by() if ids else Offer.objects.none()
    return dict(rows.values_list("id", "variant"))


def _find_gtins(gtins: Iterable[str]) -> dict[str, int]:
    """Return which products have these EANs."""
    wanted = list(gtins)
    if not wanted:
        return {}
    rows = Product.objects.filter(gtin__any=wanted).exclude(gtin="").order_by()
    return dict(rows.values_list("gtin", "id"))


def _find_aliases(names: Iterable[str]) -> dict[str, str]:
    """Return the brands that these names, in lower case, became part of."""
    wanted = list({name.lower() for name in names if name})
    if not wanted:
        return {}
    rows = BrandAlias.objects.annotate(key=Lower("name")).filter(key__any=wanted)
    return dict(rows.values_list("key", "brand__name"))
