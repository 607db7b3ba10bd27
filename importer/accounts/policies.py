"""What the feeds of an account may change (`catalog.lib.merge`, `catalog.lib.gone`)."""

from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction

from catalog.lib.merge import DEFAULTS, Policy
from events.kinds import Kind
from events.record import record
from importer.models import NetworkAccount

# What was left alone so far may follow now: the next sync looks at these offers again.
_LOOK_AGAIN = """
    UPDATE catalog_offer AS offer SET source_digest = NULL
    WHERE id IN (
        SELECT held.id FROM catalog_offer AS held
        JOIN importer_feeditem AS item ON item.source_key = held.source_key
        JOIN importer_feed AS feed ON feed.id = item.feed_id AND feed.account_id = %s
        WHERE held.source = %s AND held.source_digest IS NOT NULL
        ORDER BY held.id FOR NO KEY UPDATE OF held
    )
"""


def set_policies(account: NetworkAccount, policies: Mapping[str, Any]) -> None:
    """Store the account's policies. What may follow from now on does with the next sync of each feed."""
    with transaction.atomic():
        stored = NetworkAccount.objects.select_for_update(no_key=True).get(pk=account.pk)
        before, after = stored.policies, dict(policies)
        if before == after:
            return
        NetworkAccount.objects.filter(pk=account.pk).update(policies=after)
        if any(_is_looser(field, before, after) for field in DEFAULTS):
            with connection.cursor() as cursor:
                cursor.execute(_LOOK_AGAIN, [account.pk, account.network])
        record(
            Kind.ACCOUNT_CHANGED,
            f"account:{account.pk}",
            before={"policies": before},
            after={"policies": after},
            sources=[account.network],
        )
    account.policies = after


_ORDER = [Policy.NEVER, Policy.UNLESS_EDITED, Policy.ALWAYS]


def _is_looser(field: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    old, new = (Policy(each.get(field, DEFAULTS[field])) for each in (before, after))
    return _ORDER.index(new) > _ORDER.index(old)
