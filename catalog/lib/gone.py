"""What becomes of an offer that its network lists no longer, and of its product with its last offer. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

KEY, MAIL_KEY = "gone", "gone_mail"  # in the policies of accounts and products


class Gone(StrEnum):
    NOTHING = "nothing"  # the page stays as it is; its price grows old
    MARK = "mark"  # shown as not available
    HIDE = "hide"  # shown no more
    DRAFT = "draft"  # marked, and the product is a draft once its last offer went
    TRASH = "trash"  # marked, and the product is in the trash once its last offer went


def gone_of(*levels: Mapping[str, Any]) -> tuple[Gone, bool]:
    """Return the policy of the first level that has one (product, account), and whether it mails."""
    policy = next((chosen for level in levels if (chosen := level.get(KEY))), Gone.MARK)
    mail = next((level[MAIL_KEY] for level in levels if MAIL_KEY in level), False)
    return Gone(policy), bool(mail)
