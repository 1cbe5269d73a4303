"""A form whose operation is denied stands there again: the refusal above, what was typed in it, and the answer 403."""

import html
import re

import pytest
from django.urls import reverse

from accounts.models import Group, User
from accounts.operations.groups import create_group
from accounts.operations.inline_policies import put_group_policy
from accounts.operations.roles import create_role
from accounts.operations.users import create_user
from accounts.trust import readable
from policies.operations.managed_policies import create_policy
from policies.saving import mark
from tests.accounts.browser import Browser, give_device, text_of
from tests.conftest import ADMINISTRATOR
from tests.signing_in import sign_in

READ = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:List*","iam:Get*","cloudtrail:LookupEvents"],"Resource":"*"}]}'
SOME = (
    '{"Version":"2012-10-17","Statement":[{"Sid":"Telling","Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'
)
TRUST = '{"Version":"2012-10-17","Statement":[{"Sid":"Telling","Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}]}'
POLICY = "arn:aws:iam::123456789012:policy/reading"

FORMS = {
    "iam:CreatePolicy": ("policies:create", [], {"policy_name": "telling", "policy_document": SOME, "path": "/", "create": "1"}),
    "iam:CreatePolicyVersion": ("policies:edit", [POLICY], {"policy_document": SOME.replace("s3:Get", "s3:Put"), "set_as_default": "on"}),
    "iam:TagPolicy": ("policies:tags", [POLICY], {"tags": "telling=1"}),
    "iam:CreateUser": (
        "accounts:user-create",
        [],
        {"user_names": "telling", "path": "/", "access": "none", "create": "1"},
    ),
    "iam:CreateGroup": ("accounts:group-create", [], {"group_name": "telling", "path": "/"}),
    "iam:CreateRole": (
        "accounts:role-create",
        [],
        {
            "role_name": "telling", "trusted": "custom", "policy_document": TRUST, "path": "/",
            "max_session_duration": "3600", "create": "1",
        },
    ),
    "iam:UpdateUser": ("accounts:user-rename", ["dora"], {"new_user_name": "telling", "new_path": "/"}),
    "iam:UpdateGroup": ("accounts:group-rename", ["builders"], {"new_group_name": "telling", "new_path": "/"}),
    "iam:UpdateRole": ("accounts:role-edit", ["deploy"], {"description": "telling", "max_session_duration": "3600"}),
    "iam:UpdateAssumeRolePolicy": ("accounts:role-trust", ["deploy"], {"policy_document": TRUST, "save": "1"}),
    "iam:PutGroupPolicy": ("accounts:group-inline", ["builders", "own"], {"policy_document": SOME, "policy_name": "own"}),
    "iam:TagUser": ("accounts:user-tags", ["dora"], {"tags": "telling=1"}),
    "iam:PutUserPermissionsBoundary": ("accounts:user-boundary", ["dora"], {"permissions_boundary": POLICY}),
    "iam:AddUserToGroup": ("accounts:user-groups", ["dora"], {"groups": "builders", "join": "1"}),
    "iam:CreateAccountAlias": ("accounts:account", [], {"account_alias": "telling"}),
    "iam:UpdateAccessKey": ("accounts:user-contain", ["dora"], {"reason": "telling"}),
    "iam:ResetUserMFA": ("accounts:user-reset-mfa", ["dora"], {"reason": "telling"}),
    "iam:CreateAccessKey": ("accounts:create-access-key", [], {"description": "telling"}),
    "iam:UploadSSHPublicKey": ("accounts:upload-ssh-public-key", [], {"ssh_public_key_body": "ssh-rsa telling"}),
    "iam:CreateServiceSpecificCredential": (
        "accounts:create-service-credential",
        [],
        {"service_name": "bedrock.amazonaws.com", "credential_age_days": "77"},
    ),
    "iam:UploadSigningCertificate": ("accounts:upload-signing-certificate", [], {"certificate_body": "telling"}),
    "iam:UpdateAccountPasswordPolicy": (
        "accounts:password-policy",
        [],
        {"custom": "custom", "minimum_password_length": "77", "minimum_strength": "0", "action": "save"},
    ),
}  # fmt: skip


@pytest.fixture
def reader(admin, make_user):
    """Somebody who may read everything and change nothing."""
    create_user(admin, user_name="dora")
    give_device(User.objects.get(name="dora"))
    create_group(admin, group_name="builders")
    create_role(admin, role_name="deploy", assume_role_policy_document=TRUST)
    create_policy(admin, policy_name="reading", policy_document=SOME)
    put_group_policy(admin, group_name="builders", policy_name="own", policy_document=SOME)
    client = Browser()
    sign_in(client, make_user("rita", READ))
    return client


@pytest.fixture
def seen_by_administrator(make_user):
    """The page as somebody sees it who may send its form: it was opened before a permission was taken away."""
    client = Browser()
    sign_in(client, make_user("ada", ADMINISTRATOR), mfa=True)
    return lambda page: client.get(page).content.decode()


@pytest.mark.parametrize("action", FORMS)
def test_it_stands_there_again_with_what_was_typed(reader, seen_by_administrator, action):
    name, args, typed = FORMS[action]
    page = reverse(name, args=args)
    seen = re.search(r'name="seen" value="([^"]*)"', seen_by_administrator(page))
    answer = reader.post(page, {"seen": seen[1] if seen else mark(readable(TRUST)), **typed})
    shown = html.unescape(answer.content.decode())
    assert answer.status_code == 403
    assert f"is not authorized to perform: {action} on resource" in shown
    assert "Missing in: Identity policies" in text_of(answer)
    assert re.search(r'href="/why/[^"]+"', shown)
    assert "There is a problem" not in shown
    written = [value for value in typed.values() if re.search("telling|77|reading|builders", value, re.IGNORECASE)]
    assert written
    form = shown[shown.index("What you typed is still in the form") :]
    assert all(value in re.sub(r"\s+", " ", form) for value in written)
    assert not Group.objects.filter(name="telling").exists()
    assert not User.objects.filter(name="telling").exists()


@pytest.mark.parametrize(
    ("page", "status"), [("accounts:user-rename", 404), ("accounts:user-delete", 404), ("accounts:group-rename", 404)]
)
def test_what_was_typed_for_something_that_is_gone_is_shown_again(reader, page, status):
    answer = reader.post(reverse(page, args=["gone"]), {"new_user_name": "telling", "password": "hush", "seen": "x"})
    assert answer.status_code == status
    assert "What you typed" in text_of(answer)
    assert 'name="new_user_name" value="telling"' in answer.content.decode()
    assert "hush" not in answer.content.decode()


def test_a_denied_page_shows_what_was_typed_for_it(account, make_user):
    client = Browser()
    sign_in(client, make_user("nobody"))
    answer = client.post(reverse("policies:create"), {"policy_name": "telling", "policy_document": SOME})
    assert answer.status_code == 403
    assert 'name="policy_name" value="telling"' in answer.content.decode()


def test_a_refusal_is_never_kept_silent_about_where_the_page_shows_no_form(make_user):
    client = Browser()
    sign_in(
        client,
        make_user("vera", READ.replace('"iam:Get*"', '"iam:GetAccountSummary"').replace("iam:List*", "iam:ListUsers")),
    )
    answer = client.post(reverse("accounts:account"), {"account_alias": "telling"})
    assert answer.status_code == 403
    assert "is not authorized to perform: iam:CreateAccountAlias" in text_of(answer)
    assert 'name="account_alias" value="telling"' in answer.content.decode()


def test_our_own_fault_shows_what_was_typed(account, make_user, monkeypatch):
    monkeypatch.setattr("policies.views.create.create_policy", lambda *_, **__: 1 / 0)
    client = Browser()
    sign_in(client, make_user("ada", ADMINISTRATOR), mfa=True)
    client.raise_request_exception = False
    answer = client.post(reverse("policies:create"), FORMS["iam:CreatePolicy"][2])
    assert answer.status_code == 500
    assert "telling" in text_of(answer)


def test_a_forged_form_is_not_offered_to_be_sent(reader):
    reader.handler.enforce_csrf_checks = True
    answer = reader.post("/no/such/page/", {"policy_name": "telling"}, headers={"Origin": "https://evil.example"})
    assert "telling" not in answer.content.decode()
