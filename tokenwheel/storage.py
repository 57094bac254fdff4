"""Static files under names that change with their content, so that they can be kept for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage

OUR_SCRIPTS = "js/*.js"


class ModuleStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Also where one of our scripts imports another, as `import { x } from "./y.js";` with the
    semicolon. Modules must not import each other in a circle: no name could then be settled.

    Only ours, since packages bring scripts that import files they do not bring.
    """

    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = (
        OUR_SCRIPTS,
        CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1],  # noqa: SLF001
    )
