"""PostgreSQL and Redis of our own, so that `manage.py up` needs nothing installed.

Both are the real servers, out of Python wheels; Redis is Valkey, or what PATH has. They listen on Unix
sockets only and keep everything under var/. Where they are is a pure function of var's path: every process
finds them without a registry. Settings use the addresses when DATABASE_URL and REDIS_URL are unset; only `up`
starts them.
"""

import hashlib
import os
import secrets
from pathlib import Path
from urllib.parse import quote

NAME = "affiliate"  # the database and its owner
# A socket's path may be 107 bytes on Linux and 103 on macOS.
SOCKET_PATH_LIMIT = 103
POSTGRES_SOCKET = ".s.PGSQL.5432"
REDIS_SOCKET = "redis.sock"


def secret_key(var_dir: Path) -> str:
    """Return the site's secret key, made on the first call and kept in var/secret_key (mode 0600).

    Safe when several processes make the first call at once: one key wins and all get it.
    """
    path = Path(var_dir) / "secret_key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".secret_key.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(50))
        try:
            os.link(draft, path)  # unlike rename, never replaces the key of a process that was quicker
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def database_url(var_dir: Path) -> str:
    """Return the address of the embedded PostgreSQL. Starts nothing."""
    # As a parameter, not as the host: URL parsers lower-case a host.
    return f"postgres://{NAME}@/{NAME}?host={quote(str(socket_dir(var_dir)))}"


def redis_url(var_dir: Path) -> str:
    """Return the address of the embedded Redis, as redis-py and Django's cache read it. Starts nothing."""
    return f"unix://{quote(str(socket_dir(var_dir) / REDIS_SOCKET))}?db=0"


def socket_dir(var_dir: Path) -> Path:
    """Return the folder of both sockets: var/run, or a short one of its own where that path is too long."""
    run_dir = Path(var_dir).resolve() / "run"
    if len(os.fsencode(run_dir / POSTGRES_SOCKET)) <= SOCKET_PATH_LIMIT:
        return run_dir
    digest = hashlib.sha256(os.fsencode(run_dir)).hexdigest()[:16]
    # Not the TMPDIR of the moment: every process of the site must come to the same answer.
    return Path("/tmp") / f"{NAME}-{digest}"  # noqa: S108 its owner and mode are checked before use
