"""Tradedoubler's calls for advertisers. Their slips are the documents' own."""

from __future__ import annotations

from importer.sandbox.tradedoubler import (
    advertiser_programs,
    advertiser_report,
    advertiser_terms,
    advertiser_users,
)

CALLS = (
    *advertiser_users.CALLS,
    *advertiser_programs.CALLS,
    *advertiser_terms.CALLS,
    *advertiser_report.CALLS,
)
