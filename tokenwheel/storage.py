"""Static files under names that change with their content, so that they can be kept for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Also where one script imports another, as `import { x } from "./y.js";` and with the
    semicolon. Modules must not import each other in a circle: no name could then be settled."""

    support_js_module_import_aggregation = True
