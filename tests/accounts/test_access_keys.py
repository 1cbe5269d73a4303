"""Access keys: AWS's operations, and description, expiry and sources beside them."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import AccessKey, ConsoleSession, User
from accounts.operations.access_keys import (
    create_access_key,
    delete_access_key,
    get_access_key_last_used,
    list_access_keys,
    update_access_key,
    update_access_key_details,
)
from accounts.operations.contain import contain_user
from operations.errors import AccessDenied, InvalidInput, LimitExceeded, NoSuchEntity, ValidationError


@pytest.fixture
def erin(make_user):
    return make_user("erin")


@pytest.fixture
def key(admin, erin):
    return create_access_key(admin, user_name="erin")["AccessKey"]


class TestCreate:
    def test_shape(self, key):
        assert set(key) == {"UserName", "AccessKeyId", "Status", "CreateDate", "SecretAccessKey"}
        assert re.fullmatch(r"AKIA[A-Z2-7]{16}", key["AccessKeyId"])
        assert re.fullmatch(r"[A-Za-z0-9+/]{40}", key["SecretAccessKey"])
        assert (key["UserName"], key["Status"]) == ("erin", "Active")

    def test_secret_is_encrypted_and_unrecorded(self, key, last_event):
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT secret FROM accounts_accesskey")
            assert key["SecretAccessKey"] not in cursor.fetchone()[0]
        assert AccessKey.objects.get().secret == key["SecretAccessKey"]
        record = last_event()
        assert key["SecretAccessKey"] not in str(record)
        assert record["responseElements"]["accessKey"]["accessKeyId"] == key["AccessKeyId"]

    def test_two_per_user_inactive_ones_count(self, admin, erin, key):
        update_access_key(admin, user_name="erin", access_key_id=key["AccessKeyId"], status="Inactive")
        create_access_key(admin, user_name="erin")
        with pytest.raises(LimitExceeded, match="Cannot exceed quota for AccessKeysPerUser: 2"):
            create_access_key(admin, user_name="erin")

    def test_own(self, admin, root):
        assert create_access_key(admin)["AccessKey"]["UserName"] == "alice"
        made = create_access_key(root)["AccessKey"]
        assert "UserName" not in made
        assert AccessKey.objects.get(key_id=made["AccessKeyId"]).user.is_root

    def test_unknown_user(self, admin):
        with pytest.raises(NoSuchEntity, match="The user with name zoe cannot be found"):
            create_access_key(admin, user_name="zoe")

    def test_denied(self, nobody, erin):
        with pytest.raises(AccessDenied, match="iam:CreateAccessKey on resource: user erin"):
            create_access_key(nobody, user_name="erin")

    def test_summaries(self, admin, erin, key):
        erin.refresh_from_db()
        assert (erin.active_key_count, erin.oldest_active_key_at) == (1, key["CreateDate"])
        update_access_key(admin, user_name="erin", access_key_id=key["AccessKeyId"], status="Inactive")
        erin.refresh_from_db()
        assert (erin.active_key_count, erin.oldest_active_key_at) == (0, None)


class TestChange:
    def test_status(self, admin, key, last_event):
        update_access_key(admin, user_name="erin", access_key_id=key["AccessKeyId"], status="Inactive")
        record = last_event()
        assert (record["before"]["status"], record["after"]["status"]) == ("Active", "Inactive")
        assert list_access_keys(admin, user_name="erin")["AccessKeyMetadata"][0]["Status"] == "Inactive"

    def test_moment_of_rotation_moves_with_the_status_only(self, admin, key):
        before = AccessKey.objects.get().status_changed_at
        update_access_key(admin, user_name="erin", access_key_id=key["AccessKeyId"], status="Active")
        assert AccessKey.objects.get().status_changed_at == before
        update_access_key(admin, user_name="erin", access_key_id=key["AccessKeyId"], status="Inactive")
        assert AccessKey.objects.get().status_changed_at > before

    def test_states(self, admin, key):
        with pytest.raises(ValidationError, match="enum value set"):
            update_access_key(admin, user_name="erin", access_key_id=key["AccessKeyId"], status="Off")
        with pytest.raises(InvalidInput):
            update_access_key(admin, user_name="erin", access_key_id=key["AccessKeyId"], status="Expired")

    def test_key_of_somebody_else(self, admin, key):
        for call in (
            lambda: update_access_key(admin, access_key_id=key["AccessKeyId"], status="Inactive"),
            lambda: delete_access_key(admin, access_key_id=key["AccessKeyId"]),
        ):
            with pytest.raises(NoSuchEntity, match=f"The Access Key with id {key['AccessKeyId']} cannot be found."):
                call()

    def test_deleted(self, admin, key):
        delete_access_key(admin, user_name="erin", access_key_id=key["AccessKeyId"])
        assert list_access_keys(admin, user_name="erin")["AccessKeyMetadata"] == []

    def test_list_pages(self, admin, erin, key):
        other = create_access_key(admin, user_name="erin")["AccessKey"]
        first = list_access_keys(admin, user_name="erin", max_items=1)
        second = list_access_keys(admin, user_name="erin", marker=first["Marker"])
        found = [page["AccessKeyMetadata"][0]["AccessKeyId"] for page in (first, second)]
        assert found == [key["AccessKeyId"], other["AccessKeyId"]]
        assert "SecretAccessKey" not in first["AccessKeyMetadata"][0]


class TestLastUsed:
    def test_never(self, admin, key):
        answer = get_access_key_last_used(admin, access_key_id=key["AccessKeyId"])
        assert answer == {"UserName": "erin", "AccessKeyLastUsed": {"ServiceName": "N/A", "Region": "N/A"}}

    def test_used(self, admin, key):
        moment = datetime(2026, 1, 1, tzinfo=UTC)
        AccessKey.objects.update(last_used_at=moment, last_used_service="iam", last_used_region="us-east-1")
        answer = get_access_key_last_used(admin, access_key_id=key["AccessKeyId"])
        assert answer["AccessKeyLastUsed"] == {"LastUsedDate": moment, "ServiceName": "iam", "Region": "us-east-1"}

    def test_unknown_and_foreign(self, admin, stranger, key):
        for caller, key_id in ((admin, "AKIAABCDEFGHIJKLMNOP"), (stranger, key["AccessKeyId"])):
            with pytest.raises(AccessDenied) as refused:
                get_access_key_last_used(caller, access_key_id=key_id)
            assert refused.value.message == (
                f"User: {caller.arn} is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key {key_id}"
            )

    def test_denied_on_the_owner(self, nobody, key):
        with pytest.raises(AccessDenied, match="iam:GetAccessKeyLastUsed on resource: user erin"):
            get_access_key_last_used(nobody, access_key_id=key["AccessKeyId"])


class TestDetails:
    def test_set_and_cleared(self, admin, key, last_event):
        moment = datetime.now(UTC) + timedelta(days=30)
        update_access_key_details(
            admin, user_name="erin", access_key_id=key["AccessKeyId"], description="backup", expires_at=moment,
            allowed_sources=["192.0.2.7", "2001:db8::/32", "192.0.2.7"],
        )  # fmt: skip
        row = AccessKey.objects.get()
        assert (row.description, row.expires_at, row.allowed_sources) == (
            "backup",
            moment,
            ["192.0.2.7/32", "2001:db8::/32"],
        )
        assert last_event()["after"]["description"] == "backup"
        update_access_key_details(admin, user_name="erin", access_key_id=key["AccessKeyId"])
        row.refresh_from_db()
        assert (row.description, row.expires_at, row.allowed_sources) == ("", None, [])

    def test_refusals(self, admin, key):
        past = datetime.now(UTC) - timedelta(seconds=1)
        with pytest.raises(InvalidInput, match="must be in the future"):
            update_access_key_details(admin, user_name="erin", access_key_id=key["AccessKeyId"], expires_at=past)
        with pytest.raises(InvalidInput, match="here is not an IP address"):
            update_access_key_details(
                admin, user_name="erin", access_key_id=key["AccessKeyId"], allowed_sources=["here"]
            )

    def test_denied(self, nobody, key):
        with pytest.raises(AccessDenied, match="iam:UpdateAccessKey"):
            update_access_key_details(nobody, user_name="erin", access_key_id=key["AccessKeyId"])


class TestContain:
    def test_stops_everything(self, admin, erin, key, last_event):
        other = create_access_key(admin, user_name="erin")["AccessKey"]
        ConsoleSession.objects.create(
            session_key="x", session_data="", expire_date=datetime.now(UTC) + timedelta(1), user=erin
        )
        answer = contain_user(admin, user_name="erin", reason="laptop stolen")
        assert answer == {"DeactivatedAccessKeyIds": [key["AccessKeyId"], other["AccessKeyId"]], "EndedSessions": 1}
        assert last_event()["additionalEventData"] == {"reason": "laptop stolen"}
        assert not AccessKey.objects.filter(is_active=True).exists()
        assert not ConsoleSession.objects.exists()

    def test_needs_both_permissions(self, make_user, caller_of, erin, key):
        half = make_user(
            "gina",
            '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:UpdateAccessKey","Resource":"*"}]}',
        )
        with pytest.raises(AccessDenied, match="iam:EndConsoleSessions"):
            contain_user(caller_of(half), user_name="erin", reason="x")
        assert AccessKey.objects.filter(is_active=True).exists()
        contain_user(caller_of(half), reason="my own")

    def test_reason_is_asked_for(self, admin, erin):
        with pytest.raises(ValidationError, match="reason"):
            contain_user(admin, user_name="erin")


def test_the_owner_is_told(admin, erin, mailoutbox, django_capture_on_commit_callbacks):
    User.objects.filter(pk=erin.pk).update(email="erin@example.com")
    with django_capture_on_commit_callbacks(execute=True):
        key = create_access_key(admin, user_name="erin")["AccessKey"]
    (mail,) = mailoutbox
    assert mail.to == ["erin@example.com"]
    assert key["AccessKeyId"] in mail.body
    assert key["SecretAccessKey"] not in mail.body
