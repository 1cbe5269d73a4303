"""A user's policies in plain words: what "your own user" may be said of."""

import pytest

from accounts.models import User
from accounts.operations.inline_policies import put_user_policy
from accounts.operations.users import create_user
from accounts.plain_words import sentences
from accounts.queries.credentials import ways_of_policies

DOCUMENT = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:GetUser","Resource":"arn:aws:iam::*:%s"}]}'
)


@pytest.mark.parametrize(
    ("resource", "where"),
    [
        ("user/people/${aws:username}", "on your own user"),
        ("user/*/${aws:username}", "on your own user"),
        (
            "user/${aws:username}",
            "on arn:aws:iam::*:user/${aws:username}",
        ),  # the path is part of the ARN: it does not match
        ("user/people/*", "on arn:aws:iam::*:user/people/*"),  # which is everybody there
        ("mfa/${aws:username}", "on arn:aws:iam::*:mfa/${aws:username}"),
    ],
)
def test_your_own_user_is_said_of_what_matches_nobody_else(system, caller_of, resource, where):
    create_user(system, user_name="dora", path="/people/")
    put_user_policy(system, user_name="dora", policy_name="own", policy_document=DOCUMENT % resource)
    dora = User.objects.get(name="dora")
    found = [each.where for each in sentences(caller_of(dora), ways_of_policies(dora)) if each.source == "own"]
    assert found == [where]
