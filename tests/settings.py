"""The site's settings on servers of the tests' own: no test touches var/, .env or a real network."""

import os
import tempfile
from pathlib import Path

from affiliate_site.run import embedded

_var_dir = Path(tempfile.mkdtemp(prefix="affiliate-test-"))
(_var_dir / "static").mkdir()
# In the environment, not only here: the processes that tests start inherit it.
os.environ.update(
    VAR_DIR=str(_var_dir),
    DATABASE_URL=embedded.database_url(_var_dir),
    REDIS_URL=embedded.redis_url(_var_dir),
    ENV_FILE=os.devnull,
    SECRET_KEY="tests",
    ALLOW_PRIVATE_HOSTS="127.0.0.1",
    # Nobody listens there; the fixture `sandbox` puts its own addresses here.
    TRADEDOUBLER_API_URL="http://127.0.0.1:9/tradedoubler/1.0/",
    TRADEDOUBLER_CONNECT_URL="http://127.0.0.1:9/connect/",
    ADTRACTION_API_URL="http://127.0.0.1:9/adtraction/",
    TRADETRACKER_WSDL_URL="http://127.0.0.1:9/tradetracker/?wsdl",
    TRADETRACKER_MERCHANT_WSDL_URL="http://127.0.0.1:9/tradetracker/merchant?wsdl",
    TRADETRACKER_SALE_URL="http://127.0.0.1:9/tradetracker/sale/",
    TRADETRACKER_LEAD_URL="http://127.0.0.1:9/tradetracker/lead/",
)
for _name in (
    *("ADMIN_EMAIL", "ADMIN_PASSWORD", "ADMIN_USERNAME", "ALLOWED_HOSTS", "BEHIND_PROXY", "CREDENTIALS_KEYS"),
    *("EMAIL_FROM", "EMAIL_URL"),
    *(
        "CSRF_TRUSTED_ORIGINS",
        "DEBUG",
        "LANGUAGE_CODE",
        "SECURE_SSL_REDIRECT",
        "S3_BUCKET",
        "SITE_URL",
    ),
    "TIME_ZONE",
):
    os.environ.pop(_name, None)

from affiliate_site.settings import *  # noqa: E402, F403 after the environment is set

# A file is served as it lies in static/; no collectstatic before a test.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick; no secret is behind them
# A page shows what a test has just written, also within its transaction; the tests of the cache switch it on.
PAGE_CACHE_SECONDS = 0
