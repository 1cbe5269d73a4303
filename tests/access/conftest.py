"""Somebody with policies of every kind, and an administrator who asks about them."""

import json

import pytest

from accounts.models import Group, Membership, User
from accounts.operations.attachments import attach_group_policy
from accounts.operations.inline_policies import put_group_policy, put_user_policy
from operations.ids import unique_id
from policies.operations.managed_policies import create_policy
from tests.signing_in import sign_in

ADMINISTRATOR = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'


def document(action="s3:GetObject", resource="*", effect="Allow", **more):
    statement = {"Effect": effect, "Action": action, "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)


@pytest.fixture
def signed_in(client, make_user):
    sign_in(client, make_user("sam", ADMINISTRATOR))
    return client


@pytest.fixture
def dora(admin, account, make_user):
    """Reads objects by her own policy, writes them by her group's, and may never delete."""
    dora = make_user("dora")
    group = Group.objects.create(account=account, name="Ops", name_key="ops", unique_id=unique_id("AGPA"))
    Membership.objects.create(user=dora, group=group)
    put_user_policy(admin, user_name="dora", policy_name="own", policy_document=document("s3:GetObject"))
    put_group_policy(admin, group_name="Ops", policy_name="shared", policy_document=document("s3:PutObject"))
    deny = create_policy(
        admin, policy_name="denying", policy_document=document("s3:Delete*", effect="Deny", Sid="Never")
    )
    attach_group_policy(admin, group_name="Ops", policy_arn=deny["Policy"]["Arn"])
    return User.objects.get(pk=dora.pk)
