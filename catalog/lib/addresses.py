"""The host of a web address, read in one way everywhere."""

from functools import lru_cache
from urllib.parse import urlsplit

MAX_HOST = 253  # characters, as DNS has it


def host_of(url: str) -> str:
    """Return the host of a web address, in lower case and without its port; "" of anything else."""
    return parse_origin(url)[1]


def domain_of(url: str) -> str:
    """Return the domain whose hosts belong to the website at `url`: its host without `www.`; or ""."""
    return host_of(url).removeprefix("www.")


def parse_origin(url: str) -> tuple[str, str]:
    """Return scheme and host of an http(s) address that browsers and we read alike; ("", "") of any other.

    One with a name before the host, with blanks, backslashes or control characters may be read in two ways.
    """
    if "\\" in url or " " in url or not url.isprintable():
        return "", ""
    end = url.find("/", len("https://"))
    return _parse_origin(url if end < 0 else url[:end])


@lru_cache(maxsize=1024)
def _parse_origin(origin: str) -> tuple[str, str]:
    """An import asks for the same few hosts a million times."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return "", ""
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or len(host) > MAX_HOST:
        return "", ""
    return (parts.scheme, host) if host else ("", "")
