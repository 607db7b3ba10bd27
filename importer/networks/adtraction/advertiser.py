"""Adtraction for advertisers: the channels that applied to the program of a token (docs/desk.md).

Ten calls a minute, of reading and deciding together. So nobody reads what it need not, and a page never asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django.conf import settings

from importer.http.answers import Answer
from importer.http.auth import HeaderToken
from importer.http.budget import Budget
from importer.http.client import Http
from importer.http.errors import NetworkError
from importer.networks.adtraction.answers import message_of, reset_seconds
from importer.networks.advertiser import Advertiser, LoginData
from importer.networks.credentials import token_field
from importer.networks.items import as_dicts
from importer.normalise import clean_text, clean_url

NAME = "Adtraction"
CALLS_A_MINUTE = 10

REJECTED, APPROVED, PENDING = 0, 1, 2
REASONS = {
    0: "Not enough content or posts",
    1: "Content is not relevant",
    2: "A closed site, group or account",
    3: "The site answers 404",
    4: "The site does not exist",
    5: "Wrong or shady contact details",
    6: "Unethical content",
    7: "Not the site's owner",
    8: "No link, or too little about the channel",
    9: "Too few followers or visitors",
    10: "Poor design",
    11: "Traffic is not relevant",
    12: "Outdated content",
}


@dataclass(frozen=True, slots=True)
class Channel:
    """A place where a partner promotes us, and what was decided about it."""

    external_id: str
    name: str
    partner_id: str
    partner: str
    description: str
    url: str
    kind: str
    status: int
    applied_on: date | None  # the documents' own sample is the 31st of November
    reject_reason: int | None
    reason_text: str


class AdtractionChannels(Advertiser):
    """The channels of one advertiser's program."""

    label = "Publishers"
    use = "Approve and reject the channels that apply to your program."
    credential_fields: ClassVar = {
        "token": token_field(
            "API token",
            help_text="In Adtraction, as an advertiser: Account > Settings, under API. It is one program's.",
        ),
    }

    def __init__(self, credentials: Mapping[str, str], http: Http) -> None:
        super().__init__(credentials, http)
        self._auth = HeaderToken("X-Token", credentials["token"])
        # One budget for both calls: the documents give one limit, and the stricter reading costs nothing.
        self._budget = Budget(http, "adtraction", credentials["token"], "client/channels")

    def check(self) -> LoginData:
        """Return nothing but that the token is an advertiser's: the API names no program."""
        list(self.fetch_channels(status=PENDING))
        return LoginData()

    def fetch_channels(
        self, *, status: int | None = None, channel_id: str = "", partner_id: str = ""
    ) -> Iterator[Channel]:
        """Yield the channels that applied to the program; one call, however many there are."""
        body = {
            "approvalStatus": status,
            "channelId": int(channel_id) if channel_id else None,
            "affiliateId": int(partner_id) if partner_id else None,
        }
        given = {name: value for name, value in body.items() if value is not None}  # null is refused
        data = self.http.json(self._call("POST", given, idempotent=True))
        if isinstance(data, dict) and clean_text(data.get("message")).lower().startswith("no "):
            data = []
        if not isinstance(data, list):
            raise self.http.unavailable("unknown_form")
        for row in as_dicts(data):
            if row.get("channelId"):
                yield _channel(row)

    def decide(self, channel_id: str, *, approve: bool, reason: int | None = None) -> None:
        """Approve or reject a channel. Sent once; a rejection has one of `REASONS`."""
        if not approve and reason not in REASONS:
            raise ValueError("A rejection has a reason.")
        body: dict[str, Any] = {"channelId": int(channel_id), "approvalStatus": int(approve)}
        if not approve:
            body["rejectReason"] = reason
        data = self.http.json(self._call("PUT", body, idempotent=False))
        if not isinstance(data, dict) or data.get("success") is not True:
            said = clean_text(data.get("message"), 300) if isinstance(data, dict) else ""
            raise self.http.refused("decision_refused", said=said)

    def _call(self, method: str, body: Mapping[str, Any], idempotent: bool) -> Answer:
        self._budget.spend()
        answer = self.http.request(
            method,
            f"{settings.ADTRACTION_API_URL.rstrip('/')}/v3/client/channels/",
            json=dict(body),
            auth=self._auth,
            headers={"Accept": "application/json"},
            idempotent=idempotent,
            retry_on=frozenset(),  # each try would cost one of the ten
        )
        self._budget.learn(answer.headers)
        if answer.status_code not in (200, 204):
            raise self._failure(answer)
        return answer

    def _failure(self, answer: Answer) -> NetworkError:
        if answer.status_code == 429:
            seconds = reset_seconds(answer)
            self._budget.exhaust(seconds)
            return self.http.unavailable("rate_limited", seconds, who=NAME, said="")
        return self.http.failure(answer.status_code, answer.headers, message_of(answer.text))


def _channel(row: Mapping[str, Any]) -> Channel:
    status, reason = row.get("approvalStatus"), row.get("rejectReason")
    return Channel(
        external_id=str(row["channelId"]),
        name=clean_text(row.get("channelName"), 200),
        partner_id=clean_text(row.get("affiliateId"), 40),
        partner=clean_text(row.get("affiliateName"), 200),
        description=clean_text(row.get("channelDescription"), 2000),
        url=clean_url(row.get("channelUrl")),
        kind=clean_text(row.get("channelType"), 60),
        status=status if status in (REJECTED, APPROVED, PENDING) else PENDING,
        applied_on=_day(row.get("applicationDate")),
        reject_reason=reason if reason in REASONS and status == REJECTED else None,
        reason_text=clean_text(row.get("reasonText"), 300),
    )


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
