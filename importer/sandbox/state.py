"""What the sandbox remembers between requests: options, faults, sessions, quotas, who asked for what."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from importer.sandbox.adtraction.advertiser import Channels
from importer.sandbox.catalogue.items import Catalogue
from importer.sandbox.catalogue.matching import Searcher
from importer.sandbox.credentials import ConnectLogin
from importer.sandbox.sales.ledger import Ledger
from importer.sandbox.tradedoubler.organisation import Organisation
from importer.sandbox.tradedoubler.own_shelf import Shelf

REMEMBERED_REQUESTS = 500
_SECRET_WORDS = ("token", "passphrase", "cookie", "authorization")


@dataclass(slots=True)
class Options:
    """What the networks' documents leave open, or what a test wants to be quicker than in life."""

    page_size_cap: int = 100  # Tradedoubler; 100 and 1000 were both seen (docs/networks/tradedoubler.md 2)
    unlimited_wait_seconds: float = 2.0  # how long an Unlimited file is "being created"
    unlimited_wait_status: int = 202  # 200 was seen as well (docs/networks/tradedoubler.md 5)
    unlimited_quota: int = 3  # downloads of one version in 24 hours
    rate_limit: int = 30  # Adtraction, per minute and endpoint
    slow_rate_limit: int = 10  # Adtraction's lower limit, on channels
    session_seconds: float = 1200.0  # TradeTracker
    connect_rate_limit: int = 60  # Tradedoubler's management host, per minute
    connect_token_seconds: float = 900.0
    connect_one_month: int = 0  # 1: transactions of more than 31 days are refused
    connect_to_is_exclusive: int = 0  # whether `toDate` is in the window
    connect_iso_times: int = 0  # 1: "2026-10-04T11:02:33" instead of "2026-10-04 11:02:33.0"
    connect_array: int = 1  # 1: the page of programs comes in an array of one
    sales_share: float = 0.5  # of the clicks that become a sale; the first of each network always does
    sales_delay: float = 5.0  # seconds from a click to its sale
    sales_oddities: int = 1  # 0: sales are as plain as can be
    adtraction_epi_inside: int = 1  # 0: the sub-id stands in the row alone, not in its click
    tradetracker_to_is_exclusive: int = 1

    outcome_lists: int = 1  # Tradedoubler's batches: 0 says "items", 1 what was taken and refused apart
    conversions_always_200: int = 0  # TradeTracker's hosts say yes to anything
    conversions_twice: int = 0  # the same tid twice is two conversions
    max_post_bytes: int = 64 * 1024 * 1024  # of products at Tradedoubler; a larger post is answered with 413
    names_products: int = 1  # 0: errors of a post do not say of which product
    keeps_good: int = 1  # 0: a post with one bad product stores none of it

    def update(self, values: dict[str, Any]) -> None:
        """Set options by name; raises ValueError for an unknown name or a value of the wrong type."""
        kinds = {entry.name: type(getattr(self, entry.name)) for entry in fields(self)}
        for name, value in values.items():
            if name not in kinds or isinstance(value, bool) or not isinstance(value, int | float):
                raise ValueError(f"not an option: {name}")
        for name, value in values.items():
            setattr(self, name, kinds[name](value))


@dataclass(slots=True)
class Fault:
    """What goes wrong for paths that start with `path`; `times` None means until cleared."""

    path: str
    status: int | None = None
    delay: float = 0.0
    cut_after: int | None = None  # bytes of the body
    body: str | None = None  # "json", "xml": broken ones; "html"; "empty"; anything else is sent as it is
    headers: dict[str, str] = field(default_factory=dict)
    times: int | None = None
    skip: int = 0  # let this many matching requests pass first

    def __post_init__(self) -> None:
        numbers = (self.status or 200, self.delay, self.cut_after or 0, self.times or 0, self.skip)
        if not all(isinstance(number, int | float) and number >= 0 for number in numbers):
            raise ValueError("status, delay, cut_after, times and skip are numbers from 0")
        if not isinstance(self.path, str) or not isinstance(self.body or "", str):
            raise ValueError("path and body are texts")
        if not isinstance(self.headers, dict):
            raise ValueError("headers is an object")


class Bucket:
    """A limit per minute, counted in fixed windows, as Adtraction does."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._windows: dict[tuple, tuple[float, int]] = {}
        self._lock = threading.Lock()

    def take(self, key: tuple, limit: int) -> tuple[int, int]:
        """Return what remains (-1 when nothing was left) and the reset time in epoch milliseconds."""
        with self._lock:
            now = self._now()
            ends, used = self._windows.get(key, (0.0, 0))
            if now >= ends:
                ends, used = now + 60, 0
            used += used <= limit
            self._windows[key] = ends, used
            return limit - used, int(ends * 1000)

    def clear(self) -> None:
        with self._lock:
            self._windows.clear()


@dataclass(slots=True)
class ConnectTokens:
    """The tokens of Tradedoubler's management host that count, and passwords that were changed."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    access: dict[str, tuple[ConnectLogin, float]] = field(default_factory=dict)  # token -> login, its end
    refresh: dict[str, ConnectLogin] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)  # username -> password

    def password_of(self, login: ConnectLogin) -> str:
        return self.passwords.get(login.username, login.password)


class State:
    """All of it is forgotten at the end, but for what changed in the catalogue, where there is a `path`."""

    def __init__(self, items: int, options: Options | None = None, path: Path | None = None) -> None:
        self.catalogue = Catalogue(items)
        self._path = path
        self._keep_lock = threading.Lock()
        self.sales = Ledger()
        self.rates: dict[str, float] = {}  # feed key -> what its program pays now, per cent
        if path and path.exists():
            kept = json.loads(path.read_text())
            self.catalogue.read_json(kept)
            if "sales" in kept:
                self.sales.read_json(kept["sales"])
        self.searcher = Searcher(self.catalogue)
        self.options = options or Options()
        self._first_options = asdict(self.options)
        self.bucket = Bucket()
        self.shelf = Shelf()
        self.lock = threading.Lock()
        self.weeks_lock = threading.Lock()  # one week after the other
        self.connect_tokens = ConnectTokens()
        self.organisation = Organisation()
        self.channels = Channels()
        self.conversions: set[tuple[str, int, str]] = set()  # kind, campaign, tid that a shop told
        self.sessions: dict[str, tuple[str, float]] = {}  # TradeTracker cookie -> market, logged in at
        self.unlimited: dict[tuple[int, int], float] = {}  # feed, version -> when its file was asked for
        self.downloads: dict[tuple[int, int], list[float]] = {}
        self.clicks: deque[dict] = deque(maxlen=REMEMBERED_REQUESTS)
        self.requests: deque[dict] = deque(maxlen=REMEMBERED_REQUESTS)
        self._faults: list[Fault] = []
        self._numbers = itertools.count(1)

    def keep(self) -> None:
        """Write down what changed in the catalogue, and what was sold."""
        if self._path is None:
            return
        with self._keep_lock:
            new = self._path.with_suffix(".new")
            new.write_text(json.dumps({**self.catalogue.to_json(), "sales": self.sales.to_json()}))
            new.replace(self._path)

    def rate_of(self, key: str) -> float | None:
        """Return the per cent that a program was told to pay; None where it pays as ever."""
        return self.rates.get(key)

    def take_fault(self, path: str) -> Fault | None:
        """Return the fault that strikes this request, and count it down."""
        with self.lock:
            for fault in self._faults:
                if not path.startswith(fault.path) or fault.times == 0:
                    continue
                if fault.skip:
                    fault.skip -= 1
                    continue
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None

    def set_faults(self, faults: list[Fault]) -> None:
        with self.lock:
            self._faults = [fault for fault in self._faults if fault.times != 0] + faults

    def clear_faults(self) -> None:
        with self.lock:
            self._faults = []

    def list_faults(self) -> list[dict]:
        with self.lock:
            return [asdict(fault) for fault in self._faults]

    def remember(self, method: str, target: str, headers: dict[str, str], status: int) -> None:
        shown = {
            name: "***" if any(word in name for word in _SECRET_WORDS) else value
            for name, value in headers.items()
        }
        with self.lock:
            self.requests.append(
                {
                    "number": next(self._numbers),
                    "method": method,
                    "target": blank_secrets(target),
                    "headers": shown,
                    "status": status,
                    "at": time.time(),
                }
            )

    def forget(self) -> None:
        """Go back to how the sandbox started: no faults, changes, sessions, quotas or memories."""
        self.clear_faults()
        self.catalogue.reset()
        self.bucket.clear()
        self.sales, self.rates, self.connect_tokens = Ledger(), {}, ConnectTokens()
        self.organisation, self.channels = Organisation(), Channels()
        self.conversions = set()
        self.shelf.clear()
        with self.lock:
            for memory in (self.sessions, self.unlimited, self.downloads, self.clicks, self.requests):
                memory.clear()
            for name, value in self._first_options.items():
                setattr(self.options, name, value)


def blank_secrets(target: str) -> str:
    """Return a request target with the value of `token=` blanked."""
    path, mark, query = target.partition("?")
    pairs = (
        f"{pair.partition('=')[0]}=***" if pair.startswith(("token=", "signature=")) else pair
        for pair in query.split("&")
    )
    return path + mark + "&".join(pairs)
