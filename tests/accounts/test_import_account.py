"""Importing an account from the file that the AWS CLI prints: what comes in, what changes, what is recorded."""

import codecs
import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from accounts.importing import Source
from accounts.models import Group, InstanceProfile, Membership, Role, User
from accounts.operations.authorization_details import import_account_authorization_details
from accounts.operations.roles import get_role
from accounts.trust import first_trusted, trusts_anybody
from operations.errors import AccessDenied, InvalidInput
from operations.models import Event
from policies.models import AWS, ManagedPolicy, PolicyUsage
from tests.accounts import import_files as files
from tests.accounts.import_trials import NOTHING_NEW, counts, everything, in_order, load, printed
from tests.conftest import ADMINISTRATOR
from tests.signing_in import sign_in


def test_what_comes_in_goes_out(system):
    answer = load(system, files.small_account())
    assert counts(answer) == {kind: (sum(numbers), 0, 0) for kind, numbers in NOTHING_NEW.items()}
    assert in_order(printed(system)) == in_order(files.small_account())


def test_a_second_run_changes_nothing(system):
    load(system, files.small_account())
    before = everything()
    assert counts(load(system, files.small_account())) == NOTHING_NEW
    assert everything() == before


def as_pages(details: dict[str, Any]) -> list[dict[str, Any]]:
    users = details["UserDetailList"]
    first = {
        "UserDetailList": users[:1],
        "GroupDetailList": [],
        "RoleDetailList": [],
        "Policies": [],
        "IsTruncated": True,
        "Marker": "m",
    }
    return [first, details | {"UserDetailList": users[1:], "IsTruncated": False}]


FORMS: dict[str, Callable[[dict[str, Any]], bytes]] = {
    "percent-encoded documents": lambda details: json.dumps(files.percent_encoded(details)).encode(),
    "pages one after the other": lambda details: "\n".join(
        json.dumps(page, indent=4) for page in as_pages(details)
    ).encode(),
    "a list of pages": lambda details: json.dumps(as_pages(details)).encode(),
    "a byte order mark": lambda details: codecs.BOM_UTF8 + json.dumps(details).encode(),
    "PowerShell's UTF-16": lambda details: json.dumps(details).encode("utf-16"),
    "dates with Z": lambda details: json.dumps(details).replace("+00:00", "Z").encode(),
    "dates of Python": lambda details: json.dumps(details).replace("T10:00:00+00:00", " 10:00:00+00:00").encode(),
    "absent lists": lambda details: json.dumps(details).replace('"Tags": [], ', "").encode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_other_forms_of_the_same_file(system, form):
    load(system, FORMS[form](files.small_account()))
    assert in_order(printed(system)) == in_order(files.small_account())
    assert counts(load(system, files.small_account())) == NOTHING_NEW


def test_ids_dates_and_summaries_are_right(system):
    load(system, files.small_account())
    alice = User.objects.get(name="Alice")
    assert alice.unique_id == files.unique_id("AIDA", "Alice")
    assert alice.created_at.isoformat() == "2019-12-18T19:10:08+00:00"
    assert alice.group_count == 2
    assert dict(Group.objects.values_list("name", "member_count")) == {"Admins": 1, "developers": 1}
    usage = PolicyUsage.objects.filter(account_id=files.ACCOUNT).values_list(
        "policy__name", "attachments", "boundaries"
    )
    assert set(usage) == {("Deploy", 2, 0), ("Boundary", 0, 2), ("AdministratorAccess", 1, 0), ("ReadOnlyAccess", 1, 0)}
    deploy = ManagedPolicy.objects.get(name="Deploy")
    assert (deploy.default_version, deploy.latest_version) == (3, 4)
    assert Role.objects.get(name="AWSServiceRoleForSupport").service_linked_to == "support.amazonaws.com"


def test_principals_are_kept_as_unique_ids(system):
    load(system, files.small_account())
    stored = Role.objects.get(name="Human").trust_policy
    assert files.unique_id("AIDA", "Alice") in stored
    assert files.unique_id("AROA", "Worker") in stored
    assert "arn:aws:iam::999999999999:user/far" in stored
    shown = get_role(system, role_name="Human")["Role"]["AssumeRolePolicyDocument"]
    assert f"{files.IAM}:user/division/Alice" in shown
    assert "AIDADELETEDUSER000001" in shown


def test_entities_become_what_the_file_says(system, make_user):
    load(system, files.small_account())
    untouched = make_user("local")
    new = files.small_account()
    alice, worker, deploy = new["UserDetailList"][0], new["RoleDetailList"][0], new["Policies"][0]
    alice |= {
        "UserName": "Alicia",
        "Path": "/",
        "Arn": f"{files.IAM}:user/Alicia",
        "GroupList": ["admins"],
        "AttachedManagedPolicies": [],
    }
    alice["Tags"] = [{"Key": "team", "Value": "dev"}]
    del alice["UserPolicyList"], alice["PermissionsBoundary"]
    new["RoleDetailList"][1]["AssumeRolePolicyDocument"] = files.trust(AWS=f"{files.IAM}:user/Alicia")
    worker["RolePolicyList"][0]["PolicyDocument"] = files.document("sns:*")
    worker["InstanceProfileList"] = worker["InstanceProfileList"][:1]
    deploy["DefaultVersionId"] = "v5"
    deploy["PolicyVersionList"] = [
        {
            "Document": files.document("ecs:*"),
            "VersionId": "v5",
            "IsDefaultVersion": True,
            "CreateDate": "2022-01-01T00:00:00+00:00",
        },
        deploy["PolicyVersionList"][0],
    ]
    answer = load(system, new)
    assert counts(answer) == {
        "Users": (0, 1, 1),
        "Groups": (0, 0, 2),
        "Roles": (0, 2, 1),
        "InstanceProfiles": (0, 1, 1),
        "Policies": (0, 1, 3),
    }
    alicia = User.objects.get(name="Alicia")
    assert alicia.unique_id == files.unique_id("AIDA", "Alice")
    assert (alicia.group_count, Group.objects.get(name="developers").member_count) == (1, 0)
    assert (alicia.boundary, alicia.attachments.count(), alicia.inline_policies.count()) == (None, 0, 0)
    assert [(tag.key, tag.value) for tag in alicia.tags.all()] == [("team", "dev")]
    assert InstanceProfile.objects.get(name="Second").role is None
    row = ManagedPolicy.objects.get(name="Deploy")
    assert sorted(row.versions.values_list("number", flat=True)) == [4, 5]
    assert PolicyUsage.objects.get(policy__name="AdministratorAccess").attachments == 0
    assert User.objects.filter(pk=untouched.pk).exists()
    assert counts(load(system, new))["Users"] == (0, 0, 2)


def test_lists_can_be_sorted_by_boundaries_and_trusted_entities(system):
    load(system, files.small_account())
    for row in (*User.objects.select_related("boundary"), *Role.objects.select_related("boundary")):
        assert row.boundary_key == (row.boundary.name_key if row.boundary else ""), row
    for role in Role.objects.all():
        assert role.trusted_first == first_trusted(role.trust_policy)
        assert role.trusts_anybody is trusts_anybody(role.trust_policy)
    assert User.objects.exclude(boundary_key="").exists()
    assert Role.objects.exclude(trusted_first="").exists()


def test_roles_that_anybody_may_assume_are_known_as_such_and_no_longer(system):
    given = files.small_account()
    kept = given["RoleDetailList"][1]["AssumeRolePolicyDocument"]
    for trusted, found in ((files.trust(AWS="*"), {"Human"}), (kept, set()), (files.trust(AWS="*"), {"Human"})):
        given["RoleDetailList"][1]["AssumeRolePolicyDocument"] = trusted
        load(system, given)
        assert set(Role.objects.filter(trusts_anybody=True).values_list("name", flat=True)) == found


def test_white_space_in_a_stored_document_is_no_change(system):
    load(system, files.small_account())
    role = Role.objects.get(name="Worker")
    role.trust_policy = json.dumps(json.loads(role.trust_policy), separators=(",", ":"))
    role.save()
    assert counts(load(system, files.small_account())) == NOTHING_NEW
    assert "\n" not in Role.objects.get(name="Worker").trust_policy


def test_what_the_file_does_not_know_stays(system):
    load(system, files.small_account())
    Role.objects.filter(name="Worker").update(description="kept", max_session_duration=7200)
    assert counts(load(system, files.small_account()))["Roles"] == (0, 0, 3)
    role = Role.objects.get(name="Worker")
    assert (role.description, role.max_session_duration) == ("kept", 7200)


def test_a_dry_run_tells_and_changes_nothing(system):
    before = everything()
    answer = load(system, files.small_account(), dry_run=True)
    assert counts(answer)["Users"] == (2, 0, 0)
    assert answer["DryRun"] is True
    assert everything() == before
    broken = files.small_account()
    broken["UserDetailList"][0]["GroupList"] = ["nowhere"]
    assert load(system, broken, dry_run=True)["Problems"] == [
        {
            "Place": "UserDetailList[0] (Alice)",
            "Message": "The group nowhere is neither in the file nor in this account.",
        }
    ]


def test_the_record_has_one_event_without_the_content(make_user, caller_of, last_event):
    admin = caller_of(make_user("operator", ADMINISTRATOR))
    ManagedPolicy.objects.create(
        account_id=AWS,
        name="AdministratorAccess",
        name_key="administratoraccess",
        arn=files.ADMINISTRATOR,
        unique_id="ANPA1",
    )
    ManagedPolicy.objects.create(
        account_id=AWS, name="ReadOnlyAccess", name_key="readonlyaccess", arn=files.READ_ONLY, unique_id="ANPA2"
    )
    content = files.small_account()
    content["Policies"] = content["Policies"][:2]
    before = Event.objects.count()
    answer = load(admin, content)
    assert Event.objects.count() == before + 1
    record = last_event()
    assert record["eventName"] == "ImportAccountAuthorizationDetails"
    assert record["requestParameters"] == {"authorizationDetails": "***"}
    assert record["additionalEventData"] == {"sha256": answer["Sha256"], "size": len(json.dumps(content))}
    assert record["after"]["Users"] == {"Created": 2, "Changed": 0, "Unchanged": 0}
    with pytest.raises(InvalidInput):
        load(admin, b"oops")
    assert last_event()["errorCode"] == "InvalidInput"
    assert "after" not in last_event()


def test_denied(nobody, last_event):
    with pytest.raises(AccessDenied, match="iam:ImportAccountAuthorizationDetails"):
        load(nobody, files.small_account())
    assert last_event()["errorCode"] == "AccessDenied"
    assert not Group.objects.exists()


def test_a_large_file_goes_through_in_batches(system, django_assert_max_num_queries):
    content = files.large_account(users=1200, policies=600, groups=30, roles=60)
    with django_assert_max_num_queries(200):
        answer = load(system, content)
    assert counts(answer) == {
        "Users": (1200, 0, 0),
        "Groups": (30, 0, 0),
        "Roles": (60, 0, 0),
        "InstanceProfiles": (0, 0, 0),
        "Policies": (600, 0, 0),
    }
    assert Membership.objects.count() == 3600
    assert PolicyUsage.objects.filter(account_id=files.ACCOUNT).count() == 600
    with django_assert_max_num_queries(120):
        assert counts(load(system, content))["Users"] == (0, 0, 1200)


def test_progress_only_grows_and_ends(system):
    told: list[tuple[int, int]] = []
    file = BytesIO(json.dumps(files.small_account()).encode())
    import_account_authorization_details(
        system, authorization_details=Source(file, lambda done, total: told.append((done, total)))
    )
    shares = [done / total for done, total in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1


@pytest.mark.parametrize("principal", ["é", {"AWS": "a\0b"}, {"AWS": "x" * 5000}, {"AWS": "é" * 600}])
def test_a_trust_policy_may_name_whatever_the_file_says(system, client, principal):
    content = files.small_account()
    document = content["RoleDetailList"][1]["AssumeRolePolicyDocument"]
    document["Statement"][0]["Principal"] = principal
    load(system, content)
    role = Role.objects.get(name="Human")
    sign_in(client, User.everyone.get(is_root=True))
    assert json.loads(role.trust_policy)["Statement"][0]["Principal"] == principal
    for address in (
        "/roles/?sort=trusted",
        "/roles/?sort=-trusted&columns=name,trusted",
        "/roles/Human/",
        "/roles/Human/trust/",
    ):
        assert client.get(address).status_code == 200, address
