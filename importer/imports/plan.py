"""Plan an import: a verdict for each item, by the same code whether or not it is then carried out.

Planning only reads. What it decides on may be changed by another transaction a moment later: unique
constraints and row locks guard the writing (`importer.imports.apply`).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from django.utils import timezone

from catalog.clicks.outbound_url import insecure_host
from catalog.lib.provenance import after_edit
from catalog.lib.variants import variant_of
from catalog.models import Offer, Product
from catalog.services.bulk_data import OFFER_FIELDS, ProductData
from events.actor import current_actor
from importer.feed_index import find_blocks
from importer.imports.category_map import map_items
from importer.imports.decision import Decision, Doubt, Verdict, offer_data
from importer.imports.following import Following, said_of_product
from importer.imports.https_hosts import find_https
from importer.imports.links import find_domains, link_refusal
from importer.imports.options import Options
from importer.imports.plan_update import plan_gone, plan_update
from importer.imports.planned import PlannedItem
from importer.models import FeedItem
from importer.normalise.likeness import likeness
from importer.search.blocks import describe
from importer.search.joining import Catalogue, Found, are_of_model, article_of_item, group_of, model_title

# What planning reads of a stored offer and its product: plain rows, as a chunk may hold a thousand.
_STORED = (
    "id",
    "source_key",
    *OFFER_FIELDS,
    "expired_at",
    "gone_policy",
    "product_id",
    *(f"product__{name}" for name in ("title", "description", "status", "imported", "provenance")),
    *("product__policies", "product__status_before_gone"),
)


def plan(planned_items: Sequence[PlannedItem], options: Options) -> list[Decision]:
    """Return a decision for each planned item, in order.

    Four queries, whatever the number of items; a few more where an EAN or a model is a product's already,
    where something is blocked, and where a link does not lead to its network.
    """
    return _Planner(planned_items, options).plan()


class _Planner:
    def __init__(self, planned_items: Sequence[PlannedItem], options: Options) -> None:
        self.planned_items = planned_items
        self.options = options
        self.offers = {
            offer.source_key: offer
            for offer in Offer.objects.order_by()
            .filter(source_key__any=[planned.item.source_key for planned in planned_items])
            .values_list(*_STORED, named=True)
        }
        self.targets = {
            planned.edits["product_id"]
            for planned in planned_items
            if planned.edits and "product_id" in planned.edits
        }
        # What is on the site already follows its feed, blocked or not.
        self.blocks = {} if options.is_update else find_blocks([planned.item.id for planned in planned_items])
        # Nobody looks for what is here already.
        self.catalogue = Catalogue(
            (
                (planned.item, planned.gtin)
                for planned in planned_items
                if planned.item.source_key not in self.offers
            ),
            product_ids=self.targets,
        )
        self.following = Following(planned_items, self.offers, options)
        self.link_domains = find_domains(planned_items)
        insecure = {insecure_host(planned.item.tracking_url) for planned in planned_items} - {""}
        self.has_https = find_https(insecure) if insecure else {}
        # What this plan itself creates, for the items that come later in it.
        self.decided: dict[str, Decision] = {}
        self.by_gtin: dict[str, Decision] = {}
        self.by_group: dict[str, Decision] = {}
        self.group_sizes = Counter(group_of(planned.item) for planned in planned_items)

    def plan(self) -> list[Decision]:
        decisions = []
        for planned in self.planned_items:
            decision = self._decide(planned)
            self.decided.setdefault(planned.item.source_key, decision)
            self._note(planned, decision)
            decisions.append(decision)
        return decisions

    def _decide(self, planned: PlannedItem) -> Decision:
        item = planned.item
        if block := self.blocks.get(item.id):
            return Decision(planned=planned, verdict=Verdict.BLOCKED, message=describe(block))
        domains = self.link_domains.get(item.program_key, ())
        reason = unfit(item) or link_refusal(planned, domains, self.has_https)
        if self.options.is_update:
            return self._follow_feed(planned, reason)
        if reason:
            return Decision(planned=planned, verdict=Verdict.INVALID, message=reason)
        if offer := self.offers.get(item.source_key):
            return self._update(planned, offer)
        if earlier := self.decided.get(item.source_key):
            # The same article through a second account.
            return Decision(
                planned=planned,
                verdict=Verdict.UNCHANGED,
                message="Twice in this run.",
                joins=earlier.joins or earlier,
            )
        if planned.edits and "product_id" in planned.edits:
            return self._join(planned, self.catalogue.get(planned.edits["product_id"]))
        if found := self.catalogue.find(item, planned.gtin):
            return self._join_found(planned, found)
        return self._join_earlier(planned) or self._create(planned)

    def _note(self, planned: PlannedItem, decision: Decision) -> None:
        """Let later items of the plan find what this one makes, or which product of a model it joins."""
        if decision.doubt or decision.verdict not in (Verdict.CREATED, Verdict.JOINED):
            return
        gtin = decision.new_product.gtin if decision.new_product else decision.variant.get("gtin")
        if gtin:
            self.by_gtin.setdefault(gtin, decision)
        if group := decision.variant.get("variant_group"):
            self.by_group.setdefault(group, decision)

    def _join_found(self, planned: PlannedItem, found: Found) -> Decision:
        """Join the product; make one apart where a person says so, or it looks unlike."""
        if found.is_apart:
            return self._create(planned, is_apart=True)
        if found.doubt:
            doubt = Doubt(reason=found.doubt, product_id=found.product.pk)
            return self._create_apart(planned, found.product.title, doubt)
        return self._join(planned, found.product, found.variant)

    def _join_earlier(self, planned: PlannedItem) -> Decision | None:
        """Join what this plan itself makes or joins; None where that is another article."""
        item = planned.item
        if earlier := self.by_gtin.get(planned.gtin):
            found = likeness(article_of_item(item), article_of_item(earlier.planned.item))
            if found.is_doubtful:
                return self._create_apart(planned, earlier.title, Doubt(reason=found.reason, of=earlier))
            variant = earlier.variant.get("variant", {})
        else:
            earlier, variant = self.by_group.get(group_of(item)), {}
            if earlier is None or not are_of_model(item, earlier.planned.item):
                return None
        decision = _joined(planned, earlier.title, earlier.product_id, variant)
        decision.joins = earlier.joins or (earlier if earlier.new_product else None)
        return decision

    def _create_apart(self, planned: PlannedItem, title: str, doubt: Doubt) -> Decision:
        """Make a draft without the EAN, for a person to look at."""
        decision = self._create(planned, is_apart=True, status=Product.Status.DRAFT)
        decision.doubt = doubt
        decision.message = f"Saved as draft: “{title}” has the same EAN and looks unlike. {doubt.reason}"
        return decision

    def _join(
        self, planned: PlannedItem, product: Product | None, variant: Mapping[str, str] | None = None
    ) -> Decision:
        if product is None:
            return Decision(
                planned=planned,
                verdict=Verdict.INVALID,
                message="The product to add it to does not exist any more.",
            )
        if product.status == Product.Status.TRASHED:
            return _blocked(planned, product.pk, product.title)
        return _joined(planned, product.title, product.pk, variant)

    def _create(self, planned: PlannedItem, *, is_apart: bool = False, status: str = "") -> Decision:
        """Make a product; `status` in place of the run's. `is_apart`: no other has its EAN or model."""
        item, edits = planned.item, planned.edits or {}
        with_description = self.options.wants_description(planned.account) or "description" in edits
        said = said_of_product(planned, with_description=with_description)
        imported = {"source_key": item.source_key, "brand": item.brand, **dict(said)}
        category_ids, is_mapped = self._categories(planned)
        if is_mapped:
            imported |= {"category_ids": category_ids, "category": item.category}
        images = [(image["url"], image["alt"]) for image in edits["images"]] if "images" in edits else None
        variant = {} if is_apart else _variant_data(planned)
        is_model = variant and self.group_sizes[variant["variant_group"]] > 1
        title = model_title(item.title, variant["variant"]) if is_model else item.title
        status = status or edits.get("status") or self.options.status_for(planned.account)
        product = ProductData(
            title=edits.get("title") or title,
            description=edits.get("description", imported.get("description", "")),
            brand=edits.get("brand", item.brand),
            gtin="" if is_apart else planned.gtin,
            status=status,
            imported=imported,
            provenance=_written_before_import(imported, edits) if edits else {},
            attributes=item.attributes,
            category_ids=category_ids,
            images=[(url, "") for url in item.image_urls] if images is None else images,
            links_images=planned.account.links_pictures,
            offer=offer_data(planned, **variant),
        )
        return Decision(
            planned=planned,
            verdict=Verdict.CREATED,
            message="Published." if status == Product.Status.PUBLISHED else "Saved as draft.",
            title=product.title,
            new_product=product,
            variant=variant,
        )

    def _categories(self, planned: PlannedItem) -> tuple[list[int], bool]:
        """Return the categories of a new product, and whether they are the map's: no person chose any."""
        edits, item = planned.edits or {}, planned.item
        chosen = edits.get("category_ids", self.options.category_ids)
        if chosen or "category_ids" in edits or not self.options.uses_map:
            return list(dict.fromkeys(chosen)), False
        mapped = self._mapped.get((item.program_key, item.category))
        return (list(mapped), True) if mapped else ([], False)

    @cached_property
    def _mapped(self) -> dict[tuple[str, str], list[int]]:
        """Our categories by program and merchant's category: read once something is to be made."""
        return map_items(planned.item for planned in self.planned_items)

    def _follow_feed(self, planned: PlannedItem, reason: str) -> Decision:
        """Bring the offer to what the feed says now; where `reason` says why it cannot be used, expire it."""
        offer = self.offers.get(planned.item.source_key)
        if offer is None:
            return Decision(planned=planned, verdict=Verdict.UNCHANGED, message="Its offer was removed.")
        if is_swapped(planned.item):
            return Decision(planned=planned, verdict=Verdict.UNCHANGED, message=reason)
        return plan_gone(planned, offer, reason) if reason else self._update(planned, offer)

    def _update(self, planned: PlannedItem, offer: Any) -> Decision:
        if offer.product__status == Product.Status.TRASHED and not offer.product__status_before_gone:
            return _blocked(planned, offer.product_id, offer.product__title)
        return plan_update(planned, offer, self.following.of(planned, offer))


def _written_before_import(imported: Mapping[str, Any], edits: Mapping[str, Any]) -> dict[str, Any]:
    """Return who wrote what a person changed of the item (`Product.provenance`)."""
    provenance: dict[str, Any] = {}
    values = {name: edits[name] for name in ("title", "description", "brand") if edits.get(name) is not None}
    if "images" in edits:
        values["images"] = [image["url"] for image in edits["images"]]
    for name, value in values.items():
        provenance = after_edit(provenance, imported, name, value, by=current_actor(), at=timezone.now())
    return provenance


def _variant_data(planned: PlannedItem, variant: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the columns of the offer that tell which variant of its model it is; {} where it has no others.

    `variant` is what other offers of its EAN say, else it is what the item says.
    """
    group = group_of(planned.item)
    if not group and not variant:
        return {}
    variant = dict(variant or variant_of(planned.item.attributes))
    return {"variant_group": group, "variant": variant, "gtin": planned.gtin}


def is_swapped(item: FeedItem) -> bool:
    """Tell whether the item waits for a person: its id names another article (`feed_index.swapped`)."""
    return item.held_article is not None and item.missing_at is None


def unfit(item: FeedItem) -> str:
    """Return why the item cannot be imported, or "": whether it can, its column `is_fit` says."""
    if is_swapped(item):
        return "Its id names another article now. Accept that on the page of its feed first."
    if item.is_fit:
        return ""
    if item.missing_at:
        return "It is no longer in the feed."
    if item.problem:
        return item.problem
    if not item.title:
        return "It has no name."
    if item.price is None or not item.currency:
        return "It has no price."
    return "It has no link."


def _joined(
    planned: PlannedItem, title: str, product_id: int | None, variant: Mapping[str, str] | None
) -> Decision:
    message = f"Joined “{title}”."
    if planned.edits and planned.edits.keys() - {"product_id"}:  # it was not there when they were typed
        message += " It keeps its own texts and pictures: yours were not used."
    return Decision(
        planned=planned,
        verdict=Verdict.JOINED,
        message=message,
        title=title,
        product_id=product_id,
        variant=_variant_data(planned, variant),
    )


def _blocked(planned: PlannedItem, product_id: int, title: str) -> Decision:
    return Decision(
        planned=planned,
        verdict=Verdict.BLOCKED,
        message=f"“{title}” is in the trash. Restore it to import it again.",
        product_id=product_id,
    )
