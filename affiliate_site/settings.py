"""Settings of the site, all from the environment (see .env.example).

Without DATABASE_URL and REDIS_URL the embedded servers of `manage.py up` are used, under var/.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from dotenv import dotenv_values
from environs import Env

from affiliate_site import addresses
from affiliate_site.run import embedded

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env()
env.read_env(env.str("ENV_FILE", str(BASE_DIR / ".env")), recurse=False)

VAR_DIR = BASE_DIR / env.str("VAR_DIR", "var")

# --- Who we are --------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "") or embedded.secret_key(VAR_DIR)
# Credentials are encrypted with the first key and read with any: rotate by putting a new one first.
CREDENTIALS_KEYS = env.list("CREDENTIALS_KEYS", [SECRET_KEY])
SITE_URL = env.str("SITE_URL", "http://127.0.0.1:8000")
# Health checks and the person at the machine itself come by its own names.
ALLOWED_HOSTS = [*env.list("ALLOWED_HOSTS", [urlsplit(SITE_URL).hostname]), "127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
ROOT_URLCONF = "affiliate_site.urls"
WSGI_APPLICATION = "affiliate_site.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "dashboard",
    "api",
    "sales",
    "desk",
    "pages",
    "events",
    "mail",
    "catalog",
    "importer",
    "affiliate_site.run",
    "django_htmx",
    "django_prose_editor",
    "heroicons",
    "csp",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "django_otp_webauthn",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "affiliate_site.observe.middleware.RequestIdMiddleware",
    "affiliate_site.observe.middleware.PageTimesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "catalog.site.page_cache.PageCacheMiddleware",
    "affiliate_site.places.PlacesMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "events.middleware.actor_middleware",
    "dashboard.middleware.LoginRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",  # last: it turns a refused login into its page
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "catalog.site.settings.context",
            ],
        },
    }
]

# --- Stores ------------------------------------------------------------------------------------
DATABASE_URL = env.str("DATABASE_URL", "")
EMBEDDED_POSTGRES = not DATABASE_URL
DATABASES = {"default": addresses.parse_database_url(DATABASE_URL or embedded.database_url(VAR_DIR))}
DATABASES["default"]["ENGINE"] = "affiliate_site.guarded_postgresql"
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 2)
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

REDIS_URL = env.str("REDIS_URL", "")
EMBEDDED_REDIS = not REDIS_URL
REDIS_URL = addresses.check_redis_url(REDIS_URL or embedded.redis_url(VAR_DIR))
# Seconds that a finished page is kept for visitors; a change of the catalogue ends it at once. 0: not at all.
PAGE_CACHE_SECONDS = env.int("PAGE_CACHE_SECONDS", 300)
CACHES = {
    "default": {"BACKEND": "affiliate_site.guarded_cache.GuardedCache", "LOCATION": REDIS_URL},
    # What the picture proxy fetched: too much for Redis, and no loss.
    "pictures": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": VAR_DIR / "cache" / "pictures",
        "OPTIONS": {"MAX_ENTRIES": 5_000},
    },
}

# The same Redis; Celery has its own spelling for a Unix socket.
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_DEFAULT_QUEUE = "imports"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A page must not hang on a broker that is down: the beat schedule picks the run up later.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.2}
# A Redis that hangs is given up after so many seconds. Longer than a worker waits for its next message.
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 5.0, "socket_connect_timeout": 2.0}

# --- Files -------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
MEDIA_URL = "media/"
MEDIA_ROOT = VAR_DIR / "media"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if S3_BUCKET := env.str("S3_BUCKET", ""):  # needs the extra "s3"
    S3_PUBLIC_URL = env.str("S3_PUBLIC_URL", "")
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": env.str("S3_ENDPOINT_URL", None),
            "region_name": env.str("S3_REGION", None),
            "access_key": env.str("S3_ACCESS_KEY", None),
            "secret_key": env.str("S3_SECRET_KEY", None),
            "custom_domain": S3_PUBLIC_URL.partition("://")[2].rstrip("/") or None,
            "querystring_auth": False,  # visitors see the pictures
            # A name says what is in the file, so that it may be kept for good.
            "object_parameters": {"CacheControl": "public, max-age=31536000, immutable"},
        },
    }
if DEBUG:
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}

# --- Language, time ----------------------------------------------------------------------------
LANGUAGE_CODE = env.str("LANGUAGE_CODE", "en")
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("nl", "Nederlands"), ("sv", "Svenska")]
# The public pages speak the language of the site's settings; `prepare` compiles locale/ to here.
LOCALE_PATHS = [VAR_DIR / "locale"]
TIME_ZONE = env.str("TIME_ZONE", "Europe/Berlin")
USE_TZ = True

# --- People ------------------------------------------------------------------------------------
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "affiliate_site.roles.RoleBackend",
]
# Passkeys belong to the site's name, and count there only.
OTP_WEBAUTHN_RP_ID = urlsplit(SITE_URL).hostname or "localhost"
OTP_WEBAUTHN_RP_NAME = OTP_WEBAUTHN_RP_ID
# A browser knows them on https and on this very machine only.
PASSKEYS_WORK = SITE_URL.startswith(("https://", "http://localhost"))
OTP_WEBAUTHN_ALLOWED_ORIGINS = [SITE_URL.rstrip("/") if PASSKEYS_WORK else f"https://{OTP_WEBAUTHN_RP_ID}"]
PASSWORD_RESET_TIMEOUT = 3 * 3600  # of the link in the mail
# How many wrong passwords close which door: affiliate_site/sign_in.py.
AXES_HANDLER = "affiliate_site.sign_in.Handler"
AXES_FAILURE_LIMIT = 1
AXES_USERNAME_CALLABLE = "affiliate_site.sign_in.counted_name"
AXES_CLIENT_IP_CALLABLE = "affiliate_site.proxy.client_network"
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]  # what a right password forgets
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # who keeps trying does not keep it closed
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "dashboard/locked_out.html"
AXES_DISABLE_ACCESS_LOG = True  # who logged in from where is nobody's business
AXES_VERBOSE = False
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "dashboard:home"
LOGOUT_REDIRECT_URL = "public:home"

# --- Reaching out ------------------------------------------------------------------------------
# Exists while `up --demo` runs: its sandbox is the network of every command, not only of what it started.
DEMO = {name: value for name, value in dotenv_values(VAR_DIR / "demo.env").items() if value}
# Host names or addresses (no port) that may be reached although they are private: the sandbox, a test server.
ALLOW_PRIVATE_HOSTS = env.list("ALLOW_PRIVATE_HOSTS", list(filter(None, [DEMO.get("ALLOW_PRIVATE_HOSTS")])))

# --- E-mail ------------------------------------------------------------------------------------
# Not kept under its own name: a page of errors hides what is called a password, but no address.
vars().update(addresses.parse_email_url(env.str("EMAIL_URL", ""), VAR_DIR / "mail"))
# Whether mail goes anywhere that people read it: visitors are offered none where it does not.
MAIL_IS_SET_UP = bool(env.str("EMAIL_URL", "") or DEMO)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("EMAIL_FROM", "") or f"noreply@{urlsplit(SITE_URL).hostname}"

# Then a mail that was sent or given up is forgotten.
MAIL_DAYS = env.int("MAIL_DAYS", 30)

CSRF_FAILURE_VIEW = "dashboard.views.unsent.csrf_failure"

# --- Safety ------------------------------------------------------------------------------------
HTTPS = SITE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", HTTPS)
SECURE_REDIRECT_EXEMPT = ["^healthz$"]
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 31_536_000 if HTTPS else 0)
BEHIND_PROXY = env.bool("BEHIND_PROXY", False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
# Not cached: a Redis that was away would remember who has logged out meanwhile.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        # Search results show the shops' own pictures; http only from hosts that are named below.
        "img-src": [
            SELF,
            "data:",
            "https:",
            *(f"http://{host}:*" for host in ALLOW_PRIVATE_HOSTS),
        ],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
# A text of a million characters, four bytes each, comes through to be told that it is too long.
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 2**20

# --- The networks ------------------------------------------------------------------------------
TRADEDOUBLER_API_URL = env.str(
    "TRADEDOUBLER_API_URL", DEMO.get("TRADEDOUBLER_API_URL", "https://api.tradedoubler.com/1.0/")
)
TRADEDOUBLER_CONNECT_URL = env.str(
    "TRADEDOUBLER_CONNECT_URL", DEMO.get("TRADEDOUBLER_CONNECT_URL", "https://connect.tradedoubler.com/")
)
ADTRACTION_API_URL = env.str(
    "ADTRACTION_API_URL", DEMO.get("ADTRACTION_API_URL", "https://api.adtraction.net/")
)
TRADETRACKER_WSDL_URL = env.str(
    "TRADETRACKER_WSDL_URL",
    DEMO.get("TRADETRACKER_WSDL_URL", "https://ws.tradetracker.com/soap-literal-wsi/affiliate?wsdl"),
)
TRADETRACKER_MERCHANT_WSDL_URL = env.str(
    "TRADETRACKER_MERCHANT_WSDL_URL",
    DEMO.get("TRADETRACKER_MERCHANT_WSDL_URL", "https://ws.tradetracker.com/soap-literal-wsi/merchant?wsdl"),
)
TRADETRACKER_SALE_URL = env.str(
    "TRADETRACKER_SALE_URL", DEMO.get("TRADETRACKER_SALE_URL", "https://ts.tradetracker.net/")
)
TRADETRACKER_LEAD_URL = env.str(
    "TRADETRACKER_LEAD_URL", DEMO.get("TRADETRACKER_LEAD_URL", "https://tl.tradetracker.net/")
)
# Where the sandbox is that plays the networks: then the dashboard offers to let a week pass in it.
SANDBOX_URL = env.str("SANDBOX_URL", DEMO.get("SANDBOX_URL", ""))

# Requests in a minute with one credential: re-reads make no more, less those that are left to people.
NETWORK_REQUESTS = env.int("NETWORK_REQUESTS", 60)
NETWORK_REQUESTS_FOR_PEOPLE = env.int("NETWORK_REQUESTS_FOR_PEOPLE", 20)
# Sales: so far back the first read goes, so long each may still change and is read again every day, and so
# often the newest days are.
SALES_FIRST_DAYS = env.int("SALES_FIRST_DAYS", 400)
SALES_SETTLE_DAYS = env.int("SALES_SETTLE_DAYS", 120)
SALES_READ_SECONDS = env.int("SALES_READ_SECONDS", int(DEMO.get("SALES_READ_SECONDS", 1800)))
# The packed downloads of feeds that wait for another try; all together at most so large. 0: none is kept.
DOWNLOADS_DIR = VAR_DIR / "downloads"
DOWNLOADS_MAX_BYTES = env.int("DOWNLOADS_MAX_MB", 4_000) * 10**6
# Uploads of the desk, and the folders that its feeds may be read from.
DESK_DIR = VAR_DIR / "desk"
# Where Tradedoubler reads the EAN and other codes of an own product: beside its fields, or in "identifiers".
TRADEDOUBLER_NESTS_IDENTIFIERS = env.bool("TRADEDOUBLER_NESTS_IDENTIFIERS", False)
# A larger feed is not replaced in one post, but changed product by product.
DESK_REPLACE_PRODUCTS = env.int("DESK_REPLACE_PRODUCTS", 50_000)
DESK_REPLACE_BYTES = env.int("DESK_REPLACE_MB", 40) * 10**6
# Then an item that left its feed is deleted, unless an offer was made of it.
GONE_ITEM_DAYS = env.int("GONE_ITEM_DAYS", 30)
# How long, and how many at most, events are kept (docs/events.md).
EVENT_DAYS = env.int("EVENT_DAYS", 90)
EVENT_ROWS = env.int("EVENT_ROWS", 500_000)
# Requests to the API that one token may make in a minute.
API_REQUESTS_PER_MINUTE = env.int("API_REQUESTS_PER_MINUTE", 600)
# How long the history of products is kept, and with it what can be undone (docs/history.md).
HISTORY_DAYS = env.int("HISTORY_DAYS", 90)

# What Prometheus and deep health checks bring as `Authorization: Bearer`; without one there are neither.
METRICS_TOKEN = env.str("METRICS_TOKEN", "")
# Where web processes count their pages. The library looks for it when it is loaded, and never again.
METRICS_DIR = VAR_DIR / "metrics"
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(METRICS_DIR)
LOG_FORMAT = env.str("LOG_FORMAT", "line")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s %(request_id)s %(task_id)s",
            "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
        },
    },
    "filters": {"ids": {"()": "affiliate_site.observe.request_id.Ids"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["ids"]}},
    "loggers": {"axes": {"level": "WARNING"}},  # not a line per login
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
}
