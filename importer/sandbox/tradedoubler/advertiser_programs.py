"""Programs and publishers' sites of the sandbox's organisation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from importer.sandbox.tradedoubler.advertiser_call import Call, route
from importer.sandbox.tradedoubler.advertiser_rows import find, need, outcome, program_of, take
from importer.sandbox.tradedoubler.calls import CallRefused
from importer.sandbox.tradedoubler.organisation import stamp
from importer.sandbox.web import Response, json_response

_CLOSURES = {str(number) for number in range(899140000, 899140022)}


# --- Programs --------------------------------------------------------------------------------------


def programs(call: Call) -> Response:
    organisation = call.state.organisation
    rows = []
    for program in organisation.programs:
        counts = [source["statusId"] for source in organisation.sources.get(program["id"], [])]
        status = {"accepted": counts.count(3), "underConsideration": counts.count(1)}
        if call.given(program, active="active", paused="paused", countryCode="countryCode"):
            rows.append({**program, "sourceStatus": status})
    name = call.query.get("name", "").lower()
    return call.page(row for row in rows if name in row["name"].lower())


def _told(program: dict) -> dict:
    persons = {"adminPersonId": program["adminPersonId"], "techPersonId": program["techPersonId"]}
    categories = [
        {"categoryId": int(one), "categoryName": f"Category {one}"} for one in program["categoryIds"]
    ]
    return {**program, "categories": categories, "persons": persons}


def program(call: Call) -> Response:
    return json_response(_told(program_of(call)))


_NEEDED = (
    "name",
    "currencyCode",
    "countryCode",
    "implementationTypeId",
    "adminPersonId",
    "techPersonId",
    "genericPersonId",
    "invoiceTdOrgId",
    "tdOrganizationId",
)


def create_program(call: Call) -> Response:
    body, organisation = need(call.body, *_NEEDED), call.state.organisation
    row = {**organisation.programs[0], **body, "id": organisation.number(), "createdDate": "2026-11-28"}
    row["categoryIds"] = [str(one) for one in body.get("categories") or []]
    organisation.programs.append(row)
    organisation.sources[row["id"]], organisation.commissions[row["id"]] = [], []
    organisation.segments[row["id"]] = [{"id": 1, "name": "General"}]
    organisation.texts[row["id"]] = []
    organisation.advanced[row["id"]] = {**next(iter(organisation.advanced.values())), "id": row["id"]}
    return json_response(_told(row))


def update_program(call: Call) -> Response:
    row, body = program_of(call), need(call.body, *_NEEDED)
    row.update({name: value for name, value in body.items() if name in row and name != "id"})
    if "categories" in body:
        row["categoryIds"] = [str(one) for one in body["categories"]]
    return json_response(_told(row))


def end_program(call: Call) -> Response:
    row = program_of(call)
    if call.query.get("td_mainclosurereason") not in _CLOSURES:
        raise CallRefused(400, "td_mainclosurereason is required", "1001")
    row["endDate"] = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    return json_response({"message": "Program is closed"})


def advanced(call: Call) -> Response:
    return json_response(call.state.organisation.advanced[program_of(call)["id"]])


def update_advanced(call: Call) -> Response:
    row = call.state.organisation.advanced[program_of(call)["id"]]
    row.update({name: value for name, value in need(call.body, "timeZoneId").items() if name in row})
    return json_response(row)


def texts(call: Call) -> Response:
    row = program_of(call)
    told = call.state.organisation.texts[row["id"]]
    return json_response({"programId": row["id"], "programName": row["name"], "texts": told})


def update_texts(call: Call) -> Response:
    told = call.state.organisation.texts[program_of(call)["id"]]
    for text in need(call.body, "texts")["texts"]:
        key = (text.get("languageCode"), int(text.get("textTypeId", 0)))
        told[:] = [one for one in told if (one["languageCode"], one["textTypeId"]) != key]
        told.append({**text, "textTypeId": key[1], "textTypeName": f"Text {key[1]}"})
    return texts(call)


def time_zones(call: Call) -> Response:
    rows = [{"id": 14 + hours, "countryCode": "XX", "timeZone": f"UTC+{hours}"} for hours in range(4)]
    return json_response(rows)


# --- Sources and their categories ------------------------------------------------------------------


def sources(call: Call) -> Response:
    rows = call.state.organisation.sources[program_of(call)["id"]]
    return call.page(
        row
        for row in rows
        if call.given(row, segmentId="segmentId", statusId="statusId", sourceId="sourceId", rank="rank")
    )


def update_sources(call: Call) -> Response:
    organisation, number = call.state.organisation, program_of(call)["id"]
    good, bad = [], []
    for item in need(call.body, "items")["items"]:
        known = [
            row for row in organisation.sources[number] if str(row["sourceId"]) == str(item.get("sourceId"))
        ]
        segment = [
            one for one in organisation.segments[number] if str(one["id"]) == str(item.get("segmentId", 1))
        ]
        category = [
            one for one in organisation.categories if str(one["categoryId"]) == str(item.get("categoryId"))
        ]
        why = "" if known else "source not found"
        why = why or ("" if segment else "segment not found")
        why = why or ("" if category or not item.get("categoryId") else "category not found")
        if why:
            bad.append({**item, "reason": why})
            continue
        row = known[0]
        row["lastChanged"] = stamp(datetime.now(UTC))
        row["statusId"] = int(item.get("statusId", row["statusId"]))
        if "segmentId" in item:
            row |= {"segmentId": segment[0]["id"], "segmentName": segment[0]["name"]}
        if category:
            row |= category[0]
        if "rank" in item:
            row["rank"] = int(item["rank"])
        good.append({name: row[name] for name in ("sourceId", "statusId", "segmentId")})
    return outcome(call, good, bad, "successItems", "failItems")


def all_sources(call: Call) -> Response:
    if not call.query.get("programId"):
        raise CallRefused(400, "programId is required", "1001")
    rows = call.state.organisation.sources.get(int(call.query["programId"]), [])
    return call.page(
        {
            "sourceId": row["sourceId"],
            "sourceName": row["sourceName"],
            "countryCode": "DE",
            "promotionTypeId": row.get("promotionTypeId"),
            "promotionTypeName": row.get("promotionTypeName"),
            "description": f"About {row['sourceName']}",
            "url": row.get("sourceUrl"),
            "trafficSizeId": 2,
            "publisher": {"id": row["sourceId"] + 5, "name": f"Owner of {row['sourceName']}"},
        }
        for row in rows
        if call.query.get("sourceName", "").lower() in row["sourceName"].lower()
    )


def source_categories(call: Call) -> Response:
    name = call.query.get("categoryName", "").lower()
    rows = call.state.organisation.categories
    return call.page(
        row
        for row in rows
        if name in row["categoryName"].lower() and call.given(row, categoryId="categoryId")
    )


def create_source_category(call: Call) -> Response:
    row = {
        "categoryId": call.state.organisation.number(),
        "categoryName": need(call.body, "categoryName")["categoryName"],
    }
    call.state.organisation.categories.append(row)
    return json_response({**row, "categoryId": str(row["categoryId"])})  # a text here, a number elsewhere


def update_source_category(call: Call) -> Response:
    row = find(call.state.organisation.categories, "categoryId", call.parts[0], "Category")
    take(row, need(call.body, "categoryName"), "categoryName")
    return json_response(row)


CALLS = (
    route("GET", "advertiser/programs", programs),
    route("POST", "advertiser/programs", create_program, 2),
    route("GET", "advertiser/programs/options/timezones", time_zones),
    route("GET", "advertiser/programs/{}", program),
    route("PUT", "advertiser/programs/{}", update_program, 3),
    route("DELETE", "advertiser/programs/{}", end_program, 2),
    route("GET", "advertiser/programs/{}/advanced", advanced, 2),
    route("PUT", "advertiser/programs/{}/advanced", update_advanced, 2),
    route("GET", "advertiser/programs/{}/texts", texts),
    route("PUT", "advertiser/programs/{}/texts", update_texts, 3),
    route("GET", "advertiser/programs/{}/sources", sources),
    route("PUT", "advertiser/programs/{}/sources", update_sources, 2),
    route("GET", "advertiser/sources", all_sources),
    route("GET", "advertiser/sources/categories", source_categories),
    route("POST", "advertiser/sources/categories", create_source_category, 2),
    route("PUT", "advertiser/sources/categories/{}", update_source_category, 2),
)
