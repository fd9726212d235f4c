"""The one settings file. Every variable it reads is listed in .env.example."""

import os
from decimal import Decimal
from pathlib import Path

import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static

from reqplatform import env, tracing
from reqplatform.amounts import MOST_USD

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
env.load_file(BASE_DIR / ".env")
TRACING = tracing.read()  # before LangSmith's SDK is loaded: it reads the environment once
os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")  # checkpoints never unpickle

DATA_DIR = env.path("REQPLATFORM_DATA_DIR", BASE_DIR / "var")
DATA_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = env.boolean("DJANGO_DEBUG", False)
SECRET_KEY = env.secret_key("DJANGO_SECRET_KEY", DATA_DIR / "secret_key")
ALLOWED_HOSTS = env.names("DJANGO_ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.names("DJANGO_CSRF_TRUSTED_ORIGINS", [])

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.import_export",
    "reqplatform.admin_site.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "django_htmx",
    "django_q",
    "import_export",
    "ninja",
    "reqplatform.teams",
    "observability",
    "skills",
    "runs",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "reqplatform.security.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "reqplatform.urls"
WSGI_APPLICATION = "reqplatform.wsgi.application"
ASGI_APPLICATION = "reqplatform.asgi.application"

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
            ],
        },
    }
]

DATABASES = {"default": env.database("DATABASE_URL", f"sqlite:///{DATA_DIR / 'db.sqlite3'}")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

AUTH_USER_MODEL = "teams.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "runs:home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "reqplatform.teams.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_SIGNUP_OPEN = env.boolean("REQPLATFORM_SIGNUP_OPEN", False)
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True

EMAIL_BACKEND = "reqplatform.mails.EmailBackend"
EMAIL_HOST = env.text("EMAIL_HOST")
if not EMAIL_HOST:  # without a mail server, messages go to the log
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
EMAIL_PORT = env.integer("EMAIL_PORT", 587, least=1, most=65535)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_TIMEOUT = 20  # seconds without a word from the mail server
EMAIL_USE_TLS = env.boolean("EMAIL_USE_TLS", True)
PUBLIC_URL = env.text("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")  # links in mails
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "reqplatform@localhost")

HTTPS = env.boolean("REQPLATFORM_HTTPS", False)  # behind a proxy that ends TLS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"

LANGUAGE_CODE = "en-gb"
FORMAT_MODULE_PATH = "reqplatform.formats"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "reqplatform" / "static"]
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
WHITENOISE_USE_FINDERS = True  # no collectstatic step between a clone and a running server

FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024  # form fields; files have their own limit
SPECIFICATION_MAX_BYTES = 20 * 1024 * 1024
SPECIFICATION_PARSE_SECONDS = env.integer("REQPLATFORM_PARSE_SECONDS", 60, least=5, most=600)

QUALITY_THRESHOLD = env.decimal(
    "QUALITY_THRESHOLD", Decimal("0.80"), least=Decimal(0), most=Decimal(1)
)
MAX_ITERATIONS = env.integer("MAX_ITERATIONS", 3, least=1, most=10)
COST_BUDGET_WARNING_THRESHOLD = env.decimal(
    "COST_BUDGET_WARNING_THRESHOLD", Decimal("1.00"), least=Decimal(0), most=MOST_USD
)
COST_BUDGET_MAX = env.decimal("COST_BUDGET_MAX", Decimal("5.00"), least=Decimal(0), most=MOST_USD)
if COST_BUDGET_WARNING_THRESHOLD > COST_BUDGET_MAX:
    raise ImproperlyConfigured(
        f"COST_BUDGET_WARNING_THRESHOLD is {COST_BUDGET_WARNING_THRESHOLD}, but must not be above "
        f"COST_BUDGET_MAX ({COST_BUDGET_MAX}): a warning comes before the stop."
    )
COST_TRACKING_ENABLED = env.boolean("COST_TRACKING_ENABLED", True)  # false hides; nothing is off
MODEL_CALLS_AT_ONCE = env.integer("MODEL_CALLS_AT_ONCE", 4, least=1, most=32)
RUN_LEASE_SECONDS = env.integer("RUN_LEASE_SECONDS", 20, least=3, most=3600)
RUN_HEARTBEAT_SECONDS = env.integer("RUN_HEARTBEAT_SECONDS", 5, least=1, most=600)
if RUN_LEASE_SECONDS < 3 * RUN_HEARTBEAT_SECONDS:
    raise ImproperlyConfigured(
        f"RUN_LEASE_SECONDS is {RUN_LEASE_SECONDS}, but must be 3 times RUN_HEARTBEAT_SECONDS "
        f"({RUN_HEARTBEAT_SECONDS}) at least: with less, one late report loses a run's worker."
    )

RUN_SWEEP_SECONDS = env.integer("RUN_SWEEP_SECONDS", 10, least=1, most=600)
RUN_FORGOTTEN_SECONDS = env.integer("RUN_FORGOTTEN_SECONDS", 60, least=2, most=3600)
# Hosts and networks that webhooks may reach besides the public internet.
OUTBOUND_ALLOW = env.names("OUTBOUND_ALLOW", [])

# Prompts and answers of older calls are removed; 0 keeps them. A project may say otherwise.
PROMPT_DAYS = env.integer("PROMPT_DAYS", 0, least=0, most=36_500)

RUN_CHECKPOINT_DAYS = env.integer("RUN_CHECKPOINT_DAYS", 30, least=0, most=3650)

RUN_WORKERS = env.integer("RUN_WORKERS", 2, least=1, most=64)
REDIS_URL = env.redis("REDIS_URL")
Q_CLUSTER = {  # the queue "runs"; Q_CLUSTER_NAME=maint makes a process serve the other one
    "name": "reqplatform",
    "cluster_name": "runs",
    "label": "Task queue",
    **({"redis": REDIS_URL} if REDIS_URL else {"orm": "default"}),
    "workers": RUN_WORKERS,
    "timeout": 3600,
    "retry": 86_400,
    "queue_limit": 1,
    "bulk": 1,
    "ack_failures": True,
    "max_attempts": 1,
    "save_limit": -1,
    "scheduler": False,
    "guard_cycle": 0.5,
    "recycle": 20,
    "catch_up": False,
    "poll": 0.2,
    "ALT_CLUSTERS": {
        "maint": {"workers": 1, "timeout": 600, "retry": 3600, "scheduler": True, "poll": 1.0}
    },
}

IMPORT_EXPORT_TMP_STORAGE_CLASS = "runs.importing.keeping.KeptFileStorage"

UNFOLD = {
    "SITE_TITLE": "ReqPlatform",
    "SITE_HEADER": "ReqPlatform",
    "SITE_URL": "/",
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda request: static("img/favicon.svg"),
        }
    ],
    "SHOW_VIEW_ON_SITE": False,
}

METRICS_TOKEN = env.token("METRICS_TOKEN")  # one of the two switches /metrics on
METRICS_ALLOW = env.networks("METRICS_ALLOW")
OTEL_ENDPOINT = env.text("OTEL_EXPORTER_OTLP_ENDPOINT")
OTEL_TRACES_ENDPOINT = env.text("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")  # wins over the one above
OTEL_CONTENT = env.boolean("REQPLATFORM_OTEL_CONTENT", False)

LOG_LEVEL = env.choice("LOG_LEVEL", "WARNING", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
}
