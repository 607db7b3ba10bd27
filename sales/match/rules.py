"""Rules for sub-ids that are not ours: shown as a plan first, then applied to the past."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import transaction
from django.db.models import Q, QuerySet

from events.kinds import Kind
from events.record import record
from sales.match.matching import CHUNK, match_sales
from sales.models import MatchRule, Sale

PLANNED = 10_000  # sales that a plan looks at
SAMPLES = 10


@dataclass(slots=True)
class Plan:
    """What a rule would change: how many sales, of how much, some of their sub-ids. `more`: and others."""

    count: int = 0
    commission: dict[str, Decimal] = field(default_factory=dict)
    samples: list[str] = field(default_factory=list)
    more: bool = False


def sales_like(rule: MatchRule) -> QuerySet[Sale]:
    """Return the sales that a rule may be about: its pattern fits, and it is of their program."""
    # As `patterns.fits` says it. PostgreSQL runs an expression without back-references in one pass.
    pieces = rule.pattern.strip().lower().split("*")
    expression = rf"^\s*{'.*'.join(map(re.escape, pieces))}\s*$"
    found = Sale.objects.filter(Q(sub_id__iregex=expression) | Q(sub_id2__iregex=expression))
    if rule.network:
        found = found.filter(account__network=rule.network)
    if rule.program_key:
        found = found.filter(program_key=rule.program_key)
    return found.order_by("-pk")


def plan_rule(rule: MatchRule) -> Plan:
    """Return what saving a rule would change. It is tried and taken back, so a plan says what happens."""
    ids = list(sales_like(rule).values_list("pk", flat=True)[: PLANNED + 1])
    plan = Plan(more=len(ids) > PLANNED)
    with transaction.atomic():
        if rule.pk is None:
            rule.save()
        match_sales(ids[:PLANNED])
        ruled = Sale.objects.filter(pk__any=ids, matched_by=rule)
        for currency, commission, sub_id in ruled.values_list("currency", "commission", "sub_id"):
            plan.count += 1
            plan.commission[currency] = plan.commission.get(currency, Decimal(0)) + (commission or 0)
            if sub_id not in plan.samples and len(plan.samples) < SAMPLES:
                plan.samples.append(sub_id)
        transaction.set_rollback(True)
    rule.pk = None
    return plan


def save_rule(rule: MatchRule) -> None:
    """Store a rule. It counts for what is read from now on; `apply_rule` brings it to the past."""
    with transaction.atomic():
        rule.save()
        record(Kind.MATCH_RULE_ADDED, f"match_rule:{rule.pk}", after=_said(rule))


def delete_rule(rule: MatchRule) -> None:
    """Delete a rule; its sales are matched as if it had never been."""
    with transaction.atomic():
        ids = list(rule.sales.order_by("pk").values_list("pk", flat=True))
        record(Kind.MATCH_RULE_REMOVED, f"match_rule:{rule.pk}", before=_said(rule))
        rule.delete()
        match_sales(ids)


def apply_rule(rule: MatchRule) -> int:
    """Match anew all sales that a rule may be about; return how many are matched otherwise now.

    Safe to repeat: what was matched is left as it is.
    """
    count = 0
    for ids in _chunks(rule):
        with transaction.atomic():
            count += match_sales(ids)
    return count


def _chunks(rule: MatchRule) -> Iterator[list[int]]:
    ids = list(sales_like(rule).values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def _said(rule: MatchRule) -> dict[str, object]:
    return {"pattern": rule.pattern, "product": rule.product_id, "page": rule.page, "campaign": rule.campaign}
