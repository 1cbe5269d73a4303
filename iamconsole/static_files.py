"""Static files as they are served in production: named by their content, and every module under one name."""

from whitenoise.storage import CompressedManifestStaticFilesStorage

# What is rewritten in our own modules (`js/*.js`): `import { ago } from "./time.js"` and `import("./time.js")`. What others ship stays.
IMPORTS = (
    (
        r"""(?P<matched>\bfrom\s*["'](?P<url>\./[^"']+\.js)["'])""",
        '''from "%(url)s"''',
    ),
    (
        r"""(?P<matched>\bimport\(["'](?P<url>\./[^"']+\.js)["']\))""",
        """import("%(url)s")""",
    ),
)


class ManifestStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Names in the `import` statements of our own modules become hashed names too.

    Else a module that is listed as a script and imported by another is loaded under two addresses, and runs twice with two states.
    """

    patterns = (*CompressedManifestStaticFilesStorage.patterns, ("js/*.js", IMPORTS))
