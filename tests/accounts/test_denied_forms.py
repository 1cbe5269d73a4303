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
from policies.operations.managed_policies import create_policy
from tests.accounts.browser import Browser, text_of
from tests.signing_in import sign_in

READ = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:List*","iam:Get*"],"Resource":"*"}]}'
SOME = (
    '{"Version":"2012-10-17","Statement":[{"Sid":"Telling","Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'
)
TRUST = '{"Version":"2012-10-17","Statement":[{"Sid":"Telling","Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}]}'
POLICY = "arn:aws:iam::123456789012:policy/reading"

FORMS = {
    "iam:CreatePolicy": ("policies:create", [], {"policy_name": "telling", "policy_document": SOME, "path": "/", "create": "1"}),
    "iam:CreatePolicyVersion": ("policies:edit", [POLICY], {"policy_document": SOME, "set_as_default": "on"}),
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
            "role_name": "telling", "trusted": "custom", "custom": TRUST, "path": "/",
            "max_session_duration": "3600", "create": "1",
        },
    ),
    "iam:UpdateUser": ("accounts:user-rename", ["dora"], {"new_user_name": "telling", "new_path": "/"}),
    "iam:UpdateGroup": ("accounts:group-rename", ["builders"], {"new_group_name": "telling", "new_path": "/"}),
    "iam:UpdateRole": ("accounts:role-edit", ["deploy"], {"description": "telling", "max_session_duration": "3600"}),
    "iam:UpdateAssumeRolePolicy": ("accounts:role-trust", ["deploy"], {"policy_document": TRUST}),
    "iam:PutGroupPolicy": ("accounts:group-inline", ["builders", "own"], {"policy_document": SOME, "policy_name": "own"}),
    "iam:TagUser": ("accounts:user-tags", ["dora"], {"tags": "telling=1"}),
    "iam:PutUserPermissionsBoundary": ("accounts:user-boundary", ["dora"], {"permissions_boundary": POLICY}),
    "iam:AddUserToGroup": ("accounts:user-groups", ["dora"], {"groups": "builders", "join": "1"}),
    "iam:CreateAccountAlias": ("accounts:account", [], {"account_alias": "telling"}),
    "iam:ContainUser": ("accounts:user-contain", ["dora"], {"reason": "telling"}),
    "iam:ResetUserMFA": ("accounts:user-reset-mfa", ["dora"], {"reason": "telling"}),
    "iam:CreateAccessKey": ("accounts:create-access-key", [], {"description": "telling"}),
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
    create_group(admin, group_name="builders")
    create_role(admin, role_name="deploy", assume_role_policy_document=TRUST)
    create_policy(admin, policy_name="reading", policy_document=SOME)
    put_group_policy(admin, group_name="builders", policy_name="own", policy_document=SOME)
    client = Browser()
    sign_in(client, make_user("rita", READ))
    return client


@pytest.mark.parametrize("action", FORMS)
def test_it_stands_there_again_with_what_was_typed(reader, action):
    name, args, typed = FORMS[action]
    page = reverse(name, args=args)
    seen = re.search(r'name="seen" value="([^"]*)"', reader.get(page).content.decode())
    answer = reader.post(page, typed | ({"seen": seen[1]} if seen else {}))
    shown = html.unescape(answer.content.decode())
    assert answer.status_code == 403
    assert f"is not authorized to perform: {action} on resource" in shown
    assert "Refused by: Identity policies" in text_of(answer)
    assert re.search(r'href="/why/[^"]+"', shown)
    assert "There is a problem" not in shown
    written = [value for value in typed.values() if re.search("telling|77|reading|builders", value, re.IGNORECASE)]
    assert written
    form = shown[shown.index("What you typed is still in the form") :]
    assert all(value in re.sub(r"\s+", " ", form) for value in written)
    assert not Group.objects.filter(name="telling").exists()
    assert not User.objects.filter(name="telling").exists()
