"""All settings, read from the environment. A value that cannot be used raises `SettingError`.

The README's table lists every variable with its default.
"""

import logging
import re
from importlib.util import find_spec

from corsheaders.defaults import default_headers
from csp.constants import NONE, SELF

from tokenwheel.backends import (
    CACHE_URLS,
    DATABASE_URLS,
    cache_from_url,
    database_from_url,
    sqlite_database,
)
from tokenwheel.environment import (
    addressed_hosts,
    default_data_dir,
    expecting,
    flag,
    folder,
    frame_ancestors,
    has_local_sockets,
    host_names,
    is_strong_key,
    log_level,
    make_folder,
    models_of_file,
    names,
    num_web_processes,
    one_of,
    optional_file,
    origins,
    rate_limit,
    require,
    seconds,
    service_url,
    some_of,
    stored_secret_key,
    text,
    url_prefix,
    whole_number,
)
from tokenwheel.logs import logging_config
from tokenwheel.middleware.client_address import trusted_proxies
from wheel.installation import FOLDER, IS_CHECKOUT, VERSION
from wheel.language_models.runner_names import AUTO, CHOICES, OPENVINO
from wheel.probes import HEALTH, PROBES, READY
from wheel.remote_engine import MIN_TOKEN_LEN

BASE_DIR = FOLDER
ONE_YEAR_S = 365 * 24 * 3600

IS_PRODUCTION = one_of("TOKENWHEEL_ENV", "local", ["local", "production"]) == "production"
HTTPS = flag("HTTPS", default=IS_PRODUCTION)
DEBUG = flag("DEBUG", default=False)
DATA_DIR = folder("TOKENWHEEL_DATA_DIR", default_data_dir()).resolve()
SECRET_KEY = text("SECRET_KEY", "")
if not IS_PRODUCTION and not SECRET_KEY:
    make_folder(DATA_DIR, "TOKENWHEEL_DATA_DIR")
    with expecting("TOKENWHEEL_DATA_DIR", "a folder in which the file secret_key can be kept"):
        SECRET_KEY = stored_secret_key(DATA_DIR / "secret_key")
LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]  # for requests from the machine itself
NAMED_HOSTS = host_names("ALLOWED_HOSTS")
OWN_HOSTS = LOOPBACK if IS_PRODUCTION else [*LOOPBACK, *addressed_hosts()]
ALLOWED_HOSTS = list(dict.fromkeys(NAMED_HOSTS + OWN_HOSTS))
CSRF_TRUSTED_ORIGINS = origins("CSRF_TRUSTED_ORIGINS")

# --- a path of another site ------------------------------------------------------------------

# The first segments of all own paths (tokenwheel/urls.py).
OWN_SEGMENTS = {
    "admin",
    "api",
    "classrooms",
    "join",
    "language",
    "recent",
    "static",
    "text-size",
    "wheel",
    *PROBES,
}
URL_PREFIX = url_prefix("URL_PREFIX", OWN_SEGMENTS)
FORCE_SCRIPT_NAME = URL_PREFIX or None
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = URL_PREFIX or "/"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # no cookie at /
WHEEL_COOKIE_NAME = "last_wheels"
TEXT_SIZE_COOKIE_NAME = "text_size"
LANGUAGE_COOKIE_NAME = "language"
if URL_PREFIX:  # names of its own, since browsers also send the cookies of an application at /
    SESSION_COOKIE_NAME = "tokenwheel_sessionid"
    CSRF_COOKIE_NAME = "tokenwheel_csrftoken"
    WHEEL_COOKIE_NAME = "tokenwheel_last_wheels"
    TEXT_SIZE_COOKIE_NAME = "tokenwheel_text_size"
    LANGUAGE_COOKIE_NAME = "tokenwheel_language"

# --- the wheel -------------------------------------------------------------------------------

TRANSFORMERS_CACHE = folder("TRANSFORMERS_CACHE", DATA_DIR / "models")
WHEEL_MODELS_FILE = optional_file("WHEEL_MODELS_FILE")
WHEEL_REGISTRY = models_of_file(WHEEL_MODELS_FILE, "WHEEL_MODELS_FILE")
WHEEL_MODELS = some_of("WHEEL_MODELS", list(WHEEL_REGISTRY))
WHEEL_DEFAULT_MODEL = one_of("WHEEL_DEFAULT_MODEL", "", ["", *WHEEL_MODELS]) or None
WHEEL_MAX_CONTEXT_LENGTH = whole_number("WHEEL_MAX_CONTEXT_LENGTH", 2048, at_least=2)
WHEEL_MAX_PROMPT_CHARACTERS = whole_number("WHEEL_MAX_PROMPT_CHARACTERS", 4000, at_least=1)
WHEEL_SESSION_TTL_S = seconds("WHEEL_SESSION_TTL_S", 3600.0, at_most=ONE_YEAR_S)
WHEEL_REQUEST_TIMEOUT_S = seconds("WHEEL_REQUEST_TIMEOUT_S", 30.0, at_most=ONE_YEAR_S)
WHEEL_MAX_WAITING = whole_number("WHEEL_MAX_WAITING", 256, at_least=1)
WHEEL_MAX_SESSIONS = whole_number("WHEEL_MAX_SESSIONS", 5000)
WHEEL_ENGINE = one_of("WHEEL_ENGINE", "batching", ["batching", "naive"])
WHEEL_RUNNER = one_of("WHEEL_RUNNER", AUTO, CHOICES)
require(
    WHEEL_RUNNER != OPENVINO or find_spec("openvino") is not None,
    "WHEEL_RUNNER",
    "is openvino, and the package openvino is not installed",
)
WHEEL_ENGINE_URL = service_url("WHEEL_ENGINE_URL")
WHEEL_ENGINE_TOKEN = text("WHEEL_ENGINE_TOKEN", "")
require(
    not WHEEL_ENGINE_URL or len(WHEEL_ENGINE_TOKEN) >= MIN_TOKEN_LEN,
    "WHEEL_ENGINE_TOKEN",
    f"must be the engine service's token, at least {MIN_TOKEN_LEN} characters, if WHEEL_ENGINE_URL "
    "is set",
)
WHEEL_ENGINE_PROCESS = flag("WHEEL_ENGINE_PROCESS", default=False)
require(
    not (WHEEL_ENGINE_PROCESS and WHEEL_ENGINE_URL),
    "WHEEL_ENGINE_PROCESS",
    "must be false if WHEEL_ENGINE_URL is set, since the engine is elsewhere then",
)
require(
    not WHEEL_ENGINE_PROCESS or has_local_sockets(),
    "WHEEL_ENGINE_PROCESS",
    "must be false on this system, which has no Unix sockets for it",
)
WHEEL_ENGINE_CONNECTIONS = whole_number("WHEEL_ENGINE_CONNECTIONS", 64, at_least=1, at_most=1000)
WHEEL_PREFIX_CACHE_MB = whole_number("WHEEL_PREFIX_CACHE_MB", 1024)
WHEEL_LOGITS_CACHE_MB = whole_number("WHEEL_LOGITS_CACHE_MB", 256)
WHEEL_RECENT_LIST = flag("WHEEL_RECENT_LIST", default=True)
WHEEL_LOOK_AHEAD = flag("WHEEL_LOOK_AHEAD", default=True)
WHEEL_LOOK_AHEAD_CHILDREN = whole_number("WHEEL_LOOK_AHEAD_CHILDREN", 3, at_most=20)
WHEEL_MAX_BODY_BYTES = 64 * 1024

# --- trusted proxies and rate limits ---------------------------------------------------------

with expecting("TRUSTED_PROXIES", "addresses, networks or the word unix, separated by commas"):
    TRUSTED_PROXIES = trusted_proxies(names("TRUSTED_PROXIES"))
LIMITS = {
    name: limit
    for name, limit in {
        "session": rate_limit("LIMIT_SESSION", "200/10 seconds"),
        "address": rate_limit("LIMIT_ADDRESS", "3000/10 seconds"),
        "starts": rate_limit("LIMIT_STARTS", "1000/minute"),
        "costly": rate_limit("LIMIT_COSTLY", "30000/minute"),
        "lookups": rate_limit("LIMIT_LOOKUPS", "300/minute"),
        "codes": rate_limit("LIMIT_CODES", "60/minute"),
        "logins": rate_limit("LIMIT_LOGINS", "10/minute"),
    }.items()
    if limit is not None
}

# --- production: a server on a network (decision 0017) ---------------------------------------

if IS_PRODUCTION:
    require(not DEBUG, "DEBUG", "must be false in production")
    require(bool(NAMED_HOSTS), "ALLOWED_HOSTS", "must name the server's hosts in production")
    require(
        is_strong_key(SECRET_KEY),
        "SECRET_KEY",
        "must be at least 50 characters, made at random, in production",
    )
    require(
        bool(TRUSTED_PROXIES) or not HTTPS,
        "TRUSTED_PROXIES",
        "must name the proxy that ends HTTPS, unless HTTPS=false",
    )

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # only from trusted proxies
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [  # requested by address, without HTTPS
    rf"^{re.escape(f'{URL_PREFIX}/'.lstrip('/'))}({'|'.join(PROBES)})$"
]
SECURE_HSTS_SECONDS = whole_number("HSTS_SECONDS", ONE_YEAR_S) if HTTPS else 0
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True  # forms carry the token; no script has to read it
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"  # an address is the key to a session
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
FRAME_ANCESTORS = frame_ancestors("FRAME_ANCESTORS")  # for the students' pages only
require(
    HTTPS or not FRAME_ANCESTORS,
    "FRAME_ANCESTORS",
    "must be empty without HTTPS=true, since browsers keep cookies of a frame with HTTPS only",
)
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS for subdomains: other hosts of a school's domain may lack HTTPS
    "security.W021",  # HSTS preload lists: not this project's decision
    *([] if HTTPS else ["security.W004", "security.W008", "security.W012", "security.W016"]),
]

# --- Django ----------------------------------------------------------------------------------

INSTALLED_APPS = [
    "wheel.apps.WheelConfig",
    *(["bench"] if IS_CHECKOUT else []),
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
    "tokenwheel.middleware.content.set_content_length",
    "tokenwheel.middleware.url_prefix.remove_url_prefix",
    "tokenwheel.middleware.probe_host.ignore_host_of_probes",
    "tokenwheel.middleware.request_log.observe",
    "tokenwheel.middleware.caching.set_cache_headers",
    "csp.middleware.CSPMiddleware",
    "tokenwheel.middleware.permissions_policy.permissions_policy",
    "tokenwheel.middleware.embedding.allow_framing",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "tokenwheel.middleware.options.answer_options",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tokenwheel.middleware.language.activate_language",
    "corsheaders.middleware.CorsMiddleware",
    "tokenwheel.middleware.body_limit.limit_request_body",
    "tokenwheel.middleware.throttling.throttle",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
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
                "wheel.pages.text_size.text_size",
                "wheel.pages.language.languages",
            ],
            "libraries": {
                "drawing": "wheel.pages.drawing.markup",
                "glossary": "wheel.pages.words.glossary",
                "messages": "wheel.pages.words.messages",
                "numbers": "wheel.pages.words.numbers",
                "rows": "wheel.pages.panels.row_markup",
                "spoken": "wheel.pages.words.spoken",
                "tokens": "wheel.pages.words.tokens",
                "tour": "wheel.pages.lessons.tour",
                "lesson_in_class": "wheel.pages.lessons.in_class",
            },
        },
    },
]

# On every response, files and errors too. No page has inline scripts or files of other origins. The
# one view that needs an exception declares it (wheel/api/urls.py).
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

DATABASE_URL = text("DATABASE_URL", "")
if DATABASE_URL:
    is_file = DATABASE_URL.startswith("sqlite:")
    with expecting("DATABASE_URL", DATABASE_URLS, is_secret=not is_file):
        DATABASES = {"default": database_from_url(DATABASE_URL)}
else:
    make_folder(DATA_DIR, "TOKENWHEEL_DATA_DIR")
    DATABASES = {"default": sqlite_database(DATA_DIR / "db.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

with expecting("CACHE_URL", CACHE_URLS, is_secret=True):
    CACHES = {"default": cache_from_url(text("CACHE_URL", "db://"))}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

LANGUAGE_CODE = "en"
# By their own names, as the menu shows them. All but English have a catalog in wheel/locale.
LANGUAGES = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("es", "Español"),
    ("fr", "Français"),
    ("nb", "Norsk bokmål"),
]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = f"{URL_PREFIX}/static/"
STATIC_ROOT = folder("TOKENWHEEL_STATIC_DIR", DATA_DIR / "static")
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
    "DEFAULT_RENDERER_CLASSES": ["wheel.api.renderers.FastJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["wheel.api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "wheel.api.error_handlers.answer_exception",
    "URL_FORMAT_OVERRIDE": None,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Token Wheel",
    "DESCRIPTION": "How a language model picks its next token, as a wheel that you can spin.",
    "VERSION": VERSION,
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {
        "TokenCategory": ["above_threshold", "other"],
        "DrawCategory": ["other"],
    },
    "SERVERS": [{"url": URL_PREFIX}] if URL_PREFIX else [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# Pages of any origin may use the API: it has no logins, so requests carry no credentials.
CORS_ALLOWED_ORIGINS = origins("CORS_ALLOWED_ORIGINS", may_be_any=True)
CORS_ALLOW_ALL_ORIGINS = CORS_ALLOWED_ORIGINS in ([], ["*"])
if CORS_ALLOW_ALL_ORIGINS:
    CORS_ALLOWED_ORIGINS = []
CORS_ALLOW_CREDENTIALS = False
CORS_ALLOW_HEADERS = [*default_headers, "idempotency-key"]
CORS_URLS_REGEX = rf"^/(api/|{HEALTH}$|{READY}$)"

# --- logs and metrics ------------------------------------------------------------------------

LOG_FORMAT = one_of("LOG_FORMAT", "line", ["line", "json"])
LOGGING = logging_config(LOG_FORMAT, log_level("LOG_LEVEL", logging.INFO))
WHEEL_METRICS = flag("WHEEL_METRICS", default=False)

# --- processes -------------------------------------------------------------------------------

WEB_PROCESSES = num_web_processes()
