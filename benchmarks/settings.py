"""The site's settings on servers of the benchmarks' own, set up as the embedded ones are (fsync on)."""

import os
import tempfile
from pathlib import Path

from affiliate_site.run import embedded

# The processes that a benchmark starts inherit the folder, and with it the database.
if "BENCHMARK_DIR" not in os.environ:
    os.environ["BENCHMARK_DIR"] = tempfile.mkdtemp(prefix="affiliate-bench-")
_var_dir = Path(os.environ["BENCHMARK_DIR"])
(_var_dir / "static").mkdir(exist_ok=True)
os.environ.update(
    VAR_DIR=str(_var_dir),
    DATABASE_URL=embedded.database_url(_var_dir),
    REDIS_URL=embedded.redis_url(_var_dir),
    ENV_FILE=os.devnull,
    SECRET_KEY="benchmarks",
    ALLOW_PRIVATE_HOSTS="127.0.0.1",
    LOG_LEVEL="WARNING",
)

from affiliate_site.settings import *  # noqa: E402, F403 after the environment is set

STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
