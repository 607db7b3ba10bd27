"""What programs pay, paid, and earned us."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import F

from importer.models import Program
from sales.models import CommissionRate
from sales.queries.terms import Terms, get_terms
from sales.rates import is_lower, said

MOST = 500
BEFORE_SHOWN = 5


@dataclass(slots=True)
class ProgramTerms:
    """A program: what it pays now by group, and what it paid before, the newest first."""

    program: Program
    terms: Terms = field(default_factory=Terms)
    now: list[tuple[str, str]] = field(default_factory=list)  # (group, rate in words)
    before: list[CommissionRate] = field(default_factory=list)
    pays_less: bool = False

    @property
    def is_closed(self) -> bool:
        return not self.now


def list_programs() -> list[ProgramTerms]:
    """Return the programs whose rates are known, those that pay less now or nothing first; two queries."""
    rates = CommissionRate.objects.filter(program__account__removed_at=None)
    rates = rates.select_related("program__account").order_by(F("seen_until").desc(nulls_first=True), "group")
    found: dict[int, ProgramTerms] = {}
    latest: dict[tuple[int, str, str], CommissionRate] = {}
    ended: dict[tuple[int, str, str], list[CommissionRate]] = defaultdict(list)
    for rate in rates[: MOST * 20]:
        one = found.setdefault(rate.program_id, ProgramTerms(rate.program))
        key = (rate.program_id, rate.group, rate.kind)
        if rate.seen_until is None:
            latest[key] = rate
            one.now.append((rate.group, said(rate)))
        else:
            ended[key].append(rate)
            if len(one.before) < BEFORE_SHOWN:
                one.before.append(rate)
    for key, rows in ended.items():
        if key in latest and is_lower(rows[0], latest[key]):
            found[key[0]].pays_less = True
    programs = list(found.values())[:MOST]
    keys = {one.program.pk: f"{one.program.account.network}:{one.program.external_id}" for one in programs}
    terms = get_terms(list(keys.values()))
    for one in programs:
        one.terms = terms.get(keys[one.program.pk], Terms())
    programs.sort(key=lambda one: (not one.is_closed, not one.pays_less, one.program.name.casefold()))
    return programs
