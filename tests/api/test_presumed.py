"""A read begins on what the process remembers of its key; what has changed meanwhile counts all the same, and is told and recorded."""

import pytest
from botocore.exceptions import ClientError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AccessKey
from operations.gate import REGISTRY
from operations.models import Event
from tests.api.sending import INVALID, error_of, send

READ_SELF = (
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["iam:GetUser","iam:ListUsers"],"Resource":"*"}}'
)


@pytest.fixture
def carol(account, system, make_user, key_of, sdk):
    """A user whose key this process remembers, and a client that signs with it."""
    user = make_user("carol")
    REGISTRY["iam:PutUserPolicy"](system, user_name="carol", policy_name="p", policy_document=READ_SELF)
    key = key_of(user)
    client = sdk("iam", key)
    assert client.get_user()["User"]["UserName"] == "carol"
    return key, client


CALLS = {  # a read whose entity is found with the stamps, one that looks for nothing by name, and one of what is missing
    "GetUser": lambda client: client.get_user(UserName="carol"),
    "ListUsers": lambda client: client.list_users(),
    "GetUser of nobody": lambda client: client.get_user(UserName="nobody"),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_right_that_was_taken_away_meanwhile(carol, system, call):
    REGISTRY["iam:DeleteUserPolicy"](system, user_name="carol", policy_name="p")
    before = Event.objects.count()
    with pytest.raises(ClientError, match="AccessDenied"):
        call(carol[1])
    assert Event.objects.count() == before + 1
    assert Event.objects.latest("id").error_code == "AccessDenied"


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_right_that_was_given_meanwhile(carol, system, call):
    deny = READ_SELF.replace("Allow", "Deny")
    REGISTRY["iam:PutUserPolicy"](system, user_name="carol", policy_name="q", policy_document=deny)
    with pytest.raises(ClientError, match="AccessDenied"):
        call(carol[1])
    REGISTRY["iam:DeleteUserPolicy"](system, user_name="carol", policy_name="q")
    before = Event.objects.count()
    try:
        call(carol[1])
    except ClientError as error:
        assert error.response["Error"]["Code"] == "NoSuchEntity"
    assert Event.objects.count() == before + 1
    assert Event.objects.latest("id").error_code in {"", "NoSuchEntity"}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_key_that_was_switched_off_meanwhile(carol, system, call):
    REGISTRY["iam:UpdateAccessKey"](system, user_name="carol", access_key_id=carol[0].key_id, status="Inactive")
    before = Event.objects.count()
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        call(carol[1])
    assert Event.objects.count() == before + 1
    assert Event.objects.latest("id").error_code == "InvalidClientTokenId"


def test_the_error_is_todays_also_where_the_signature_is_wrong(carol, system):
    assert error_of(send(key=carol[0].key_id, secret="x" * 40))[1] == "SignatureDoesNotMatch"
    REGISTRY["iam:UpdateAccessKey"](system, user_name="carol", access_key_id=carol[0].key_id, status="Inactive")
    assert error_of(send(key=carol[0].key_id, secret="x" * 40))[1:3] == ("InvalidClientTokenId", INVALID)


def test_a_key_without_its_row(carol, system):
    REGISTRY["iam:DeleteAccessKey"](system, user_name="carol", access_key_id=carol[0].key_id)
    assert not AccessKey.objects.filter(key_id=carol[0].key_id).exists()
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        carol[1].get_user()


def test_nothing_is_presumed_where_something_changes(carol, system):
    """The stamps are asked for before the first statement of a change."""
    REGISTRY["iam:DeleteUserPolicy"](system, user_name="carol", policy_name="p")
    with (
        CaptureQueriesContext(
            connection,
        ) as asked,
        pytest.raises(ClientError, match="AccessDenied"),
    ):
        carol[1].create_user(UserName="dave")
    first = next(query["sql"] for query in asked if "operations_ledger" in query["sql"])
    assert first.startswith("SELECT account_id, stamp FROM operations_ledger")


def test_the_stamps_are_asked_for_with_the_read(carol):
    with CaptureQueriesContext(connection) as asked:
        carol[1].get_user(UserName="carol")
    told = [query["sql"] for query in asked if "stamp FROM operations_ledger" in query["sql"]]
    assert len(told) == 1
    assert "accounts_user" in told[0]
