"""Programs: what they are, how they track, what they say of themselves, and their end."""

from typing import Any

from desk.services.program.calls import (
    ADMIN,
    CURRENCY,
    MEMBER,
    PROGRAM,
    Call,
    Field,
    Link,
    amount,
    area,
    day,
    numbers,
    one_of,
    sort_by,
    text,
    whole,
    yes_no,
)

TRACKING = {
    1: "Clicks only",
    2: "Conversions on the site, third party",
    3: "Conversions on the site, first party",
    4: "Conversions offline, third party",
    5: "Conversions offline, first party",
}
TEXTS = {2: "Long description", 3: "Short description", 46: "Keyword policy"}
_CLOSURE = 899140000
CLOSURES = {
    _CLOSURE + number: words
    for number, words in enumerate(
        (
            "Bankruptcy",
            "Our constraints",
            "Tradedoubler's systems are too complex",
            "The account manager",
            "Budget",
            "Fraud or brand bidders",
            "We do it in-house",
            "No local presence",
            "We bring networks together",
            "Performance: engagement",
            "Performance: potential",
            "Sales and contracts",
            "Service and its fees",
            "Quality of service",
            "We stop affiliate marketing",
            "We stop all activities online",
            "Closed by Tradedoubler: debt",
            "Closed by Tradedoubler: other",
            "Trouble with tracking",
            "Other",
            "A test, or a mistake",
            "An internal account",
        )
    )
}


def _main() -> tuple[Field, ...]:
    return (
        Field("name", text("Name", "Publishers know the program by it.", needed=True)),
        Field("currencyCode", CURRENCY),
        Field("countryCode", text("Country", "Two letters, such as DE.", needed=True, most=2)),
        Field(
            "implementationTypeId",
            one_of("Tracking", TRACKING, "How conversions reach Tradedoubler.", needed=True, is_number=True),
        ),
        Field("adminPersonId", whole("Person: administration", "Their person number.", needed=True)),
        Field("techPersonId", whole("Person: technology", "Their person number.", needed=True)),
        Field("genericPersonId", whole("Person: general", "Their person number.", needed=True)),
        Field("invoiceTdOrgId", whole("Invoices from", "The number of Tradedoubler's office.", needed=True)),
        Field("tdOrganizationId", whole("Office", "The number of Tradedoubler's office.", needed=True)),
        Field("active", yes_no("Active", "No: links earn nothing until it is active again.")),
        Field("closedProgram", yes_no("By invitation only", "Nobody can apply for it.")),
        Field("homePageUrl", text("Home page", most=500)),
        Field("logoUrl", text("Logo", "Its address.", most=500)),
        Field("uniqueClickTime", amount("Unique click", "Hours after which a click counts as another.")),
        Field("cookieWindow", whole("Cookie", "Days between the last click and a sale.", most=3650)),
        Field("autoConnect", yes_no("Connect by itself", "Publishers who want it are connected at once.")),
        Field("autoApproveApplications", yes_no("Approve by itself", "Applications need nobody.")),
        Field("impressionTracking", yes_no("Impressions", "A sale without a click goes to an impression.")),
        Field("voucherTracking", yes_no("Vouchers", "A voucher alone brings a sale to its publisher.")),
        Field("mobileTracking", yes_no("Mobile", "The shop tracks on its mobile pages, too.")),
        Field(
            "categories",
            numbers("Categories", "Numbers with commas between them, 1 to 19."),
            read="categoryIds",
        ),
        Field("startDate", day("Begins")),
        Field("endDate", day("Ends")),
        Field("deepLinking", yes_no("Deep links", "Publishers may link to any page of the shop.")),
    )


def _advanced(values: dict[str, Any]) -> dict[str, Any]:
    action, days = values.pop("autoApproveAction", None), values.pop("autoApproveDays", None)
    if action or days is not None:
        values["autoApprove"] = {"action": action or "A", "days": days or 0}
    return values


def _text(values: dict[str, Any]) -> dict[str, Any]:
    return {"texts": [values]}


_END = (
    Field("td_mainclosurereason", one_of("Main reason", CLOSURES, needed=True, is_number=True), "query"),
    Field("td_secondaryClosureReason", one_of("Second reason", CLOSURES, is_number=True), "query"),
)

CALLS = (
    Call(
        slug="programs",
        title="Programs",
        group="Programs",
        path="advertiser/programs",
        pages=True,
        fields=(
            Field("name", text("Name"), "query"),
            Field("active", yes_no("Active"), "query"),
            Field("paused", yes_no("Paused"), "query"),
            Field("countryCode", text("Country", most=2), "query"),
            Field("categoryIds", numbers("Categories"), "query"),
            sort_by("id", "name"),
        ),
        columns=(
            ("name", "Name"),
            ("id", "Number"),
            ("countryCode", "Country"),
            ("currencyCode", "Currency"),
            ("active", "Active"),
            ("sourceStatus.accepted", "Publishers"),
            ("sourceStatus.underConsideration", "Applied"),
        ),
        links=(
            Link("program", "Show", {"programId": "id"}),
            Link("program-edit", "Change", {"programId": "id"}),
            Link("advanced", "Advanced", {"programId": "id"}),
            Link("texts", "Texts", {"programId": "id"}),
            Link("program-end", "End", {"programId": "id"}),
        ),
    ),
    Call(
        slug="program",
        title="Program",
        group="Programs",
        path="advertiser/programs/{programId}",
        fields=(PROGRAM,),
    ),
    Call(
        slug="program-add",
        title="Add a program",
        group="Programs",
        method="POST",
        path="advertiser/programs",
        lowest=ADMIN,
        fields=_main(),
        then="programs",
    ),
    Call(
        slug="program-edit",
        title="Change a program",
        group="Programs",
        method="PUT",
        path="advertiser/programs/{programId}",
        lowest=MEMBER,
        fields=(PROGRAM, *_main()),
        before="program",
        then="programs",
        warning="All of it is written anew: what is left empty here is empty there.",
    ),
    Call(
        slug="program-end",
        title="End a program",
        group="Programs",
        method="DELETE",
        path="advertiser/programs/{programId}",
        lowest=ADMIN,
        fields=(PROGRAM, *_END),
        before="program",
        typed="name",
        then="programs",
        warning="A program with traffic ends in 30 days, one without at once. It cannot be taken back here. "
        "A client that runs found that this call does nothing: look afterwards whether it has an end.",
    ),
    Call(
        slug="advanced",
        title="Advanced settings",
        group="Programs",
        path="advertiser/programs/{programId}/advanced",
        lowest=ADMIN,
        fields=(PROGRAM,),
    ),
    Call(
        slug="advanced-edit",
        title="Change advanced settings",
        group="Programs",
        method="PUT",
        path="advertiser/programs/{programId}/advanced",
        lowest=ADMIN,
        fields=(
            PROGRAM,
            Field("timeZoneId", whole("Time zone", "Its number: see Time zones.", needed=True)),
            Field(
                "exclusiveVoucher",
                yes_no("Exclusive vouchers", "A sale with one goes to the publisher who has it."),
            ),
            Field(
                "redirectUrl",
                text("Redirect", "An address that links go through, such as another tracker.", most=500),
            ),
            Field("directLink", yes_no("Direct links", "Links lead to the page without a redirect.")),
            Field(
                "uniqueImpressions", whole("Unique impression", "Hours after which one counts as another.")
            ),
            Field(
                "ImpressionWindow",
                whole("Impression to sale", "Days between the last impression and a sale."),
            ),
            Field(
                "allowedDomains",
                text(
                    "Domains", "Where links may lead, with commas between; * stands for anything.", most=2000
                ),
            ),
            Field(
                "plt",
                one_of(
                    "Product level tracking",
                    {1: "No", 2: "Both", 3: "Only"},
                    "Baskets instead of sums.",
                    is_number=True,
                ),
            ),
            Field("encodeUrl", yes_no("Encode addresses", "Before they are added to the redirect.")),
            Field(
                "firstPartyTracking",
                yes_no("First-party tracking", "Adds the click's id to the address of the page."),
            ),
            Field(
                "autoApproveAction",
                one_of("Applications by themselves", {"A": "Approve"}),
                read="autoApprove.action",
            ),
            Field("autoApproveDays", whole("After days", most=365), read="autoApprove.days"),
        ),
        body=_advanced,
        before="advanced",
        then="programs",
    ),
    Call(
        slug="time-zones",
        title="Time zones",
        group="Programs",
        path="advertiser/programs/options/timezones",
        columns=(("id", "Number"), ("timeZone", "Time zone"), ("countryCode", "Country")),
    ),
    Call(
        slug="texts",
        title="Texts",
        group="Programs",
        path="advertiser/programs/{programId}/texts",
        fields=(PROGRAM,),
        rows=lambda answer: [
            {**one, "programId": answer.get("programId")}
            for one in (answer.get("texts") or [])
            if isinstance(one, dict)
        ],
        columns=(("textTypeName", "Kind"), ("languageCode", "Language"), ("text", "Text")),
        links=(
            Link(
                "text-edit",
                "Change",
                {
                    "programId": "programId",
                    "textTypeId": "textTypeId",
                    "languageCode": "languageCode",
                    "text": "text",
                },
            ),
        ),
    ),
    Call(
        slug="text-edit",
        title="Change a text",
        group="Programs",
        method="PUT",
        path="advertiser/programs/{programId}/texts",
        lowest=MEMBER,
        fields=(
            PROGRAM,
            Field("textTypeId", one_of("Kind", TEXTS, needed=True, is_number=True)),
            Field("languageCode", text("Language", "Two letters, such as en.", needed=True, most=2)),
            Field("text", area("Text", "Publishers read it.", needed=True)),
        ),
        body=_text,
        before="texts",
        found_by="textTypeId",
        then="texts",
    ),
)
