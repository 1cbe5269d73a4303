"""The front door: a new installation comes up by itself, a second start changes nothing, and the sample organisation is real."""

import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from iamconsole.management.commands.start import base_of

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def first_start(tmp_path_factory):
    """The data folder of a new installation, and what its first start answered."""
    folder = tmp_path_factory.mktemp("installation")
    arguments = ("start", "--prepare-only", "--bind", "127.0.0.1:8123")
    return folder, manage(folder, *arguments, ACCOUNT_ID="123456789012")


@pytest.fixture(scope="module")
def folder(first_start):
    return first_start[0]


@pytest.fixture(scope="module")
def sample(folder):
    """The installation with the sample organisation in it; comes after the tests of the empty one."""
    result = manage(folder, "load_demo", "--account", "123456789012")
    assert result.returncode == 0, result.stderr
    return folder


def manage(folder, *arguments, **environment):
    clean = {key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "LANG"}}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=clean | {"DATA_DIR": str(folder)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def rows(folder, query):
    with sqlite3.connect(folder / "console.sqlite3") as database:
        return database.execute(query).fetchall()


def test_the_first_start_makes_an_account_and_prints_the_setup_link(first_start):
    folder, result = first_start
    assert result.returncode == 0, result.stderr
    assert "IAM console: http://127.0.0.1:8123/ (account 123456789012)" in result.stdout
    assert re.search(r"http://127\.0\.0\.1:8123/set-password/[\w-]{20,}/", result.stdout)
    assert rows(folder, "select count(*) from policies_managedpolicy where account_id = 'aws'")[0][0] > 1500
    assert (folder / "console.sqlite3").stat().st_mode & 0o077 == 0 or folder.stat().st_mode & 0o077 == 0


def test_no_password_exists_until_somebody_chooses_one(folder):
    assert rows(folder, "select count(*) from accounts_loginprofile where password_hash <> ''") == [(0,)]


def test_a_second_start_changes_nothing(folder):
    tables = "select account_id, sequence, head from operations_ledger"
    before = rows(folder, tables)
    users = rows(folder, "select id, unique_id from accounts_user")
    result = manage(folder, "start", "--prepare-only")
    assert result.returncode == 0, result.stderr
    assert rows(folder, tables) == before
    assert rows(folder, "select id, unique_id from accounts_user") == users


def test_the_record_of_the_sample_organisation_is_whole(sample):
    assert rows(sample, "select count(*) from accounts_user where is_root = 0")[0][0] >= 60
    assert rows(sample, "select count(*) from accounts_group")[0][0] >= 12
    assert rows(sample, "select count(*) from accounts_role")[0][0] >= 15
    assert rows(sample, "select count(*) from policies_managedpolicy where account_id = '123456789012'")[0][0] >= 25
    assert rows(sample, "select count(*) from operations_event where error_code = 'AccessDenied'")[0][0] > 20
    verified = manage(sample, "verify_trail")
    assert "whole" in verified.stdout
    assert verified.returncode == 0
    again = manage(sample, "load_demo", "--account", "123456789012")
    assert "nothing was added" in again.stdout


def test_every_secret_is_encrypted_anew_under_the_new_key(sample):
    old = (sample / "encryption_keys").read_text().split()
    cipher = dict(rows(sample, "select key_id, secret from accounts_accesskey"))
    assert cipher

    new = Fernet.generate_key().decode()
    result = manage(sample, "rotate_secrets", ENCRYPTION_KEYS=",".join([new, *old]))
    assert result.returncode == 0, result.stderr
    for key_id, secret in rows(sample, "select key_id, secret from accounts_accesskey"):
        assert secret != cipher[key_id]
        assert len(Fernet(new).decrypt(secret.encode())) == 40


@pytest.mark.parametrize(
    ("binds", "base"),
    [
        (["127.0.0.1:8123"], "http://127.0.0.1:8123"),
        (["0.0.0.0:8000"], "http://127.0.0.1:8000"),
        (["[::]:80"], "http://127.0.0.1:80"),
        (["iam.example.com:80"], "http://iam.example.com:80"),
        (["127.0.0.1:8000", "127.0.0.1:8001"], "http://127.0.0.1:8000"),
        (["unix:/run/iam.sock", "127.0.0.1:8001"], "http://127.0.0.1:8001"),
    ],
)
def test_links_lead_to_where_the_console_is_bound(binds, base):
    assert base_of(binds) == base


def test_behind_a_socket_alone_the_address_has_to_be_said(folder):
    result = manage(folder, "start", "--prepare-only", "--bind", "unix:/tmp/no-such.sock")
    assert result.returncode == 1
    assert "set BASE_URL" in result.stderr
    said = manage(
        folder, "start", "--prepare-only", "--bind", "unix:/tmp/no-such.sock", BASE_URL="https://iam.example.com"
    )
    assert "IAM console: https://iam.example.com/" in said.stdout
