"""Where the embedded servers are, and what may go wrong before they start."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dj_database_url
import pytest
import redis

from affiliate_site.run import embedded, servers
from affiliate_site.run.supervisor import SetupError, Supervisor


def test_the_secret_key_is_made_once_and_only_for_its_owner(tmp_path):
    key = embedded.secret_key(tmp_path / "var")
    assert len(key) >= 50
    assert embedded.secret_key(tmp_path / "var") == key
    assert stat.S_IMODE((tmp_path / "var" / "secret_key").stat().st_mode) == 0o600
    assert os.listdir(tmp_path / "var") == ["secret_key"]


def test_processes_that_ask_at_once_get_the_same_secret_key(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: embedded.secret_key(tmp_path), range(64)))
    assert len(keys) == 1


@pytest.mark.parametrize(
    "folder",
    [
        pytest.param("/srv/site/var", id="plain"),
        pytest.param("/srv/My Site/Über 100%+1/var", id="odd-letters"),
        pytest.param("/srv/" + "long-name/" * 12 + "var", id="too-long-for-a-socket"),
    ],
)
def test_addresses_come_back_as_the_same_short_enough_folder(folder):
    var_dir = Path(folder)
    run_dir = embedded.socket_dir(var_dir)
    assert len(os.fsencode(run_dir / embedded.POSTGRES_SOCKET)) <= 103
    parsed = dj_database_url.parse(embedded.database_url(var_dir))
    assert parsed["OPTIONS"]["host"] == str(run_dir)
    assert (parsed["NAME"], parsed["USER"], parsed["HOST"]) == ("affiliate", "affiliate", "")
    client = redis.from_url(embedded.redis_url(var_dir))
    assert client.connection_pool.connection_kwargs["path"] == str(run_dir / "redis.sock")


def test_two_sites_with_long_paths_do_not_share_a_folder():
    first, second = (embedded.socket_dir(Path("/srv/" + "x" * 120 + name)) for name in "ab")
    assert first != second


def test_a_link_in_place_of_the_socket_folder_is_refused(tmp_path):
    var_dir = tmp_path / ("x" * 100)
    target = tmp_path / "target"
    target.mkdir(mode=0o755)
    folder = embedded.socket_dir(var_dir)
    folder.symlink_to(target)
    try:
        with pytest.raises(SetupError, match="is a link"):
            servers.own_socket_dir(var_dir, None)
        assert stat.S_IMODE(target.stat().st_mode) == 0o755
    finally:
        folder.unlink()


def test_a_socket_folder_of_somebody_else_is_refused(tmp_path, monkeypatch):
    (tmp_path / "run").mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: 54_321)
    with pytest.raises(SetupError, match="belongs to another user"):
        servers.own_socket_dir(tmp_path, None)


def test_a_pid_file_of_a_process_that_is_not_ours_is_dropped_and_the_process_left_alone(tmp_path):
    pid_file = tmp_path / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n/somewhere/else\n")
    servers.stop_leftover(tmp_path)
    assert not pid_file.exists()


def test_folders_above_the_data_may_be_walked_through_but_not_listed(tmp_path):
    above = tmp_path / "private"
    (above / "var" / "postgres").mkdir(parents=True)
    above.chmod(0o700)
    servers.let_in(above / "var" / "postgres", "nobody")
    assert stat.S_IMODE(above.stat().st_mode) == 0o701


@pytest.mark.parametrize("missing", ["postgres", "redis"])
def test_a_server_that_is_not_installed_is_said_with_the_way_out(missing, monkeypatch):
    monkeypatch.setattr(servers, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", "")
    find, words = {
        "postgres": (servers.postgres_bin_dir, "DATABASE_URL"),
        "redis": (servers.redis_binary, "REDIS_URL"),
    }[missing]
    with pytest.raises(SetupError, match=words):
        find()


def test_servers_that_a_killed_site_left_behind_are_stopped_before_new_ones_start(tmp_path):
    var_dir = tmp_path / "var"
    supervisor = Supervisor(var_dir / "log", say=print)
    try:
        supervisor.start(servers.postgres(var_dir, servers.VOLATILE_SETTINGS))
        supervisor.start(servers.redis_server(var_dir))
        supervisor.wait_until_ready()
        servers.postgres(var_dir)
        servers.redis_server(var_dir)
        assert [child.popen.wait(10) for child in supervisor.children] == [0, 0]
    finally:
        supervisor.stop()


@pytest.mark.parametrize(
    ("memory", "share"),
    [
        pytest.param(512 * 2**20, 128 * 2**20, id="a small machine"),
        pytest.param(4 * 2**30, 512 * 2**20, id="an eighth"),
        pytest.param(64 * 2**30, 2 * 2**30, id="a large machine"),
    ],
)
def test_postgres_keeps_a_share_of_the_memory(memory, share):
    assert servers.shared_buffers(memory) == share


def fake_server(folder: Path, name: str, says: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("on_path", "taken"),
    [
        pytest.param({"valkey-server": "Valkey server v=8.0.1 sha=0:1"}, "valkey-server", id="valkey"),
        pytest.param({"redis-server": "Redis server v=7.0.15 sha=0:0"}, "redis-server", id="redis"),
        pytest.param(
            {
                "valkey-server": "Valkey server v=7.2.4 sha=0:1",
                "redis-server": "Redis server v=8.2.0 sha=0:0",
            },
            "valkey-server",
            id="both",
        ),
        pytest.param({"redis-server": "Redis server v=6.2.14 sha=0:0"}, None, id="old"),
        pytest.param({"redis-server": "not a server"}, None, id="something else"),
    ],
)
def test_without_the_wheel_a_server_on_path_is_taken_if_it_is_new_enough(
    on_path, taken, tmp_path, monkeypatch
):
    for name, says in on_path.items():
        fake_server(tmp_path, name, says)
    monkeypatch.setattr(servers, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    if taken:
        assert servers.redis_binary() == tmp_path / taken
    else:
        with pytest.raises(SetupError, match="redis-server 7 or newer"):
            servers.redis_binary()


def test_the_embedded_redis_is_a_maintained_valkey(tmp_path):
    assert servers.redis_version(str(servers.redis_binary())) >= (9,)
