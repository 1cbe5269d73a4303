"""The credential report: columns, spellings, order, and for how long it is kept."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts.models import AccessKey, SigningCertificate, User
from governance.credential_report import COLUMNS
from operations.errors import ServiceError
from operations.gate import REGISTRY
from operations.ids import access_key_id

MOMENT = datetime(2026, 3, 1, 12, 30, 15, tzinfo=UTC)


def report(caller):
    REGISTRY["iam:GenerateCredentialReport"](caller)
    answer = REGISTRY["iam:GetCredentialReport"](caller)
    assert answer["ReportFormat"] == "text/csv"
    return answer["Content"].decode()


def rows(text):
    return {row["user"]: row for row in csv.DictReader(io.StringIO(text))}


def test_the_form_of_the_file(system, make_user):
    for name in ("bob", "Alice", "carol"):
        make_user(name)
    text = report(system)
    lines = text.split("\n")
    assert lines[0] == ",".join(COLUMNS)
    assert len(COLUMNS) == 22
    assert not text.endswith("\n")
    assert "\r" not in text
    assert '"' not in text
    assert [line.split(",")[0] for line in lines[1:]] == ["<root_account>", "Alice", "bob", "carol"]


def test_the_spelling_of_values(system, account, make_user):
    REGISTRY["iam:UpdateAccountPasswordPolicy"](system, max_password_age=90)
    idle, busy = make_user("idle"), make_user("busy")
    User.objects.filter(pk=idle.pk).update(created_at=MOMENT)
    User.objects.filter(pk=busy.pk).update(
        console_access=True,
        password_changed_at=MOMENT,
        password_last_used=MOMENT + timedelta(days=1),
        mfa_device_count=1,
    )
    old = {"created_at": MOMENT, "status_changed_at": MOMENT}
    AccessKey.objects.create(
        user=busy,
        key_id=access_key_id(),
        secret="x",
        last_used_at=MOMENT,
        last_used_service="s3",
        last_used_region="eu-west-1",
        **old,
    )
    AccessKey.objects.create(
        user=busy,
        key_id=access_key_id(),
        secret="x",
        is_active=False,
        created_at=MOMENT + timedelta(days=1),
        status_changed_at=MOMENT + timedelta(days=2),
    )
    SigningCertificate.objects.create(
        user=busy, certificate_id="C" * 24, body="x", fingerprint="f", status_changed_at=MOMENT
    )
    found = rows(report(system))
    assert found["idle"] == {
        "user": "idle",
        "arn": "arn:aws:iam::123456789012:user/idle",
        "user_creation_time": "2026-03-01T12:30:15+00:00",
        "password_enabled": "false",
        **dict.fromkeys(("password_last_used", "password_last_changed", "password_next_rotation"), "N/A"),
        "mfa_active": "false",
        **{f"access_key_{n}_active": "false" for n in (1, 2)},
        **{
            f"access_key_{n}_{what}": "N/A"
            for n in (1, 2)
            for what in ("last_rotated", "last_used_date", "last_used_region", "last_used_service")
        },
        **{f"cert_{n}_active": "false" for n in (1, 2)},
        **{f"cert_{n}_last_rotated": "N/A" for n in (1, 2)},
    }
    busy_row = found["busy"]
    assert (busy_row["password_enabled"], busy_row["mfa_active"]) == ("true", "true")
    assert busy_row["password_last_used"] == "2026-03-02T12:30:15+00:00"
    assert busy_row["password_next_rotation"] == "2026-05-30T12:30:15+00:00"
    assert [
        busy_row[f"access_key_1_{what}"]
        for what in ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")
    ] == ["true", "2026-03-01T12:30:15+00:00", "2026-03-01T12:30:15+00:00", "eu-west-1", "s3"]
    assert [busy_row[f"access_key_2_{what}"] for what in ("active", "last_rotated", "last_used_date")] == [
        "false",
        "2026-03-03T12:30:15+00:00",
        "N/A",
    ]
    assert [busy_row[f"cert_1_{what}"] for what in ("active", "last_rotated")] == ["true", "2026-03-01T12:30:15+00:00"]
    root = found["<root_account>"]
    assert (root["password_enabled"], root["password_last_used"], root["password_last_changed"]) == (
        "not_supported",
        "no_information",
        "not_supported",
    )


def test_a_report_is_kept_for_four_hours(system, make_user):
    with pytest.raises(ServiceError) as refused:
        REGISTRY["iam:GetCredentialReport"](system)
    assert (refused.value.code, refused.value.status, refused.value.message) == ("ReportNotPresent", 410, "")
    assert REGISTRY["iam:GenerateCredentialReport"](system) == {"State": "COMPLETE"}
    first = REGISTRY["iam:GetCredentialReport"](system)
    make_user("late")
    assert report(system) == first["Content"].decode()
    with time_machine.travel(first["GeneratedTime"] + timedelta(hours=4, seconds=1)):
        with pytest.raises(ServiceError) as refused:
            REGISTRY["iam:GetCredentialReport"](system)
        assert (refused.value.code, refused.value.status) == ("ReportExpired", 410)
        assert "late" in rows(report(system))


def test_it_costs_a_fixed_number_of_queries(system, make_user, django_assert_max_num_queries):
    for number in range(30):
        make_user(f"user{number}")
    with django_assert_max_num_queries(25):
        REGISTRY["iam:GenerateCredentialReport"](system)


def test_another_account_has_another_report(system, stranger, make_user):
    make_user("bob")
    report(system)
    assert "bob" not in rows(report(stranger))
