"""How static files are named: by what is in them, so that a browser may keep them for ever."""

from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage

_, MODULE_IMPORTS = HashedFilesMixin._js_module_import_aggregation_patterns  # noqa: SLF001


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Also where one of our own modules imports another. Not in the scripts of packages, which
    hold import lines in their documentation that lead nowhere."""

    patterns = (*HashedFilesMixin.patterns, ("js/*.js", MODULE_IMPORTS))
