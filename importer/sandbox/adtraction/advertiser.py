"""Adtraction's client API: sixty channels that applied to one program, and what was decided about them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from importer.sandbox.catalogue.shops import Feed, network_feeds
from importer.sandbox.credentials import DEMO_CREDENTIALS

CHANNELS = 60
REJECTED, APPROVED, PENDING = 0, 1, 2
_KINDS = ("Blog", "Newsletter", "Cashback", "Comparison", "Social media")
_OURS = int(DEMO_CREDENTIALS["adtraction"]["channel_id"])
# The program whose advertiser signs in here: one for which the publisher of this sandbox still waits.
PROGRAM: Feed = next(feed for feed in network_feeds("adtraction") if feed.state == "pending")


class Channels:
    """The channels of the program, by id."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.rows: dict[int, dict[str, Any]] = {}
        for n in range(CHANNELS):
            number = _OURS if n == 0 else 1062700000 + n
            kind = _KINDS[n % len(_KINDS)]
            applied = date(2026, 10, 1) + timedelta(days=n // 2)
            self.rows[number] = {
                "affiliateId": 906248000 + n,
                "affiliateName": f"Partner {n}",
                "channelId": number,
                "channelName": f"{kind} number {n}" if n else "Good finds",
                "channelDescription": f"A {kind.lower()} about things that people buy.",
                "channelUrl": f"https://channel-{n}.example" if n % 11 else "",
                "channelType": kind,
                "approvalStatus": PENDING,
                # The documents' own sample names a day that there is not.
                "applicationDate": applied.isoformat() if n != 7 else "2026-11-31",
            }

    def listed(self, values: dict[str, Any]) -> list[dict[str, Any]]:
        names = {"channelId": "channelId", "affiliateId": "affiliateId", "approvalStatus": "approvalStatus"}
        return [
            row
            for row in self.rows.values()
            if all(values.get(name, row[key]) == row[key] for name, key in names.items())
        ]

    def decide(self, number: int, status: int, reason: int | None) -> None:
        row = self.rows[number]
        row["approvalStatus"] = status
        for name in ("rejectReason", "reasonText"):
            row.pop(name, None)
        if status == REJECTED:
            row |= {"rejectReason": reason, "reasonText": f"Reason {reason}"}

    def status_of(self, feed: Feed, channel_id: int) -> int | None:
        """Return what was decided of a channel of this program; None where nothing was."""
        row = self.rows.get(channel_id) if feed is PROGRAM else None
        return row["approvalStatus"] if row and row["approvalStatus"] != PENDING else None
