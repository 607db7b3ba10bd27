"""What can go wrong on the way to a network, as sentences for the user."""


class NetworkError(Exception):
    """A sentence for the user about what the network refused or got wrong. Not retried.

    The text never holds a credential: `importer.http.client` blanks them.
    """


class NetworkUnavailable(NetworkError):
    """The network cannot answer now (down, slow, rate limit, cut body). Worth trying again.

    `retry_after` is seconds, None where the network did not say.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Busy(NetworkUnavailable):
    """We did not ask: enough of our own threads wait for other people's servers already."""


class HostBusy(NetworkUnavailable):
    """Others hold every connection that we allow ourselves to this host."""


class FeedUnchanged(Exception):
    """The network says that the feed is what was read last: nothing to do. Not a failure."""


class SearchNotSupported(NetworkError):
    """The network has no search of its own: search its indexed feeds instead."""


def try_again(seconds: float | None) -> str:
    """Return the sentence that says when another try is worth it."""
    if seconds is None:
        return "Try again in a few minutes."
    if seconds < 90:
        return f"Try again in {max(2, round(seconds))} seconds."
    if seconds < 5400:
        return f"Try again in {max(2, round(seconds / 60))} minutes."
    return f"Try again in {round(seconds / 3600)} hours."


NO_RETRY = "Trying again does not help."
# What a refusal means, and what helps.
REFUSALS = {
    401: ("refused the credentials", "Trying again does not help: check the account's settings."),
    403: ("refused access", "Trying again does not help: ask the network for access."),
    404: ("does not know this address", "Trying again does not help: it may be closed or removed."),
    410: ("does not have this any more", NO_RETRY),
}
