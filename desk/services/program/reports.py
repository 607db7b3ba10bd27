"""Reports: statistics, transactions, the dashboard, and their files."""

from desk.services.program.calls import (
    FROM,
    ORDER,
    REPORT_CURRENCY,
    TO,
    Call,
    Field,
    one_of,
    sort_by,
    text,
    whole,
    yes_no,
)

GROUPS = {"source": "Publisher's site", "program": "Program", "ad": "Ad", "date": "Day"}
INTERVALS = {"day": "Day (92 days at most)", "month": "Month", "year": "Year", "period": "The whole time"}
SPANS = {
    "TODAY": "Today",
    "YESTERDAY": "Yesterday",
    "LAST_7_DAYS": "The last 7 days",
    "LAST_WEEK": "Last week",
    "CURRENT_WEEK": "This week",
    "LAST_30_DAYS": "The last 30 days",
    "LAST_MONTH": "Last month",
    "CURRENT_MONTH": "This month",
}
FORMATS = {"csv": "CSV", "xlsx": "Excel", "json": "JSON", "xml": "XML"}
_FORMAT = Field("format", one_of("File", FORMATS, needed=True), "query")
_SPAN = Field("intervalType", one_of("Time", SPANS, needed=True), "query")
_ABOUT = (
    Field("programId", whole("Program"), "query"),
    Field("sourceId", whole("Site", "Its number."), "query"),
    Field("adId", whole("Ad"), "query"),
)
_STATISTICS = (
    Field("reportType", one_of("By", GROUPS, needed=True), "query"),
    Field("intervalType", one_of("In steps of", INTERVALS, needed=True), "query"),
    FROM,
    TO,
    REPORT_CURRENCY,
    *_ABOUT,
    sort_by("clicks", "sales", "commission", "orderValue"),
    ORDER,
)
_TRANSACTIONS = (
    FROM,
    TO,
    REPORT_CURRENCY,
    *_ABOUT,
    Field("lastModified", yes_no("By change", "Yes: the days are those of the last change."), "query"),
    Field("orderOrLeadNumber", text("Order or lead"), "query"),
    sort_by("timeOfTransaction", "timeOfCreate", "orderNumber", "leadNumber"),
    ORDER,
)

CALLS = (
    Call(
        slug="statistics",
        title="Statistics",
        group="Reports",
        path="advertiser/report/statistics",
        pages=True,
        fields=_STATISTICS,
        columns=(
            ("date", "Day"),
            ("programName", "Program"),
            ("sourceName", "Site"),
            ("adId", "Ad"),
            ("impressions", "Impressions"),
            ("clicks", "Clicks"),
            ("leads", "Leads"),
            ("sales", "Sales"),
            ("orderValue", "Order value"),
            ("commission.publisherCommission", "Commission"),
            ("commission.tdCommission", "Fee"),
        ),
    ),
    Call(
        slug="statistics-file",
        title="Statistics as a file",
        group="Reports",
        path="advertiser/report/statistics/export",
        fields=(_FORMAT, *_STATISTICS),
        is_file=True,
    ),
    Call(
        slug="transactions",
        title="Transactions",
        group="Reports",
        path="advertiser/report/transactions",
        pages=True,
        fields=(
            *_TRANSACTIONS,
            Field("eventId", whole("Event"), "query"),
            Field("status", one_of("Status", {"P": "Pending", "A": "Accepted", "D": "Denied"}), "query"),
        ),
        columns=(
            ("timeOfTransaction", "Time"),
            ("orderNumber", "Order"),
            ("leadNumber", "Lead"),
            ("programName", "Program"),
            ("sourceName", "Site"),
            ("eventName", "Event"),
            ("orderValue", "Value"),
            ("commission", "Commission"),
            ("status", "Status"),
        ),
    ),
    Call(
        slug="transactions-file",
        title="Transactions as a file",
        group="Reports",
        path="advertiser/report/transactions/export",
        fields=(_FORMAT, *_TRANSACTIONS),
        is_file=True,
    ),
    Call(
        slug="dashboard",
        title="Dashboard",
        group="Reports",
        path="advertiser/report/dashboard",
        fields=(_SPAN, REPORT_CURRENCY),
    ),
    Call(
        slug="top-programs",
        title="Best programs",
        group="Reports",
        path="advertiser/report/dashboard/programs",
        pages=True,
        fields=(
            _SPAN,
            REPORT_CURRENCY,
            sort_by("sales", "leads", "salesOrderValue", "publisherCommission"),
            ORDER,
        ),
        columns=(
            ("programName", "Program"),
            ("sales", "Sales"),
            ("leads", "Leads"),
            ("salesAmount", "Order value"),
            ("publisherCommission", "Commission"),
            ("tdCommission", "Fee"),
        ),
    ),
    Call(
        slug="top-sources",
        title="Best sites",
        group="Reports",
        path="advertiser/report/dashboard/sources",
        pages=True,
        fields=(
            _SPAN,
            REPORT_CURRENCY,
            sort_by("sales", "leads", "salesOrderValue", "publisherCommission"),
            ORDER,
        ),
        columns=(
            ("sourceName", "Site"),
            ("sales", "Sales"),
            ("leads", "Leads"),
            ("salesAmount", "Order value"),
            ("publisherCommission", "Commission"),
            ("tdCommission", "Fee"),
        ),
    ),
)
