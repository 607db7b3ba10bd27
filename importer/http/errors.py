"""What can go wrong on the way to a network: codes with parameters. Their sentences: `importer.sentences`."""

from __future__ import annotations

from typing import Any

from importer.reasons import Reason, try_again


class NetworkError(Exception):
    """What the network refused or got wrong. Not retried.

    `params` are what the sentence of the code names. They never hold a credential: `importer.http.client`
    blanks them.
    """

    retry_after: float | None = None

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params

    def __str__(self) -> str:
        """Return what a log needs; people get a sentence, by `importer.sentences.say`."""
        return " ".join([self.code, *(f"{name}={value!r}" for name, value in self.params.items())])

    @property
    def reason(self) -> Reason:
        return Reason(self.code, self.params)


class NetworkUnavailable(NetworkError):
    """The network cannot answer now (down, slow, rate limit, cut body). Worth trying again.

    `retry_after` is seconds, None where the network did not say.
    """

    def __init__(self, code: str, retry_after: float | None = None, **params: Any) -> None:
        super().__init__(code, **params)
        self.retry_after = retry_after

    @property
    def reason(self) -> Reason:
        return Reason(self.code, self.params, try_again(self.retry_after))


class Busy(NetworkUnavailable):
    """We did not ask: enough of our own threads wait for other people's servers already."""


class HostBusy(NetworkUnavailable):
    """Others hold every connection that we allow ourselves to this host."""


class FeedUnchanged(Exception):
    """The network says that the feed is what was read last: nothing to do. Not a failure."""


class SearchNotSupported(NetworkError):
    """The network has no search of its own: search its indexed feeds instead."""


# What a status means that no other try changes; any other is `request_refused`.
REFUSALS = {401: "credentials_refused", 403: "access_refused", 404: "address_unknown", 410: "address_gone"}
