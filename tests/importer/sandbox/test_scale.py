"""The catalogue of a million is as small in memory as that of three thousand."""

import subprocess
import sys
import time

import requests

from importer.sandbox.credentials import DEMO_CREDENTIALS
from importer.sandbox.server import running_server

# Serves on a free port until its standard input closes, then says what it needed at its peak.
CHILD = """
import resource, sys, threading
from importer.sandbox.server import running_server
with running_server(items=int(sys.argv[1])) as server:
    print(server.url, flush=True)
    sys.stdin.read()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, flush=True)
"""
OTTO = "/tradetracker/pf/?aid=51000&type=xml-v2&fid=91001"


def peak_memory(items):
    """Stream OTTO's feed from a server of that size; return its peak in MB and the bytes streamed."""
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(items)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        address = child.stdout.readline().strip()
        with requests.get(address + OTTO, stream=True, timeout=60) as response:
            length = sum(len(part) for part in response.iter_content(1 << 16))
        child.stdin.close()
        return int(child.stdout.readline()), length


def test_streaming_a_feed_of_a_million_items_takes_no_more_memory():
    small, small_length = peak_memory(3_000)
    large, large_length = peak_memory(1_000_000)
    assert large_length > 200 * small_length
    assert large < small + 16


def test_keyword_search_is_quick_among_millions():
    token = DEMO_CREDENTIALS["tradedoubler"]["token"]
    with running_server(items=3_000_000) as server:
        for words in ("kaffeemaschine", "klangwerk", "nordfjell trailschuh", "nosuchword"):
            used = time.process_time()  # not the clock: others want the processor, too
            address = f"{server.url}/tradedoubler/1.0/products;q={words.replace(' ', '+')}?token={token}"
            answer = requests.get(address, timeout=30).json()
            assert time.process_time() - used < 5
            assert (answer["productHeader"]["totalHits"] > 0) == (words != "nosuchword")
