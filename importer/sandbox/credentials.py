"""The credentials that the sandbox accepts. They open nothing but the sandbox."""

from __future__ import annotations

from dataclasses import dataclass

TRADEDOUBLER_SITE_ID = 3100001
# Tokens belong to one system each: the voucher token is real, and refused by the Products API.
TRADEDOUBLER_VOUCHER_TOKEN = "7a0d3c5be1f24986a5d07c1e93b8f4260de15a7c"  # noqa: S105
# The advertiser's, of type ADVERTISER: a publisher's token pushes nothing.
TRADEDOUBLER_ADVERTISER_TOKEN = "c4b8f02e6d917a3350e8d1b7429fa6c05e3d8b21"  # noqa: S105

ADTRACTION_OTHER_CHANNEL_ID = 1039000002  # ours as well, but no program has approved it

TRADETRACKER_OTHER_SITE_ID = 51001  # ours as well, but not accepted by any campaign

# One access key per country account: the key decides whose campaigns are seen (tradetracker.md 1).
TRADETRACKER_PASSPHRASES = {
    "DE": "c1e4f0a7d96b3825e07f41ac52d8b693fe0a7d14",
    "SE": "04b7e2d95fa1c863b20e97d4a1f5c8360bd29e7f",
    "GB": "9d3f6a1c08e5b74290af6d21c37e84b5106fd2a9",
}

DEMO_CREDENTIALS: dict[str, dict[str, str]] = {
    "tradedoubler": {"token": "5f3c1b90a2e84d67b1c05e9f7a3d2846c0b9e1d7"},
    "adtraction": {
        "token": "E0A41C7B95D2F8364B7A10C9D53E82F6417BC09A",
        "market": "DE",
        "channel_id": "1039000001",
    },
    "tradetracker": {
        "customer_id": "204801",
        "passphrase": TRADETRACKER_PASSPHRASES["DE"],
        "affiliate_site_id": "51000",
        "locale": "de_DE",
    },
}


@dataclass(frozen=True, slots=True)
class ConnectLogin:
    """A login of Tradedoubler's management host. Role: 1 owner, 2 admin, 3 member, 4 read-only."""

    client_id: str
    client_secret: str
    username: str
    password: str
    kind: str = "publisher"
    role: int = 1
    organisation: int = 2100001


CONNECT_LOGINS = (
    ConnectLogin("demo-client", "sandbox-client-secret", "demo@goodfinds.example", "sandbox-password"),
    ConnectLogin(
        "member-client", "member-client-secret", "member@goodfinds.example", "member-password", role=3
    ),
)
# What the demo enters for reports (capability REPORTS); Adtraction and TradeTracker take what search has.
DEMO_REPORTS = {
    "tradedoubler": {
        "client_id": CONNECT_LOGINS[0].client_id,
        "client_secret": CONNECT_LOGINS[0].client_secret,
        "username": CONNECT_LOGINS[0].username,
        "password": CONNECT_LOGINS[0].password,
    }
}

# --- The advertiser's side --------------------------------------------------------------------
ADVERTISER_ORGANISATION = 1900001
ADVERTISER_LOGINS = tuple(
    ConnectLogin(
        client_id=f"{name}-desk",
        client_secret=f"secret-of-{name}-desk",
        username=f"{name}@nordbad.example",
        password=f"desk-of-{name}",
        kind="advertiser",
        role=role,
        organisation=ADVERTISER_ORGANISATION,
    )
    for role, name in enumerate(("owner", "admin", "member", "reader"), 1)
)
ADTRACTION_ADVERTISER_TOKEN = "D70C2E58B1A946F3807E15BC29D4F6083A7C91E2"  # noqa: S105
TRADETRACKER_MERCHANT = ("310422", "7be09f14d2c35a8604e1f97b3dc6a2580194ed7f")
TRADETRACKER_CAMPAIGN = "20101"


def management_credentials(role: int = 1) -> dict[str, str]:
    """Return what a login of that role signs in with."""
    login = ADVERTISER_LOGINS[role - 1]
    names = ("client_id", "client_secret", "username", "password")
    return {name: getattr(login, name) for name in names}


# What an advertiser signs in with, by network and kind of login.
DEMO_ADVERTISER_CREDENTIALS: dict[str, dict[str, dict[str, str]]] = {
    "tradedoubler": {
        "products": {"token": TRADEDOUBLER_ADVERTISER_TOKEN},
        "management": management_credentials(),
    },
    "adtraction": {"channels": {"token": ADTRACTION_ADVERTISER_TOKEN}},
    "tradetracker": {
        "merchant": {
            "customer_id": TRADETRACKER_MERCHANT[0],
            "passphrase": TRADETRACKER_MERCHANT[1],
            "locale": "de_DE",
        },
        "conversions": {"campaign_id": TRADETRACKER_CAMPAIGN, "product_id": "1"},
    },
}
