from sales.models.matching import MatchRule, OfferStay
from sales.models.programs import CommissionRate, NetworkDay, Payment
from sales.models.reading import ACTIVE, ReportAccount, ReportWindow
from sales.models.rollups import (
    Basis,
    DailyClickTotals,
    DailyEarnings,
    Dimension,
    SpanEarnings,
    SumsMadeOn,
    Touched,
)
from sales.models.sales import Match, Sale, SaleChange

__all__ = [
    "ACTIVE",
    "Basis",
    "CommissionRate",
    "DailyClickTotals",
    "DailyEarnings",
    "Dimension",
    "Match",
    "MatchRule",
    "NetworkDay",
    "OfferStay",
    "Payment",
    "ReportAccount",
    "ReportWindow",
    "Sale",
    "SaleChange",
    "SpanEarnings",
    "SumsMadeOn",
    "Touched",
]
