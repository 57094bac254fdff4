"""All settings, read from the environment; a value that makes no sense stops the start.

The README's table lists every variable with its default.
"""

import logging
from pathlib import Path

from csp.constants import NONE, SELF
from environs import validate

from tokenwheel.backends import (
    CACHE_URL_PATTERN,
    DATABASE_URL_PATTERN,
    cache_from_url,
    database_from_url,
    sqlite_database,
)
from tokenwheel.environment import (
    all_different,
    env,
    is_strong_key,
    kept_secret_key,
    limit_named,
    require,
    told_by_name,
)
from tokenwheel.logs import logging_config
from tokenwheel.middleware.client_address import trusted_proxies
from wheel.language_models.registry import REGISTRY
from wheel.probes import HEALTH, PROBES, READY

BASE_DIR = Path(__file__).resolve().parent.parent

positive = validate.Range(min=0, min_inclusive=False)
ONE_YEAR_S = 365 * 24 * 3600

TOKENWHEEL_ENV = env.str(
    "TOKENWHEEL_ENV", "local", validate=validate.OneOf(["local", "production"])
)
IS_PRODUCTION = TOKENWHEEL_ENV == "production"
HTTPS = env.bool("HTTPS", IS_PRODUCTION)
DEBUG = env.bool("DEBUG", False)
DATA_DIR = Path(env.str("TOKENWHEEL_DATA_DIR", "") or BASE_DIR / "var").resolve()
SECRET_KEY = env.str("SECRET_KEY", "")
if not IS_PRODUCTION:
    SECRET_KEY = SECRET_KEY or kept_secret_key(DATA_DIR / "secret_key")
LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]  # for whoever asks on the machine itself
NAMED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", [])
ALLOWED_HOSTS = NAMED_HOSTS + [host for host in LOOPBACK if host not in NAMED_HOSTS]
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])

# --- the wheel -------------------------------------------------------------------------------

TRANSFORMERS_CACHE = Path(env.str("TRANSFORMERS_CACHE", "") or DATA_DIR / "models").expanduser()
WHEEL_MODELS = env.list(
    "WHEEL_MODELS",
    list(REGISTRY),
    validate=[validate.Length(min=1), validate.ContainsOnly(REGISTRY), all_different],
)
WHEEL_DEFAULT_MODEL = (
    env.str("WHEEL_DEFAULT_MODEL", "", validate=validate.OneOf(["", *WHEEL_MODELS])) or None
)
WHEEL_MAX_CONTEXT_LENGTH = env.int("WHEEL_MAX_CONTEXT_LENGTH", 2048, validate=validate.Range(min=2))
WHEEL_MAX_PROMPT_CHARACTERS = env.int("WHEEL_MAX_PROMPT_CHARACTERS", 4000, validate=positive)
WHEEL_SESSION_TTL_S = env.float(
    "WHEEL_SESSION_TTL_S", 3600.0, validate=[positive, validate.Range(max=ONE_YEAR_S)]
)
WHEEL_REQUEST_TIMEOUT_S = env.float("WHEEL_REQUEST_TIMEOUT_S", 30.0, validate=positive)
WHEEL_MAX_WAITING = env.int("WHEEL_MAX_WAITING", 256, validate=positive)
WHEEL_MAX_SESSIONS = env.int("WHEEL_MAX_SESSIONS", 5000, validate=validate.Range(min=0))
WHEEL_ENGINE = env.str("WHEEL_ENGINE", "batching", validate=validate.OneOf(["batching", "naive"]))
WHEEL_PREFIX_CACHE_MB = env.int("WHEEL_PREFIX_CACHE_MB", 1024, validate=validate.Range(min=0))
WHEEL_LOGITS_CACHE_MB = env.int("WHEEL_LOGITS_CACHE_MB", 256, validate=validate.Range(min=0))
WHEEL_LOOK_AHEAD = env.bool("WHEEL_LOOK_AHEAD", True)
WHEEL_LOOK_AHEAD_CHILDREN = env.int(
    "WHEEL_LOOK_AHEAD_CHILDREN", 3, validate=validate.Range(min=0, max=20)
)
WHEEL_MAX_BODY_BYTES = 64 * 1024

# --- who may ask, and how often ---------------------------------------------------------------

with told_by_name("TRUSTED_PROXIES"):
    TRUSTED_PROXIES = trusted_proxies(env.list("TRUSTED_PROXIES", []))
LIMITS = {
    name: limit
    for name, limit in {
        "session": limit_named("LIMIT_SESSION", "200/10 seconds"),
        "address": limit_named("LIMIT_ADDRESS", "3000/10 seconds"),
        "starts": limit_named("LIMIT_STARTS", "1000/minute"),
        "logins": limit_named("LIMIT_LOGINS", "10/minute"),
    }.items()
    if limit is not None
}

# --- a server that others reach (decision 0017) ----------------------------------------------

if IS_PRODUCTION:
    require(not DEBUG, "DEBUG", "not in production")
    require(bool(NAMED_HOSTS), "ALLOWED_HOSTS", "say under which names the server is reached")
    require(is_strong_key(SECRET_KEY), "SECRET_KEY", "at least 50 characters, made at random")
    require(
        bool(TRUSTED_PROXIES) or not HTTPS,
        "TRUSTED_PROXIES",
        "name the proxy that ends HTTPS, or set HTTPS=false",
    )

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # of proxies that are believed
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [rf"^({'|'.join(PROBES)})$"]  # asked on the machine, without HTTPS
SECURE_HSTS_SECONDS = (
    env.int("HSTS_SECONDS", ONE_YEAR_S, validate=validate.Range(min=0)) if HTTPS else 0
)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True  # forms carry the token; no script has to read it
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"  # an address is the key to a session
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # other hosts below a school's domain are not ours to bind to HTTPS
    "security.W021",  # nor to be put on browsers' lists
    *([] if HTTPS else ["security.W004", "security.W008", "security.W012", "security.W016"]),
]

# --- Django ----------------------------------------------------------------------------------

INSTALLED_APPS = [
    "wheel.apps.WheelConfig",
    "bench",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "tokenwheel.apps.CollectedFilesConfig",  # django.contrib.staticfiles
    "corsheaders",
    "csp",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "tokenwheel.middleware.client_address.set_remote_addr",
    "tokenwheel.middleware.request_log.observe",
    "csp.middleware.CSPMiddleware",
    "tokenwheel.middleware.permissions_policy.permissions_policy",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "tokenwheel.middleware.body_limit.limit_request_body",
    "tokenwheel.middleware.throttling.throttle",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "tokenwheel.urls"
WSGI_APPLICATION = "tokenwheel.wsgi.application"
ASGI_APPLICATION = "tokenwheel.asgi.application"

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
            "libraries": {
                "glossary": "wheel.pages.words.glossary",
                "numbers": "wheel.pages.words.numbers",
            },
        },
    },
]

# For whatever is served, files and errors too. Nothing is inline and nothing comes from elsewhere;
# the one view that needs more says so itself (wheel/api/urls.py).
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

DATABASE_URL = env.str("DATABASE_URL", "", validate=validate.Regexp(rf"$|{DATABASE_URL_PATTERN}"))
with told_by_name("DATABASE_URL"):
    DATABASES = {
        "default": database_from_url(DATABASE_URL)
        if DATABASE_URL
        else sqlite_database(DATA_DIR / "db.sqlite3")
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHE_URL = env.str("CACHE_URL", "db://", validate=validate.Regexp(CACHE_URL_PATTERN))
with told_by_name("CACHE_URL"):
    CACHES = {"default": cache_from_url(CACHE_URL)}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]  # those with a translation
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("TOKENWHEEL_STATIC_DIR", "") or DATA_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "tokenwheel.storage.ModuleStaticFilesStorage"},
}

# --- the API ---------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["wheel.api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "wheel.api.error_handlers.answer_exception",
    "URL_FORMAT_OVERRIDE": None,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Token Wheel",
    "DESCRIPTION": "How a language model picks its next token, as a wheel that you can spin.",
    "VERSION": "0.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {
        "TokenCategory": ["above_threshold", "other"],
        "DrawCategory": ["other"],
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# Anybody's page may use the API; it knows no logins, so nothing is sent along that could be abused.
CORS_ALLOWED_ORIGINS: list[str] = env.list("CORS_ALLOWED_ORIGINS", [])
CORS_ALLOW_ALL_ORIGINS = CORS_ALLOWED_ORIGINS in ([], ["*"])
if CORS_ALLOW_ALL_ORIGINS:
    CORS_ALLOWED_ORIGINS = []
CORS_ALLOW_CREDENTIALS = False
CORS_URLS_REGEX = rf"^/(api/|{HEALTH}$|{READY}$)"

# --- logs and metrics ------------------------------------------------------------------------

LOG_FORMAT = env.str("LOG_FORMAT", "line", validate=validate.OneOf(["line", "json"]))
LOGGING = logging_config(LOG_FORMAT, env.log_level("LOG_LEVEL", logging.INFO))
WHEEL_METRICS = env.bool("WHEEL_METRICS", False)
