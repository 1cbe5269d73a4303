"""`manage.py create_account`, and the operation behind it."""

import json
import re
from io import StringIO

import pytest
from django.contrib.auth.hashers import check_password
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.models import AccessKey, Account, LoginProfile, User
from accounts.operations.account import create_account, new_account, set_security_token_service_preferences
from operations.caller import command_caller
from operations.errors import AccessDenied, EntityAlreadyExists, ValidationError
from operations.models import Event

PASSWORD = "Correct-Horse-42"
ACCOUNT = "111122223333"


@pytest.fixture
def password_file(tmp_path):
    path = tmp_path / "password"
    path.write_text(PASSWORD + "\n")
    return str(path)


def run(password_file, *more, account_id=ACCOUNT):
    out = StringIO()
    arguments = ["--account-id", account_id, "--alias", "acme", "--name", "Acme", "--root-email", "root@acme.example"]
    call_command("create_account", *arguments, "--root-password-file", password_file, *more, stdout=out)
    return json.loads(out.getvalue())


def test_it_makes_an_account_that_can_be_used(db, password_file):
    made = run(password_file, "--with-access-key")
    assert made["Created"] is True
    assert made["Account"] == {
        "AccountId": ACCOUNT,
        "AccountName": "Acme",
        "AccountAlias": "acme",
        "RootArn": f"arn:aws:iam::{ACCOUNT}:root",
        "RootEmail": "root@acme.example",
    }
    root = User.everyone.get(account_id=ACCOUNT, is_root=True)
    assert check_password(PASSWORD, LoginProfile.objects.get(user=root).password_hash)
    key = AccessKey.objects.get(user=root)
    assert re.fullmatch(r"AKIA[A-Z2-7]{16}", made["AccessKey"]["AccessKeyId"])
    assert re.fullmatch(r"[A-Za-z0-9+/]{40}", made["AccessKey"]["SecretAccessKey"])
    assert (key.key_id, key.secret) == (made["AccessKey"]["AccessKeyId"], made["AccessKey"]["SecretAccessKey"])
    assert (root.console_access, root.active_key_count) == (True, 1)
    assert root.password_changed_at is not None
    assert root.oldest_active_key_at is not None


def test_a_second_run_says_so_and_changes_nothing(db, password_file):
    first = run(password_file, "--with-access-key")
    before = [list(model._base_manager.values()) for model in (Account, User, LoginProfile, AccessKey, Event)]
    second = run(password_file, "--with-access-key")
    assert second == {
        "Created": False,
        "Account": first["Account"],
        "AccessKeyIds": [first["AccessKey"]["AccessKeyId"]],
    }
    assert [list(model._base_manager.values()) for model in (Account, User, LoginProfile, AccessKey, Event)] == before


def test_the_record_holds_no_secret(db, password_file, last_event):
    made = run(password_file, "--with-access-key")
    record = last_event()
    assert record["eventName"] == "CreateAccount"
    assert record["requestParameters"]["rootPassword"] == "***"
    text = json.dumps(record)
    assert PASSWORD not in text
    assert made["AccessKey"]["SecretAccessKey"] not in text
    assert record["responseElements"]["accessKey"] == {
        "accessKeyId": made["AccessKey"]["AccessKeyId"],
        "secretAccessKey": "***",
    }


def test_nothing_is_made_when_something_is_wrong(db, password_file, tmp_path, other_account):
    (tmp_path / "weak").write_text("short\n")
    with pytest.raises(CommandError, match="PasswordPolicyViolation"):
        run(str(tmp_path / "weak"))
    Account.objects.filter(pk=other_account.pk).update(alias="acme")
    with pytest.raises(CommandError, match="The account alias acme already exists"):
        run(password_file)
    with pytest.raises(CommandError, match="Value at 'accountId' failed to satisfy constraint"):
        run(password_file, account_id="12345")
    assert not Account.objects.filter(pk=ACCOUNT).exists()
    assert not User.everyone.filter(account_id=ACCOUNT).exists()


@pytest.mark.parametrize(("content", "message"), [(None, "cannot be read"), ("", "is empty"), ("\n", "is empty")])
def test_the_password_file(db, tmp_path, content, message):
    path = tmp_path / "password"
    if content is not None:
        path.write_text(content)
    with pytest.raises(CommandError, match=message):
        run(str(path))


def test_without_a_password_nobody_can_sign_in(db):
    account = create_account(ACCOUNT)
    root = User.everyone.get(account=account, is_root=True)
    assert (root.email, root.unique_id, root.console_access) == ("", ACCOUNT, False)
    assert not LoginProfile.objects.exists()
    with pytest.raises(EntityAlreadyExists):
        create_account(ACCOUNT)


def test_nobody_inside_an_account_makes_accounts(root, admin):
    for caller in (root, admin):
        with pytest.raises(AccessDenied) as refused:
            new_account(caller, account_id=ACCOUNT)
        assert refused.value.message == (
            f"User: {caller.arn} is not authorized to perform: iam:CreateAccount on resource: arn:aws:iam::{ACCOUNT}:root "
            "because no resource-based policy allows the iam:CreateAccount action"
        )
        with pytest.raises(EntityAlreadyExists):
            new_account(caller, account_id=caller.account_id)
    with pytest.raises(ValidationError):
        new_account(command_caller(ACCOUNT), account_id=ACCOUNT, root_email="nobody")
    assert not Account.objects.filter(pk=ACCOUNT).exists()


def test_the_version_of_global_tokens(admin, nobody, last_event):
    assert set_security_token_service_preferences(admin, global_endpoint_token_version="v2Token") == {}
    assert Account.objects.get(pk=admin.account_id).global_endpoint_token_version == "v2Token"
    assert last_event()["before"] == {"globalEndpointTokenVersion": "v1Token"}
    with pytest.raises(ValidationError):
        set_security_token_service_preferences(admin, global_endpoint_token_version="v3Token")
    with pytest.raises(AccessDenied):
        set_security_token_service_preferences(nobody, global_endpoint_token_version="v1Token")
