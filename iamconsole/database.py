"""The database setting: SQLite in the data folder by default, PostgreSQL by DATABASE_URL."""

from pathlib import Path
from typing import Any

import environ

from iamconsole.environment import stop

# Parameters go to PostgreSQL apart from the statement, and what is asked often is planned once for each connection: half the time of a
# look-up. A pooler that hands out connections by transaction needs `?server_side_binding=false` in the address.
PREPARED = {"server_side_binding": True, "prepare_threshold": 5}
# Compiling a statement takes longer than any of ours takes to answer (PostgreSQL, «When to JIT?»). A pooler knows no such parameter.
UNCOMPILED = {"options": "-c jit=off"}


def database(url: str | None, folder: Path) -> dict[str, Any]:
    """Django's setting of the default database. Raises SystemExit with one sentence for an unusable URL."""
    if not url:
        return sqlite(folder / "console.sqlite3")
    try:
        config = dict(environ.Env.db_url_config(url))
    except Exception as error:  # noqa: BLE001 - the parser raises many kinds; the reader needs one sentence
        stop(f"DATABASE_URL is not a database address: {error}.")
    if "sqlite" in config.get("ENGINE", ""):
        return sqlite(Path(config["NAME"]))
    if "postgresql" not in config.get("ENGINE", ""):
        stop("DATABASE_URL must name a postgres:// or sqlite:/// database.")
    options = PREPARED | _options(config)
    if options["server_side_binding"]:
        options = UNCOMPILED | options
    return config | {"CONN_MAX_AGE": 300, "CONN_HEALTH_CHECKS": True, "OPTIONS": options}


def _options(config: dict[str, Any]) -> dict[str, Any]:
    """The options in the address, whose words for yes and no are words there."""
    words = {"true": True, "false": False}
    return {name: words.get(str(value).lower(), value) for name, value in config.get("OPTIONS", {}).items()}


def sqlite(path: Path) -> dict[str, Any]:
    """SQLite as a server database: write-ahead log, foreign keys, and every transaction takes the write lock at its start.

    Without IMMEDIATE two transactions that read and then write would deadlock and one fail with «database is locked».
    """
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-20000;",
        },
        "CONN_MAX_AGE": None,
        "TEST": {"OPTIONS": {}},
    }
