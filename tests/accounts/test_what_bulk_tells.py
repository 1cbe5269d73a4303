"""Bulk actions tell whoever may not do them nothing about the selected rows, neither in the review nor in the outcome."""

import pytest

from accounts.models import User
from accounts.operations.access_keys import create_access_key
from accounts.operations.boundaries import put_user_permissions_boundary
from accounts.operations.login_profiles import create_login_profile
from accounts.operations.users import create_user
from policies.operations.managed_policies import create_policy
from tests.accounts.browser import html_of as text
from tests.signing_in import sign_in

ALLOW = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[%s],"Resource":"*"}]}'
SECRET = (
    "the-limit",
    "No boundary is set",
    "Has no console access",
    "access key becomes inactive",
    "Nothing is active",
    "AKIA",
    "No active key is that old",
    "Has no access key",
)


@pytest.fixture
def people(account, system):
    arn = create_policy(system, policy_name="the-limit", policy_document=ALLOW % '"s3:Get*"')["Policy"]["Arn"]
    for name in ("erin", "frank"):
        create_user(system, user_name=name)
    put_user_permissions_boundary(system, user_name="erin", permissions_boundary=arn)
    create_login_profile(system, user_name="erin", password="Correct-horse-battery-8")
    create_access_key(system, user_name="erin")
    return {"select": list(User.objects.filter(name__in=("erin", "frank")).values_list("pk", flat=True))}


@pytest.mark.parametrize(
    "address",
    [
        "/users/remove-boundary/",
        "/users/require-password/",
        "/users/contain/",
        "/users/disable/",
        "/users/deactivate-keys/",
        "/users/tag/",
    ],
)
@pytest.mark.parametrize(
    "sent",
    [{}, {"go": "1", "reason": "x", "days": "0", "since": "created", "key": "a", "value": ""}],
    ids=["review", "outcome"],
)
def test_who_may_only_list_users(client, make_user, people, address, sent):
    sign_in(client, make_user("lister", ALLOW % '"iam:ListUsers"'), mfa=True)
    page = text(client.post(address, people | sent))
    assert "erin" in page
    assert [told for told in SECRET if told in page] == []
    assert User.objects.get(name="erin").boundary_id


def test_a_boundary_is_shown_to_who_may_read_it(client, make_user, people):
    may = '"iam:ListUsers","iam:DeleteUserPermissionsBoundary"'
    sign_in(client, make_user("remover", ALLOW % may), mfa=True)
    page = text(client.post("/users/remove-boundary/", people))
    assert "the-limit" not in page
    assert "Needs iam:GetUser" in page
    sign_in(client, make_user("reader", ALLOW % (may + ',"iam:GetUser"')), mfa=True)
    assert "the-limit" in text(client.post("/users/remove-boundary/", people))
