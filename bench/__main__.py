"""Run the measurements and print one table per part: `python -m bench engine operations pages api import`."""

import importlib
import os
import sys
import tempfile

PARTS = ("engine", "operations", "importing", "pages", "api")


def main(arguments: list[str]) -> int:
    """Each part works on a database of its own in a temporary folder and says what it measured."""
    chosen = [part for part in arguments if not part.startswith("-")] or list(PARTS)
    unknown = sorted(set(chosen) - set(PARTS))
    if unknown:
        print(f"bench: there is no part called {', '.join(unknown)}; the parts are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "iamconsole.settings")
    os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="iamconsole-bench-"))
    os.environ.setdefault("API_PRINCIPAL_RATE", "0")  # throttling is not what is measured
    os.environ.setdefault("API_ACCOUNT_RATE", "0")
    os.environ.setdefault("QUOTAS", "UsersQuota=1000000,PoliciesQuota=100000,RolesQuota=100000,GroupsQuota=100000")
    for part in chosen:
        print(f"\n## {part}\n", flush=True)
        importlib.import_module(f"bench.{part}").run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
