"""Settings. Every one that a self-hoster changes is an environment variable; the defaults run on a laptop."""

import hashlib
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.urls import reverse_lazy

from fluenzr_site.adminsite.theme import UNFOLD as UNFOLD
from fluenzr_site.core.secret_file import load_or_create

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

VAR_DIR = Path(env.str("FLUENZR_VAR", default=str(BASE_DIR / "var"))).resolve()
VAR_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = env.bool("FLUENZR_DEBUG", default=False)
SECRET_KEY = env.str("FLUENZR_SECRET_KEY", default="") or load_or_create(VAR_DIR / "secret.key")
# What API keys and suppressed addresses are digested under. Derived, unless a company keeps it apart.
FLUENZR_KEY_PEPPER = (
    env.str("FLUENZR_KEY_PEPPER", default="")
    or hashlib.sha256(b"fluenzr api key pepper:" + SECRET_KEY.encode()).hexdigest()
)

# What signs the links in e-mails: opens, clicks, unsubscribing.
FLUENZR_LINK_KEY = hashlib.sha256(b"fluenzr links:" + SECRET_KEY.encode()).hexdigest()
# What passwords of e-mail accounts are encrypted under: the first; the others still decrypt.
FLUENZR_SECRET_KEYS = env.list("FLUENZR_SECRET_KEYS", default=[]) or [
    hashlib.sha256(b"fluenzr secrets:" + SECRET_KEY.encode()).hexdigest()
]
# Networks that outbound connections may reach although they are private: 10.0.0.0/8,192.168.1.0/24
FLUENZR_PRIVATE_NETWORKS = env.list("FLUENZR_PRIVATE_NETWORKS", default=[])

# The clients that people sign in to their mailboxes with (docs/accounts.md).
FLUENZR_GOOGLE_CLIENT_ID = env.str("FLUENZR_GOOGLE_CLIENT_ID", default="")
FLUENZR_GOOGLE_CLIENT_SECRET = env.str("FLUENZR_GOOGLE_CLIENT_SECRET", default="")
FLUENZR_MICROSOFT_CLIENT_ID = env.str("FLUENZR_MICROSOFT_CLIENT_ID", default="")
FLUENZR_MICROSOFT_CLIENT_SECRET = env.str("FLUENZR_MICROSOFT_CLIENT_SECRET", default="")
FLUENZR_MICROSOFT_TENANT = env.str("FLUENZR_MICROSOFT_TENANT", default="common")
# JSON: other endpoints and mail servers, as national clouds have: {"microsoft": {"smtp_host": "…"}}
FLUENZR_OAUTH_PROVIDERS: dict[str, dict[str, Any]] = env.json("FLUENZR_OAUTH_PROVIDERS", default={})

FLUENZR_PUBLIC_URL = env.str("FLUENZR_PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = env.list("FLUENZR_ALLOWED_HOSTS", default=["*"])
CSRF_TRUSTED_ORIGINS = [FLUENZR_PUBLIC_URL]

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.import_export",
    "fluenzr_site.adminsite.apps.AdminSiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "import_export",
    "rest_framework",
    "fluenzr_site.core.apps.CoreConfig",
    "fluenzr_site.workspaces",
    "fluenzr_site.events",
    "fluenzr_site.api",
    "fluenzr_site.webhooks",
    "fluenzr_site.notices",
    "fluenzr_site",
    "contacts",
    "campaigns",
]

MIDDLEWARE = [
    "fluenzr_site.api.request_id.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "fluenzr_site.adminsite.assets.StaticFiles",
    "fluenzr_site.api.middleware.ApiMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "fluenzr_site.workspaces.preferences.PreferencesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "fluenzr_site.urls"
WSGI_APPLICATION = "fluenzr_site.wsgi.application"
APPEND_SLASH = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

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
                "fluenzr_site.workspaces.current.context",
            ],
        },
    },
]

# ---------------------------------------------------------------------------------------------- database

DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'fluenzr.sqlite3'}")
}
_database = DATABASES["default"]
if _database["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE takes the write lock at BEGIN and waits for it; DEFERRED fails half-way under writers.
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;"
            "PRAGMA cache_size = -32000; PRAGMA temp_store = MEMORY;"
        ),
    }
else:
    _database["OPTIONS"] = {
        "pool": {"min_size": 0, "max_size": env.int("FLUENZR_DB_POOL", default=20)},
        # A process that is frozen within a transaction holds rows that the others wait for.
        "options": "-c idle_in_transaction_session_timeout=60s",
    }
FLUENZR_COUNTERS_FILE = VAR_DIR / "counters.sqlite3"

# ---------------------------------------------------------------------------------------- people and doors

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = reverse_lazy("admin:login")
LOGIN_REDIRECT_URL = reverse_lazy("admin:index")

# A person *from one address* is blocked after ten wrong passwords: a stranger elsewhere can't lock them out.
AXES_FAILURE_LIMIT = 10
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_COOLOFF_TIME = 1
AXES_IPWARE_PROXY_COUNT = env.int("FLUENZR_PROXIES", default=0)
AXES_IPWARE_META_PRECEDENCE_ORDER = (
    ["HTTP_X_FORWARDED_FOR", "REMOTE_ADDR"] if AXES_IPWARE_PROXY_COUNT else ["REMOTE_ADDR"]
)
AXES_VERBOSE = False

_https = FLUENZR_PUBLIC_URL.startswith("https://")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if AXES_IPWARE_PROXY_COUNT else None
SECURE_SSL_REDIRECT = _https
SECURE_REDIRECT_EXEMPT = [r"^v1(/|$)", r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _https
SECURE_HSTS_PRELOAD = _https
SESSION_COOKIE_SECURE = _https
CSRF_COOKIE_SECURE = _https
CSRF_FAILURE_VIEW = "fluenzr_site.adminsite.csrf.failure"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        # The admin theme's Alpine evaluates expressions; nothing inline runs.
        "script-src": [SELF, UNSAFE_EVAL],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF, "data:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

# --------------------------------------------------------------------------------------------------- plans

FLUENZR_DEFAULT_PLAN = env.str("FLUENZR_DEFAULT_PLAN", default="pro")
FLUENZR_PLANS: dict[str, dict[str, Any]] = {
    "free": {
        "title": "Free",
        "api": False,
        "contacts": 300,
        "email_accounts": 1,
        "members": 1,
        "emails_a_day": 50,
        "import_rows": 300,
        "requests_a_minute": 1000,
        "ab_tests": False,
        "conditions": False,
    },
    "starter": {
        "title": "Starter",
        "api": False,
        "contacts": None,
        "email_accounts": 3,
        "members": 1,
        "emails_a_day": None,
        "import_rows": 10_000,
        "requests_a_minute": 1000,
        "ab_tests": True,
        "conditions": False,
    },
    "pro": {
        "title": "Pro",
        "api": True,
        "contacts": None,
        "email_accounts": 12,
        "members": 5,
        "emails_a_day": None,
        "import_rows": None,
        "requests_a_minute": env.int("FLUENZR_REQUESTS_A_MINUTE", default=1000),
        "ab_tests": True,
        "conditions": True,
    },
}

# ----------------------------------------------------------------------------------------------------- API

# The URL configuration of each dialect of /v1, chosen by the header that shows the key.
FLUENZR_DIALECTS = {"fluenzr": "fluenzr_site.v1_urls", "messaging": "fluenzr_site.v1_messaging_urls"}
# A working call of each operation, for the description.
FLUENZR_EXAMPLES = [
    "contacts.api.examples.EXAMPLES",
    "contacts.messaging.examples.EXAMPLES",
    "campaigns.api.examples.EXAMPLES",
    "fluenzr_site.webhooks.api.examples.EXAMPLES",
]
FLUENZR_MAX_BODY = 5 * 1024 * 1024
FLUENZR_WRONG_KEYS_A_MINUTE = env.int("FLUENZR_WRONG_KEYS_A_MINUTE", default=30)
FLUENZR_MAX_UPLOAD = env.int("FLUENZR_MAX_UPLOAD_MB", default=512) * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = FLUENZR_MAX_BODY
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["fluenzr_site.api.authentication.BearerKey"],
    "DEFAULT_PERMISSION_CLASSES": ["fluenzr_site.api.authentication.KeyAllows"],
    "DEFAULT_RENDERER_CLASSES": ["fluenzr_site.api.rendering.JsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["fluenzr_site.api.parsing.JsonParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "fluenzr_site.api.rendering.AlwaysJson",
    "DEFAULT_SCHEMA_CLASS": "fluenzr_site.api.openapi.Schema",
    "EXCEPTION_HANDLER": "fluenzr_site.api.errors.handle",
    "UNAUTHENTICATED_USER": None,
}

API_DESCRIPTION = """\
Contacts, groups, tags and pipeline of one workspace, reached with an API key that an administrator makes.

Two APIs share the paths; the header that shows the key chooses one. `Authorization: Bearer flz_sk_…` speaks to the
main API, whose answers come in an envelope: `{"success": true, "data": …}`, lists with `meta`. `x-api-key: flz_sk_…`
speaks to the messaging API, whose answers are bare; its paths end in `#messaging` here, which no request sends. Errors
have one shape in both: `{"success": false, "error": {"code", "message", "details"}}`, with each bad field named in
`details`.

Lists are paged by `page` and `perPage`, or by `cursor` at constant cost. A workspace may make 1000 requests a minute. A
`POST` with an `Idempotency-Key` can be sent again without doing anything twice. Keys and parameters that the server
doesn't know are passed over; times are UTC to the second; ids are opaque.
"""
SPECTACULAR_SETTINGS = {
    "TITLE": "FluenzR API",
    "DESCRIPTION": API_DESCRIPTION,
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "COMPONENT_SPLIT_PATCH": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SORT_OPERATIONS": False,
    "SERVERS": [{"url": "/"}],
    "ENUM_NAME_OVERRIDES": {
        "ContactStatus": "contacts.models.Contact.Status",
        "SettableStatus": ["active", "blocked"],
        "Version": ["A", "B"],
        "GroupType": "contacts.models.Group.Type",
        "CustomFieldType": "contacts.models.CustomField.Type",
        "StageKind": "contacts.models.PipelineStage.Kind",
    },
}

# ---------------------------------------------------------------------------------------- language and time

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français"), ("hi", "हिन्दी")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["fluenzr_site.formats"]
USE_THOUSAND_SEPARATOR = True
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# -------------------------------------------------------------------------------------------------- static

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
# The admin site's app is Django's own, so its folder isn't searched by itself.
STATICFILES_DIRS = [BASE_DIR / "fluenzr_site" / "adminsite" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "fluenzr_site.adminsite.assets.VersionedStorage"},
}
# Straight from the packages: nothing to collect before the first start.
WHITENOISE_USE_FINDERS = True
WHITENOISE_ALLOW_ALL_ORIGINS = False
FILE_UPLOAD_TEMP_DIR = None
IMPORT_EXPORT_FORMATS: list[Any] = []

# -------------------------------------------------------------------------------------------------- worker

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="memory://")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ROUTES = {
    "contacts.imports.*": {"queue": "imports"},
    "campaigns.sending.*": {"queue": "sending"},
    "campaigns.receiving.*": {"queue": "mailboxes"},
    "webhooks.sending.*": {"queue": "webhooks"},
}
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_ACKS_LATE = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    # The database says what is due; a tick that is lost costs a second.
    "imports": {"task": "contacts.imports.tick", "schedule": 1.0, "options": {"expires": 5}},
    "sending": {"task": "campaigns.sending.tick", "schedule": 1.0, "options": {"expires": 5}},
    "mailboxes": {"task": "campaigns.receiving.tick", "schedule": 1.0, "options": {"expires": 5}},
    "webhooks": {"task": "webhooks.sending.tick", "schedule": 1.0, "options": {"expires": 5}},
    "webhooks that failed": {"task": "webhooks.tell", "schedule": 10.0, "options": {"expires": 10}},
    "webhook log": {"task": "webhooks.forget_old", "schedule": 3600.0},
    "notices": {"task": "campaigns.reporting.tick", "schedule": 60.0, "options": {"expires": 60}},
    "earlier values": {"task": "contacts.imports.forget_earlier_values", "schedule": 3600.0},
    "kept answers": {"task": "api.forget_answers", "schedule": 3600.0},
}

# How long deliveries of webhooks and their log are kept.
FLUENZR_WEBHOOK_LOG_DAYS = env.int("FLUENZR_WEBHOOK_LOG_DAYS", default=30)

# ------------------------------------------------------------------------------------------ the site's own mail

# Tells administrators of trouble: smtp+tls://user:password@mail.example.com:587. Without one nobody is told.
_mail = env.email_url("FLUENZR_EMAIL_URL", default="dummymail://")
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_HOST = _mail["EMAIL_HOST"] or "localhost"
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.get("EMAIL_USE_TLS", False), _mail.get("EMAIL_USE_SSL", False)
EMAIL_PORT = _mail["EMAIL_PORT"] or (465 if EMAIL_USE_SSL else 587 if EMAIL_USE_TLS else 25)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"] or "", _mail["EMAIL_HOST_PASSWORD"] or ""
EMAIL_TIMEOUT = 30
DEFAULT_FROM_EMAIL = env.str("FLUENZR_EMAIL_FROM", default="FluenzR <fluenzr@localhost>")

# ------------------------------------------------------------------------------------------------- logging

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "fluenzr_site.api.request_id.RequestIdFilter"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id"]},
    },
    "root": {"handlers": ["stderr"], "level": env.str("FLUENZR_LOG_LEVEL", default="WARNING")},
    "loggers": {
        # A refused request is the caller's affair.
        "django.request": {"level": "ERROR"},
        # It warns that a broker in memory has no host name.
        "kombu": {"level": "ERROR"},
        "fluenzr": {"level": env.str("FLUENZR_LOG_LEVEL", default="INFO")},
    },
}
