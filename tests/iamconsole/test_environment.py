"""Settings from the environment: files, bad values, generated keys."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from iamconsole.database import database

ROOT = Path(__file__).resolve().parents[2]


def start(tmp_path, **environment):
    """Import the settings in a process of its own, as a start does."""
    clean = {key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "LANG"}}
    return subprocess.run(
        [sys.executable, "-c", "from iamconsole import settings; print(settings.SECRET_KEY, settings.ALLOWED_HOSTS)"],
        cwd=ROOT,
        env=clean | {"DATA_DIR": str(tmp_path / "data")} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_keys_are_generated_once_and_readable_by_the_owner_alone(tmp_path):
    first, second = start(tmp_path), start(tmp_path)
    assert first.returncode == 0, first.stderr
    assert first.stdout == second.stdout
    for name in ("secret_key", "encryption_keys"):
        assert (tmp_path / "data" / name).stat().st_mode & 0o777 == 0o600


def test_a_value_may_come_from_a_file(tmp_path):
    (tmp_path / "hosts").write_text("iam.example.com\n")
    assert "['iam.example.com']" in start(tmp_path, ALLOWED_HOSTS_FILE=str(tmp_path / "hosts")).stdout


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"DEBUG": "perhaps"}, "iam console: DEBUG must be true or false, not perhaps."),
        ({"TRUSTED_PROXIES": "two"}, "iam console: TRUSTED_PROXIES must be a whole number, not two."),
        (
            {"SECRET_KEY_FILE": "/nowhere/key"},
            "iam console: SECRET_KEY_FILE names /nowhere/key, which cannot be read: No such file or directory.",
        ),
        (
            {"ENCRYPTION_KEYS": "short"},
            "iam console: ENCRYPTION_KEYS must hold Fernet keys (32 bytes, url-safe base64), separated by commas.",
        ),
        (
            {"DATABASE_URL": "mysql://localhost/x"},
            "iam console: DATABASE_URL must name a postgres:// or sqlite:/// database.",
        ),
        (
            {"QUOTAS": "UsersQuota=many"},
            "iam console: QUOTAS must be a list like UsersQuota=200000, and UsersQuota has no whole number.",
        ),
        (
            {"DATA_DIR": "/proc/nowhere"},
            "iam console: the key /proc/nowhere/secret_key cannot be read or made: No such file or directory.",
        ),
    ],
)
def test_an_unusable_setting_stops_the_start_with_one_sentence(tmp_path, environment, sentence):
    result = start(tmp_path, **environment)
    assert result.returncode == 1
    assert result.stderr.strip() == sentence


def test_postgresql_plans_once_and_compiles_nothing_unless_a_pooler_stands_in_between(tmp_path):
    url = "postgres://u:p@host/name"
    assert database(url, tmp_path)["OPTIONS"] == {
        "server_side_binding": True,
        "prepare_threshold": 5,
        "options": "-c jit=off",
    }
    assert database(f"{url}?options=-c%20jit%3Don", tmp_path)["OPTIONS"]["options"] == "-c jit=on"
    pooled = database(f"{url}?server_side_binding=false&sslmode=require", tmp_path)
    assert pooled["OPTIONS"] == {"server_side_binding": False, "prepare_threshold": 5, "sslmode": "require"}
