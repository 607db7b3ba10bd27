"""Pictures copied a minute: from the sandbox, by the workers that a site has, two downloads from it at once.

Against one process that does the same one picture after the other, with Pillow and nothing else.
"""

import io
import socket
import threading
import time

import psutil

from benchmarks.site import running_site, say

PICTURES = 600
ONE_BY_ONE = 60
PLACEHOLDERS = 300


def main() -> None:
    print(f"Copying {PICTURES} pictures of 640 × 640 pixels from one host, as WebP in two widths each")
    with running_site():
        from django.conf import settings

        from affiliate_site.run import processes
        from affiliate_site.run.supervisor import Supervisor

        supervisor = Supervisor(settings.VAR_DIR / "log", say=print)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        try:
            supervisor.start(processes.sandbox(port, 3_000, processes.sandbox_env(port)))
            supervisor.wait_until_ready()
            base = f"http://127.0.0.1:{port}/images"
            loop = one_by_one([f"{base}/{number}.jpg" for number in range(2_000, 2_000 + ONE_BY_ONE)])
            supervisor.start(processes.image_worker({}))
            run([f"{base}/{number}.jpg" for number in range(1_000, 1_020)])  # the worker is up and warm
            taken, peak = run([f"{base}/{number}.jpg" for number in range(PICTURES)])
            same, _ = run([f"{base}/placeholder.png?{number}" for number in range(PLACEHOLDERS)])
        finally:
            supervisor.stop()
    rate = PICTURES / taken * 60
    say("ours", f"{rate:,.0f}/min", "goal: at least 600/min")
    say("one after the other", f"{60 / loop:,.0f}/min")
    say("ours against one after the other", f"{rate / (60 / loop):.2f}x", "goal: more than 1x")
    say("one placeholder for many products", f"{PLACEHOLDERS / same * 60:,.0f}/min")
    say("peak resident memory of a worker process", f"{peak / 2**20:,.0f} MB", "goal: under 300 MB")


def one_by_one(urls: list[str]) -> float:
    """Download, decode and write both widths in this process; return seconds per picture."""
    import requests
    from django.conf import settings
    from PIL import Image

    folder = settings.VAR_DIR / "one-by-one"
    folder.mkdir()
    started = time.perf_counter()
    for number, url in enumerate(urls):
        picture = Image.open(io.BytesIO(requests.get(url, timeout=10).content)).convert("RGB")
        for width in (640, 320):
            picture.thumbnail((width, width))
            picture.save(folder / f"{number}-{width}.webp", quality=82, method=3)
    return (time.perf_counter() - started) / len(urls)


def run(urls: list[str]) -> tuple[float, int]:
    """Let the workers copy these; return the seconds and the most memory that one process held, in bytes."""
    from catalog.lib.addresses import host_of
    from catalog.models import Product, ProductImage
    from importer import tasks

    first = Product.objects.count()
    products = Product.objects.bulk_create(
        Product(title=f"Lamp {number}", slug=f"lamp-{first + number}") for number in range(len(urls))
    )
    ProductImage.objects.bulk_create(
        ProductImage(product=product, source_url=url, host=host_of(url))
        for product, url in zip(products, urls, strict=True)
    )
    peak, done = 0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.2):
            for process in psutil.Process().children(recursive=True):
                try:
                    if "celery" in " ".join(process.cmdline()):
                        peak = max(peak, process.memory_info().rss)
                except psutil.Error:
                    continue

    watcher = threading.Thread(target=watch)
    watcher.start()
    started = time.perf_counter()
    try:
        tasks.send_for_pictures()
        waiting = ProductImage.objects.filter(state="waiting")
        while waiting.exists():
            time.sleep(0.1)
    finally:
        done.set()
        watcher.join()
    taken = time.perf_counter() - started
    assert not ProductImage.objects.exclude(state="stored").exists(), "a picture failed"
    return taken, peak


if __name__ == "__main__":
    main()
