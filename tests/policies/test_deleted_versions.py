"""Versions that were deleted: the record has them, tells who, when and why to who may read it, and they are restored as new versions."""

import re
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from policies import deleted_versions
from policies.models import AWS, ManagedPolicy
from policies.operations.managed_policies import create_policy, delete_policy
from policies.operations.policy_versions import create_policy_version, delete_policy_version
from tests.policies.conftest import document
from tests.signing_in import sign_in

SEE = ["iam:GetPolicy", "iam:ListPolicyVersions", "iam:GetPolicyVersion"]


@pytest.fixture
def administrator(client, admin):
    sign_in(client, User.objects.get(name="alice"), mfa=True)
    return client


@pytest.fixture
def arn(admin, make_policy):
    """A policy whose second version was saved for one reason and deleted for another."""
    arn = make_policy()
    why = replace(admin, reason="OPS-1 <first>")
    create_policy_version(why, policy_arn=arn, policy_document=document("s3:second*"))
    create_policy_version(admin, policy_arn=arn, policy_document=document("s3:third*"))
    delete_policy_version(replace(admin, reason="OPS-2 <room>"), policy_arn=arn, version_id="v2")
    return arn


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


def at(name, arn, query=""):
    return reverse(f"policies:{name}", args=[arn]) + query


def test_a_deleted_version_says_who_made_and_who_deleted_it_and_why(administrator, arn):
    shown = text(administrator.get(at("versions", arn)))
    table = shown.partition("Deleted versions")[2].partition("</table>")[0]
    assert "v2" in table
    assert table.count("user/alice</span>") == 2
    assert "OPS-1 &lt;first&gt;" in table
    assert "OPS-2 &lt;room&gt;" in table
    assert "/trail/" in table
    assert "Restore v2" in table


def test_it_is_read_compared_and_restored_as_a_new_version(administrator, arn):
    assert "s3:second*" in text(administrator.get(at("versions", arn, "?show=v2")))
    compared = text(administrator.get(at("versions", arn, "?from=v2&to=v3")))
    assert "v2 → v3" in compared
    assert "s3:<del>" in compared or "second" in compared
    form = administrator.get(at("edit", arn, "?from=v2"))
    assert "s3:second*" in text(form)
    seen = re.search(r'name="seen" value="(\w+)"', text(form))[1]
    sent = {"policy_document": document("s3:second*"), "set_as_default": "on", "seen": seen}
    assert "What changes" in text(administrator.post(at("edit", arn, "?from=v2"), sent | {"review": "1"}))
    administrator.post(at("edit", arn, "?from=v2"), sent | {"save": "1"})
    policy = ManagedPolicy.objects.get(arn=arn)
    assert (policy.default_version, policy.versions.get(number=4).document) == (4, document("s3:second*"))


def test_a_policy_that_lost_no_version_says_nothing_of_it(administrator, make_policy):
    assert "Deleted versions" not in text(administrator.get(at("versions", make_policy("whole"))))


def test_a_version_that_never_was_is_not_found(administrator, arn):
    assert administrator.get(at("versions", arn, "?show=v9")).status_code == 404
    assert administrator.get(at("edit", arn, "?from=v9")).status_code == 404


def test_who_may_not_read_the_trail_sees_neither_names_nor_deleted_versions(client, make_user, arn):
    sign_in(client, make_user("vera", document([*SEE, "iam:CreatePolicyVersion"])))
    shown = text(client.get(at("versions", arn)))
    assert "Needs cloudtrail:LookupEvents" in shown
    assert "alice" not in shown
    assert "OPS-2" not in shown
    assert "Restore" not in shown
    one = text(client.get(at("versions", arn, "?show=v3")))
    assert "s3:third*" in one
    assert "alice" not in one
    assert client.get(at("versions", arn, "?show=v2")).status_code == 404
    assert client.get(at("edit", arn, "?from=v2")).status_code == 403


def test_documents_of_deleted_versions_need_the_right_to_documents(client, make_user, arn):
    sign_in(client, make_user("vera", document(["iam:ListPolicyVersions", "cloudtrail:LookupEvents"])))
    shown = text(client.get(at("versions", arn, "?show=v2")))
    assert "OPS-2" in shown
    assert "Needs iam:GetPolicyVersion" in shown
    assert "s3:second*" not in shown


def test_a_policy_of_the_same_name_inherits_no_versions(administrator, admin, arn):
    delete_policy_version(admin, policy_arn=arn, version_id="v3")
    delete_policy(admin, policy_arn=arn)
    create_policy(admin, policy_name="reading", policy_document=document("s3:fresh*"))
    create_policy_version(admin, policy_arn=arn, policy_document=document("s3:more*"))
    delete_policy_version(admin, policy_arn=arn, version_id="v2")
    found = administrator.get(at("versions", arn)).context["deleted"].value
    assert [(row.version_id, row.document, found.more) for row in found.rows] == [("v2", document("s3:more*"), 0)]


def test_queries_do_not_grow_and_the_list_is_bounded(administrator, admin, arn, monkeypatch):
    def count():
        administrator.get(at("versions", arn))  # whose policies are read anew after every change
        with CaptureQueriesContext(connection) as caught:
            shown = administrator.get(at("versions", arn))
        return len(caught), shown

    few, _page = count()
    for number in range(4, 8):
        create_policy_version(admin, policy_arn=arn, policy_document=document(f"s3:d{number}*"))
        delete_policy_version(admin, policy_arn=arn, version_id=f"v{number}")
    many, _page = count()
    assert many == few <= 15
    monkeypatch.setattr(deleted_versions, "MOST", 2)
    _number, page = count()
    found = page.context["deleted"].value
    assert ([row.version_id for row in found.rows], found.more) == (["v7", "v6"], 3)
    assert "3 more were deleted" in text(page)


def test_versions_of_awss_policies_were_never_here(administrator, arn):
    ManagedPolicy.objects.filter(arn=arn).update(account_id=AWS, latest_version=12, version_count=1)
    assert deleted_versions.number_of_deleted(ManagedPolicy.objects.get(arn=arn)) == 0
