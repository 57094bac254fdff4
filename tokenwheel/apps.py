"""Selection of the static files that are collected, compressed and served."""

from django.contrib.staticfiles.apps import StaticFilesConfig


class CollectedFilesConfig(StaticFilesConfig):
    """Omits files that no page loads: compressing them would take most of the first start."""

    ignore_patterns = (
        *StaticFilesConfig.ignore_patterns,
        "*.map",
        "django_htmx",  # static/vendor holds the htmx in use
        "rest_framework",  # the browsable API is switched off
        "drf_spectacular_sidecar/redoc/*",  # /api/docs is Swagger UI
        # Admin pages load the minified versions, and texts in the languages of settings.LANGUAGES.
        "admin/js/vendor/jquery/jquery.js",
        "admin/js/vendor/select2/select2.full.js",
        "admin/js/vendor/xregexp/xregexp.js",
        *(f"admin/js/vendor/select2/i18n/{letter}*.js" for letter in "abcghijklmopqrstuvwxyz"),
        "admin/js/vendor/select2/i18n/d[!e]*.js",
        "admin/js/vendor/select2/i18n/e[!ns]*.js",
        "admin/js/vendor/select2/i18n/f[!r]*.js",
        "admin/js/vendor/select2/i18n/n[!b]*.js",
    )
