"""How often somebody may ask for an alert."""

from affiliate_site.rates import count_up

HOUR, DAY = 3600, 86_400
PER_NETWORK = 10  # in an hour: forms sent from one address of the network
PER_ADDRESS = 3  # in a day: mails to one mail address that has not asked us for any
PER_SITE = 300  # in an hour: whatever others do to us, we do not become a mailer of theirs


def network_may_ask(network: str) -> bool:
    """Count a form, and tell whether this network and the site may have one more. Raises RedisError."""
    # Who asks too often does not use up what the others have.
    return (
        count_up("alerts:network", network, HOUR) <= PER_NETWORK
        and count_up("alerts:site", "", HOUR) <= PER_SITE
    )


def address_may_get_mail(key: str) -> bool:
    """Count a mail that asks an address to confirm; tell whether it may get one. Raises RedisError."""
    return count_up("alerts:address", key, DAY) <= PER_ADDRESS
