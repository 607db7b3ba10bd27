"""What several of the pages of earnings need."""

from dataclasses import dataclass

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest
from django.utils.http import urlencode

from sales.models import Basis, Dimension
from sales.queries.earnings import SORTS
from sales.queries.periods import Period, get_period

may_see_earnings = permission_required("sales.view_sale", raise_exception=True)
may_rule = permission_required("sales.change_matchrule", raise_exception=True)


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks to see; what it says wrongly is as if it were not there."""

    period: Period
    basis: Basis
    by: Dimension
    currency: str
    sort: str

    def query(self, **changed: str) -> str:
        """Return it as the query of an address."""
        values = {
            "period": self.period.key,
            "basis": self.basis.value,
            "by": self.by.value,
            "currency": self.currency,
            "sort": self.sort,
        }
        return urlencode({name: value for name, value in (values | changed).items() if value})


def read_asked(request: HttpRequest) -> Asked:
    get = request.GET.get
    basis, by, sort = get("basis", ""), get("by", ""), get("sort", "")
    return Asked(
        get_period(get("period", "")),
        Basis(basis) if basis in Basis.values else Basis.CLICK,
        Dimension(by) if by in Dimension.values and by != Dimension.ALL else Dimension.SHOP,
        get("currency", "")[:3],
        sort if sort in SORTS else "",
    )
