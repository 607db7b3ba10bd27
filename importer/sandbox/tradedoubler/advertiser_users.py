"""Users and ads of the sandbox's organisation."""

from __future__ import annotations

from datetime import UTC, datetime

from importer.sandbox.tradedoubler.advertiser_call import Call, route
from importer.sandbox.tradedoubler.advertiser_rows import find, need, take
from importer.sandbox.tradedoubler.calls import CallRefused
from importer.sandbox.tradedoubler.organisation import stamp
from importer.sandbox.web import Response, json_response

# --- Users -----------------------------------------------------------------------------------------

_OWN = ("username", "firstName", "lastName", "email", "languageId", "newsletter", "reportCurrencyCode")


def _me(call: Call) -> dict:
    return find(call.state.organisation.users, "username", call.login.username, "User")


def me(call: Call) -> Response:
    return json_response(_me(call))


def update_me(call: Call) -> Response:
    user = _me(call)
    take(user, {**need(call.body), "username": user["username"]}, *_OWN)
    return json_response(user)


def change_password(call: Call) -> Response:
    body = need(call.body, "currentPassword", "newPassword")
    if body["currentPassword"] != call.state.connect_tokens.password_of(call.login):
        raise CallRefused(400, "Current password is wrong", "1010")
    call.state.connect_tokens.passwords[call.login.username] = body["newPassword"]
    return json_response({"response": "Password successfully changed"})


def users(call: Call) -> Response:
    shown = ("logonAccountId", "username", "firstName", "lastName", "email", "roleId", "personId")
    return json_response([{name: user[name] for name in shown} for user in call.state.organisation.users])


def _spelled(user: dict) -> dict:
    """Return a user as by-id answers spell it: with three c."""
    return {
        "logonAcccountId": user["logonAccountId"],
        **{k: v for k, v in user.items() if k != "logonAccountId"},
    }


def create_user(call: Call) -> Response:
    body = need(call.body, "username", "firstName", "lastName", "email", "roleId", "password")
    organisation = call.state.organisation
    if any(user["username"] == body["username"] for user in organisation.users):
        raise CallRefused(400, "Username is already taken", "1002")
    number = organisation.number()
    user = dict(organisation.users[0].items()) | {
        name: value for name, value in body.items() if name != "password"
    }
    user |= {"logonAccountId": number, "personId": number + 1, "roleId": int(body["roleId"])}
    organisation.users.append(user)
    return json_response(_spelled(user))


def user(call: Call) -> Response:
    return json_response(
        _spelled(find(call.state.organisation.users, "logonAccountId", call.parts[0], "User"))
    )


def update_user(call: Call) -> Response:
    row = find(call.state.organisation.users, "logonAccountId", call.parts[0], "User")
    take(row, {**need(call.body), "username": row["username"]}, *_OWN, "roleId", "countryAccess")
    row["roleId"] = int(row["roleId"])
    return json_response(_spelled(row))


def delete_user(call: Call) -> Response:
    row = find(call.state.organisation.users, "logonAccountId", call.parts[0], "User")
    if row["roleId"] == 1:
        raise CallRefused(400, "The owner cannot be deleted", "1003")
    call.state.organisation.users.remove(row)
    return json_response({"response": "User successfully deleted"})


def account(call: Call) -> Response:
    address = {
        "street": "Kaiweg 2",
        "street2": "",
        "postCode": "20457",
        "city": "Hamburg",
        "countryCode": "DE",
    }
    return json_response(
        {
            "organizationId": 1900001,
            "websiteUrl": "https://nordbad.example",
            "name": "Nordbad GmbH",
            "orgTypeId": 2,
            "creditWorthy": True,
            "tdOrganizationId": 51,
            "registrationNumber": "HRB 4711",
            "vatNumber": "DE123456789",
            "organizationStatusId": 1,
            "primaryAddress": address,
            "primaryContactPersion": {"firstName": "Olga", "LastName": "Owner"},
        }
    )


# --- Ads -------------------------------------------------------------------------------------------


def ads(call: Call) -> Response:
    if not call.query.get("programId"):
        raise CallRefused(400, "programId is required", "1001")
    rows = [
        row
        for row in call.state.organisation.ads
        if call.given(row, programId="programId", adType="adType", adId="adId")
        and call.query.get("adName", "").lower() in row["adName"].lower()
        and call.query.get("adSize", "") in row["adSize"]
    ]
    page = call.page(rows)
    page.body = b"".join([b"[", bytes(page.body), b"]"])  # type: ignore[arg-type]  # as the documents' example has it: an array around the page
    return page


_AD = ("name", "programId", "startDate", "endDate", "adType", "imageUrl", "productUrl", "text", "customHtml")


def ad(call: Call) -> Response:
    return json_response(find(call.state.organisation.ads, "adId", call.parts[0], "Ad"))


def create_ad(call: Call) -> Response:
    body = need(call.body, "name", "programId", "adType")
    program = find(call.state.organisation.programs, "id", body["programId"], "Program")
    row = {
        "programId": program["id"],
        "programName": program["name"],
        "adId": call.state.organisation.number(),
        "programCategories": ["11"],
        "createdDate": stamp(datetime.now(UTC)),
        "adSize": body.get("adSize", ""),
        "segments": [{"id": one, "name": one} for one in body.get("segmentId") or ["1"]],
    }
    call.state.organisation.ads.append(row)
    return _store_ad(row, body)


def update_ad(call: Call) -> Response:
    row = find(call.state.organisation.ads, "adId", call.parts[0], "Ad")
    row["adSize"] = call.body.get("size", row["adSize"])  # another name than in the post
    return _store_ad(row, need(call.body, "name", "adType"))


def _store_ad(row: dict, body: dict) -> Response:
    take(row, body, "startDate", "endDate", "productUrl", "text", "customHtml")
    row |= {
        "adName": body["name"],
        "adType": int(body["adType"]),
        "url": body.get("imageUrl", row.get("url")),
    }
    row["lastUpdate"] = stamp(datetime.now(UTC))
    return json_response({**row, "adType": str(row["adType"]), "adTypeName": "Ad", "deleted": "N"})


CALLS = (
    route("GET", "usermanagement/users/me", me),
    route("PUT", "usermanagement/users/me", update_me),
    route("PUT", "usermanagement/users/me/password", change_password),
    route("GET", "usermanagement/users", users, 1),
    route("POST", "usermanagement/users", create_user, 1),
    route("GET", "usermanagement/users/{}", user, 1),
    route("PUT", "usermanagement/users/{}", update_user, 1),
    route("DELETE", "usermanagement/users/{}", delete_user, 1),
    route("GET", "advertiser/account", account),
    route("GET", "advertiser/ads", ads),
    route("POST", "advertiser/ads", create_ad, 3),
    route("GET", "advertiser/ads/{}", ad),
    route("PUT", "advertiser/ads/{}", update_ad, 3),
)
