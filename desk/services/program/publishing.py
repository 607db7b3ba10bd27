"""Ads, publishers' sites as such, and the categories they are sorted into."""

from desk.services.program.calls import (
    ADMIN,
    MEMBER,
    PROGRAM,
    Call,
    Field,
    Link,
    Words,
    area,
    day,
    one_of,
    sort_by,
    text,
    whole,
    yes_no,
)

AD_KINDS = {1: "Text", 4: "Picture", 6: "HTML"}
_AD = Field("adId", whole("Ad", needed=True), "path")


def _ad(size: str) -> tuple[Field, ...]:
    """Return the fields of an ad; its size has another name when it is changed."""
    return (
        Field("name", text("Name", needed=True), read="adName"),
        Field("programId", whole("Program", needed=True)),
        Field("adType", one_of("Kind", AD_KINDS, needed=True, is_number=True)),
        Field("startDate", day("From")),
        Field("endDate", day("To")),
        Field("imageUrl", text("Picture", "Its address.", most=500), read="url"),
        Field("productUrl", text("Leads to", "The page in your shop.", most=500)),
        Field(size, text("Size", "Such as 300x250."), read="adSize"),
        Field("text", area("Text", "Of a text ad.")),
        Field("customHtml", area("HTML", "Of an HTML ad.")),
        Field(
            "segmentId",
            Words(label="Segments", help_text="Their numbers, with commas between.", required=False),
        ),
    )


CALLS = (
    Call(
        slug="ads",
        title="Ads",
        group="Publishing",
        path="advertiser/ads",
        pages=True,
        fields=(
            Field("programId", whole("Program", needed=True), "query"),
            Field("adType", one_of("Kind", AD_KINDS), "query"),
            Field("adName", text("Name"), "query"),
            Field("adSize", text("Size", "300x is a width, x250 a height."), "query"),
            Field("includeExpired", yes_no("Expired ones, too"), "query"),
            sort_by("lastUpdated", "createdDate", "adName", "adType", "adSize"),
        ),
        columns=(
            ("adName", "Name"),
            ("adId", "Number"),
            ("adType", "Kind"),
            ("adSize", "Size"),
            ("productUrl", "Leads to"),
            ("lastUpdate", "Changed"),
        ),
        links=(Link("ad", "Show", {"adId": "adId"}), Link("ad-edit", "Change", {"adId": "adId"})),
    ),
    Call(slug="ad", title="Ad", group="Publishing", path="advertiser/ads/{adId}", fields=(_AD,)),
    Call(
        slug="ad-add",
        title="Add an ad",
        group="Publishing",
        method="POST",
        path="advertiser/ads",
        lowest=MEMBER,
        fields=_ad("adSize"),
        then="ads",
    ),
    Call(
        slug="ad-edit",
        title="Change an ad",
        group="Publishing",
        method="PUT",
        path="advertiser/ads/{adId}",
        lowest=MEMBER,
        fields=(_AD, *_ad("size")),
        before="ad",
        then="ads",
    ),
    Call(
        slug="sources",
        title="Sites of publishers",
        group="Publishing",
        path="advertiser/sources",
        help="What is known about the sites of a program. Who applied is decided under Publishers.",
        pages=True,
        fields=(
            Field("programId", whole("Program", needed=True), "query"),
            Field("sourceName", text("Name"), "query"),
            sort_by("sourceId", "sourceName"),
        ),
        columns=(
            ("sourceName", "Name"),
            ("url", "Address"),
            ("countryCode", "Country"),
            ("promotionTypeName", "Kind"),
            ("description", "About"),
            ("publisher.name", "Publisher"),
        ),
    ),
    Call(
        slug="connections",
        title="Connections",
        group="Publishing",
        path="advertiser/programs/{programId}/sources",
        help="As the network lists them now. Decisions are made under Publishers.",
        pages=True,
        fields=(
            PROGRAM,
            Field(
                "statusId", text("Status", "1 applied, 3 accepted, 5 denied; with commas between."), "query"
            ),
            Field("segmentId", text("Segments", "Their numbers, with commas between."), "query"),
            Field("sourceId", whole("Site"), "query"),
            Field("rank", whole("Rank"), "query"),
            sort_by("segmentId", "segmentName", "statusId", "created", "lastChanged"),
        ),
        columns=(
            ("sourceName", "Name"),
            ("statusName", "Status"),
            ("statusId", "Number"),
            ("segmentName", "Segment"),
            ("categoryName", "Category"),
            ("rank", "Rank"),
            ("created", "Since"),
        ),
    ),
    Call(
        slug="categories",
        title="Categories of publishers",
        group="Publishing",
        path="advertiser/sources/categories",
        help="Your own, to sort publishers by. Not those of products.",
        pages=True,
        fields=(Field("categoryName", text("Name"), "query"), sort_by("categoryId", "categoryName")),
        columns=(("categoryName", "Name"), ("categoryId", "Number")),
        links=(
            Link("category-edit", "Rename", {"categoryId": "categoryId", "categoryName": "categoryName"}),
        ),
    ),
    Call(
        slug="category-add",
        title="Add a category",
        group="Publishing",
        method="POST",
        path="advertiser/sources/categories",
        lowest=ADMIN,
        fields=(Field("categoryName", text("Name", needed=True, most=100)),),
        then="categories",
    ),
    Call(
        slug="category-edit",
        title="Rename a category",
        group="Publishing",
        method="PUT",
        path="advertiser/sources/categories/{categoryId}",
        lowest=ADMIN,
        fields=(
            Field("categoryId", whole("Category", needed=True), "path"),
            Field("categoryName", text("Name", needed=True, most=100)),
        ),
        before="categories",
        found_by="categoryId",
        then="categories",
    ),
)
