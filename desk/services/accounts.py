"""Connect an advertiser's logins, test them and forget them."""

from typing import TypeVar

from django.db import transaction
from django.utils import timezone

from affiliate_site.encrypted import CredentialsUnreadable
from desk.models import DeskAccount
from events.kinds import Kind
from events.record import changes, record
from importer.http.client import Http
from importer.networks import NETWORKS
from importer.networks.advertiser import Advertiser, LoginData
from importer.networks.contract import NetworkError

Login = TypeVar("Login", bound=Advertiser)


def login_of(account: DeskAccount, kind: type[Login]) -> Login:
    """Return what speaks for the account, which is of that class. Raises NetworkError without credentials."""
    try:
        credentials = account.get_credentials()
    except CredentialsUnreadable:
        raise NetworkError("credentials_unreadable") from None
    fields = account.kind_class.credential_fields
    required = {name for name, field in fields.items() if field.required}
    if missing := required - {name for name, value in credentials.items() if value}:
        raise NetworkError("credentials_missing", fields=sorted(missing), account=account.label)
    found = _login(account.network, account.kind, credentials)
    if not isinstance(found, kind):
        raise TypeError(f"{account.network} {account.kind} is no {kind.__name__}")
    return found


def _login(network: str, kind: str, credentials: dict[str, str]) -> Advertiser:
    kind_class = NETWORKS[network].advertiser[kind]
    return kind_class(credentials, Http(kind_class.secrets(credentials), NETWORKS[network].label))


def list_accounts() -> list[DeskAccount]:
    """Return every login."""
    return list(DeskAccount.objects.all())


def accounts_of(network: str, kind: str) -> list[DeskAccount]:
    """Return the logins of one kind."""
    return list(DeskAccount.objects.filter(network=network, kind=kind))


def connect_account(
    network: str,
    kind: str,
    *,
    credentials: dict[str, str],
    label: str,
    account: DeskAccount | None = None,
) -> DeskAccount:
    """Store a login, new or known, after the network accepted it. Raises NetworkError, and stores nothing."""
    known = _login(network, kind, credentials).check()
    is_new = account is None
    account = account or DeskAccount(network=network, kind=kind)
    old = {} if is_new else _told(DeskAccount.objects.get(pk=account.pk))
    account.label = label
    account.set_credentials(credentials)
    _note(account, known)
    with transaction.atomic():
        account.save()
        told = {"after": _told(account)} if is_new else changes(old, _told(account))
        record(Kind.DESK_ACCOUNT_CONNECTED, key_of(account), **told, sources=[network])
    return account


def rename_account(account: DeskAccount, label: str) -> None:
    """Give a login another name."""
    with transaction.atomic():
        old = DeskAccount.objects.select_for_update(no_key=True).get(pk=account.pk)
        account.label = label
        account.save(update_fields=["label"])
        if changed := changes(_told(old), _told(account)):
            record(Kind.DESK_ACCOUNT_CHANGED, key_of(account), **changed, sources=[account.network])


def check_account(account: DeskAccount) -> None:
    """Ask the network whether the login still works, and store the answer. Raises NetworkError."""
    try:
        _note(account, login_of(account, Advertiser).check())
    except NetworkError as error:
        account.check_error = error.reason  # type: ignore[assignment]  # the field takes reasons
        account.checked_at = timezone.now()
        raise
    finally:
        account.save(update_fields=["checked_at", "check_error", "programs", "role"])


def note_refusal(account: DeskAccount, error: NetworkError) -> None:
    """Keep with a login that it was refused: then somebody has to look after it."""
    if error.code in ("token_refused", "credentials_refused", "sign_in_again"):
        DeskAccount.objects.filter(pk=account.pk).update(check_error=error.reason, checked_at=timezone.now())


def remove_account(account: DeskAccount) -> None:
    """Forget a login, and what the desk keeps of it. What was sent stays at the network."""
    with transaction.atomic():
        record(Kind.DESK_ACCOUNT_REMOVED, key_of(account), before=_told(account), sources=[account.network])
        account.delete()


def key_of(account: DeskAccount) -> str:
    """Return the subject of events about a login."""
    return f"desk_account:{account.pk}"


def _note(account: DeskAccount, known: LoginData) -> None:
    account.programs, account.role = dict(known.programs), known.role[:30]
    account.checked_at, account.check_error = timezone.now(), ""


def _told(account: DeskAccount) -> dict[str, str]:
    """Return what events tell of a login: never a credential."""
    return {"label": account.label, "kind": account.kind}
