"""Connect accounts and keep what they can reach up to date."""

from collections import Counter
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import asdict

from django.db import transaction
from django.utils import timezone

from affiliate_site.encrypted import CredentialsUnreadable
from catalog.locks import take_turn
from catalog.site.settings import get_settings
from events.kinds import Kind
from events.record import changes, record
from importer.accounts.link_domains import learn_link_domains, refresh_link_domains
from importer.models import Feed, NetworkAccount, Program
from importer.networks import NETWORKS, get_network
from importer.networks.contract import Capability, FeedData, Network, NetworkError, ProgramData

SETTINGS = (
    *("label", "currency", "product_status", "import_description"),
    *("quick_publishes", "links_pictures", "link_domains"),
    *("mirrors_imported", "mirror_up_to", "gone_after_misses", "gone_after_hours", "works_from", "works_to"),
)
# What the network says anew; the domains that a program's links taught us stay.
PROGRAM_FIELDS = ["name", "url", "logo_url", "market", "currency"]


def network_of(account: NetworkAccount) -> Network:
    """Return the account's network, ready to speak. Raises NetworkError when credentials are missing."""
    try:
        credentials = account.get_credentials()
    except CredentialsUnreadable:
        raise NetworkError("credentials_unreadable") from None
    fields = NETWORKS[account.network].credential_fields[Capability.SEARCH]
    required = {name for name, field in fields.items() if field.required}
    if missing := required - {name for name, value in credentials.items() if value}:
        raise NetworkError("credentials_missing", fields=sorted(missing), account=account.label)
    return get_network(account.network, credentials)


def connect_account(
    network: str,
    *,
    credentials: dict[str, str],
    label: str,
    defaults: dict | None = None,
    account: NetworkAccount | None = None,
) -> NetworkAccount:
    """Store an account, new or known, after the network accepted its credentials.

    `defaults` sets fields of NetworkAccount (currency, product_status, ...); without a currency, a new
    account gets that of its market, or of most of its products. Raises NetworkError with the
    network's reason, and then nothing is stored; the failure is in the log.
    """
    try:
        get_network(network, credentials).check()
    except NetworkError as error:
        record_failure(network, f"Connecting “{label}”", error, account=account)
        raise
    account = account or NetworkAccount(network=network)
    is_new = account.pk is None
    account.label = label
    for name, value in (defaults or {}).items():
        setattr(account, name, value)
    if account.pk is None and not (defaults or {}).get("currency"):
        account.currency = _own_currency(get_network(network, credentials))
    account.set_credentials(credentials)
    account.checked_at, account.check_error = timezone.now(), ""
    with transaction.atomic():
        old = {} if is_new else _settings(NetworkAccount.objects.get(pk=account.pk))
        account.save()
        refresh_link_domains(network)
        record(
            Kind.ACCOUNT_CONNECTED,
            f"account:{account.pk}",
            **({"after": {"label": label}} if is_new else changes(old, _settings(account))),
            sources=[network],
        )
    return account


def _own_currency(network: Network) -> str:
    if currency := network.market_currency():
        return currency
    counts: Counter[str] = Counter()
    with suppress(NetworkError):  # it answered just now, and the account can be set by hand
        for feed in network.fetch_feeds():
            counts[feed.currency] += feed.item_count or 1
    del counts[""]
    return counts.most_common(1)[0][0] if counts else get_settings().currency


def update_account(account: NetworkAccount, fields: Collection[str]) -> None:
    """Store what changed of an account's label and defaults; its credentials stay."""
    with transaction.atomic():
        old = _settings(NetworkAccount.objects.select_for_update(no_key=True).get(pk=account.pk))
        account.save(update_fields=fields)
        refresh_link_domains(account.network)
        if changed := changes(old, _settings(account)):
            record(Kind.ACCOUNT_CHANGED, f"account:{account.pk}", **changed, sources=[account.network])


def record_failure(
    network: str, task: str, error: NetworkError, *, account: NetworkAccount | None = None
) -> None:
    """Note that a network refused `task`, in words ("Search for “boot”"), or did not answer."""
    record(
        Kind.ACCOUNT_FAILED,
        f"account:{account.pk}" if account and account.pk else f"network:{network}",
        after={"task": task, "error": error.reason.to_json()},
        sources=[network],
    )


def _settings(account: NetworkAccount) -> dict:
    """Return what events tell of an account: never a credential."""
    return {name: getattr(account, name) for name in SETTINGS}


def check_account(account: NetworkAccount) -> None:
    """Ask the network whether the credentials still work, and store the answer. Raises NetworkError."""
    try:
        network_of(account).check()
        account.check_error = ""
    except NetworkError as error:
        account.check_error = error.reason
        record_failure(account.network, f"The test of “{account.label}”", error, account=account)
        raise
    finally:
        account.checked_at = timezone.now()
        account.save(update_fields=["checked_at", "check_error"])


def refresh_account(account: NetworkAccount) -> list[Feed]:
    """Bring the account's programs and feeds up to date; return the feeds that must be mirrored here.

    A network without a search of its own has all its feeds mirrored. Raises NetworkError; logged.
    """
    try:
        network = network_of(account)
        programs = {data.external_id: data for data in network.fetch_programs()}
        feeds = {data.external_id: data for data in network.fetch_feeds()}
    except NetworkError as error:
        record_failure(account.network, "Reading the programs", error, account=account)
        raise
    with transaction.atomic():
        upsert_programs(account, programs.values())
        _store_feeds(account, feeds.values(), is_mirrored=not network.has_search)
        record(
            Kind.ACCOUNT_REFRESHED,
            f"account:{account.pk}",
            after={"label": account.label, "programs": len(programs), "feeds": len(feeds)},
            sources=[account.network],
        )
    return list(account.feeds.filter(is_mirrored=True, external_id__in=feeds))


def upsert_programs(account: NetworkAccount, programs: Collection[ProgramData]) -> None:
    """Store what the network says of programs, and tell their shops where links may lead now."""
    with transaction.atomic():
        take_turn()
        ordered = sorted(programs, key=lambda data: data.external_id)
        Program.objects.bulk_create(
            [Program(account=account, **asdict(data)) for data in ordered],
            update_conflicts=True,
            unique_fields=["account", "external_id"],
            update_fields=PROGRAM_FIELDS,
        )
        learn_link_domains(account.network, {data.external_id: data.link_domains for data in programs})
        refresh_link_domains(account.network)


def _store_feeds(account: NetworkAccount, feeds: Iterable[FeedData], *, is_mirrored: bool) -> None:
    program_ids = dict(account.programs.values_list("external_id", "pk"))
    Feed.objects.bulk_create(
        [
            Feed(
                account=account,
                program_id=program_ids.get(data.program_id),
                external_id=data.external_id,
                name=data.name or data.program_name or data.external_id,
                language=data.language,
                currency=data.currency,
                url=data.url,
                item_count=data.item_count,
                network_updated_at=data.network_updated_at,
                is_mirrored=is_mirrored,
            )
            for data in sorted(feeds, key=lambda data: data.external_id)
        ],
        update_conflicts=True,
        unique_fields=["account", "external_id"],
        update_fields=["program", "name", "language", "currency", "url", "item_count", "network_updated_at"],
    )
