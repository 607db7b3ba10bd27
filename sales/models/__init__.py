from sales.models.programs import CommissionRate, NetworkDay, Payment
from sales.models.reading import ACTIVE, ReportAccount, ReportWindow
from sales.models.sales import Match, Sale, SaleChange

__all__ = [
    "ACTIVE",
    "CommissionRate",
    "Match",
    "NetworkDay",
    "Payment",
    "ReportAccount",
    "ReportWindow",
    "Sale",
    "SaleChange",
]
