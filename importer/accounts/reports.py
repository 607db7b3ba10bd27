"""The login of an account for its network's reports: whose it is, and how it is tried and kept."""

from collections.abc import Iterator
from contextlib import contextmanager

from affiliate_site.encrypted import CredentialsUnreadable
from events.kinds import Kind
from events.record import record
from importer.accounts.accounts import record_failure
from importer.accounts.tokens import AccountTokens
from importer.http.client import Http
from importer.http.errors import NetworkError
from importer.http.oauth import Tokens
from importer.models import NetworkAccount
from importer.networks import NETWORKS
from importer.networks.contract import Capability
from importer.networks.reports import ReportLogin, Reports

REFRESH_TOKEN = "refresh_token"  # noqa: S105 the name of a field


def capability_of(network: str) -> Capability:
    """Return which credentials the network's reports are read with."""
    reports = NETWORKS[network].reports
    return Capability.REPORTS if reports and reports.has_own_login else Capability.SEARCH


def has_report_login(account: NetworkAccount) -> bool:
    """Tell whether reports may be read: the network has them, and the credentials for them are there."""
    if account.removed_at or NETWORKS[account.network].reports is None:
        return False
    try:
        return bool(account.get_credentials(capability_of(account.network)))
    except CredentialsUnreadable:
        return True  # reading says so, and a person must know


def reports_of(account: NetworkAccount, *, currency: str = "") -> Reports:
    """Return the account's reports, ready to read. Raises NetworkError when credentials are missing."""
    capability = capability_of(account.network)
    try:
        credentials = account.get_credentials(capability)
    except CredentialsUnreadable:
        raise NetworkError("credentials_unreadable") from None
    fields = NETWORKS[account.network].credential_fields[capability]
    missing = {name for name, field in fields.items() if field.required and not credentials.get(name)}
    if missing:
        raise NetworkError("credentials_missing", fields=sorted(missing), account=account.label)
    return _make(
        account.network,
        credentials,
        AccountTokens(account.pk, Capability.REPORTS),
        currency or account.currency,
    )


def connect_reports(account: NetworkAccount, credentials: dict[str, str]) -> ReportLogin:
    """Store a login for reports after the network accepted it; return whose it is. Raises NetworkError.

    A refresh token is kept as what it became: it counts once. Call it outside of a transaction.
    """
    kept = {name: value for name, value in credentials.items() if name != REFRESH_TOKEN}
    held = _Held(Tokens(refresh=credentials.get(REFRESH_TOKEN, "")))
    try:
        login = _make(account.network, kept, held, account.currency).check()
    except NetworkError as error:
        record_failure(account.network, f"The login for reports of “{account.label}”", error, account=account)
        raise
    account.set_credentials(kept, Capability.REPORTS)
    account.save(update_fields=["encrypted_credentials"])
    with AccountTokens(account.pk, Capability.REPORTS).lock(10) as stored:
        stored.save(held.tokens)
    record(
        Kind.ACCOUNT_CHANGED,
        f"account:{account.pk}",
        after={"login for reports": login.name},
        sources=[account.network],
    )
    return login


def _make(
    network: str, credentials: dict[str, str], tokens: "AccountTokens | _Held", currency: str
) -> Reports:
    kind = NETWORKS[network].reports
    if kind is None:
        raise NetworkError("no_reports", network=NETWORKS[network].label)
    secrets = NETWORKS[network](credentials).secrets()
    return kind(credentials, Http(secrets, name=NETWORKS[network].label), tokens, currency)


class _Held:
    """Tokens of a login that is tried: in memory until it is known to work."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens

    def load(self) -> Tokens:
        return self.tokens

    @contextmanager
    def lock(self, seconds: float) -> Iterator["_Held"]:
        yield self

    def save(self, tokens: Tokens) -> None:
        self.tokens = tokens
