"""Importing an account from the file that the AWS CLI prints, and printing it again."""

import codecs
import json
from collections.abc import Callable
from copy import deepcopy
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.importing import Source
from accounts.management.commands.export_account_authorization_details import decoded
from accounts.models import Group, InstanceProfile, Membership, Role, User, UserAttachment
from accounts.operations.authorization_details import (
    get_account_authorization_details,
    import_account_authorization_details,
)
from accounts.operations.roles import get_role
from operations.errors import AccessDenied, InvalidInput
from operations.models import Event
from policies.models import AWS, ManagedPolicy, PolicyUsage, PolicyVersion
from tests.accounts import import_files as files
from tests.conftest import ADMINISTRATOR

LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
KINDS = ("Users", "Groups", "Roles", "InstanceProfiles", "Policies")


def load(caller, content: Any, **parameters: Any) -> dict[str, Any]:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return import_account_authorization_details(caller, authorization_details=data, **parameters)


def printed(caller) -> dict[str, Any]:
    return decoded({name: get_account_authorization_details(caller, max_items=1000)[name] for name in LISTS})


def in_order(details: dict[str, Any]) -> dict[str, Any]:
    return {name: sorted(details[name], key=lambda entity: entity["Arn"]) for name in LISTS}


def counts(answer: dict[str, Any]) -> dict[str, tuple[int, int, int]]:
    return {kind: tuple(answer[kind].values()) for kind in KINDS}


def everything() -> list[Any]:
    """All rows that an import touches, to see whether anything was touched."""
    models = (User, Group, Role, InstanceProfile, Membership, UserAttachment, ManagedPolicy, PolicyVersion, PolicyUsage)
    return [list(model._base_manager.order_by("pk").values()) for model in models]


NOTHING_NEW = {"Users": (0, 0, 2), "Groups": (0, 0, 2), "Roles": (0, 0, 3), "InstanceProfiles": (0, 0, 2), "Policies": (0, 0, 4)}


def test_what_comes_in_goes_out(system):
    answer = load(system, files.small_account())
    assert counts(answer) == {kind: (sum(numbers), 0, 0) for kind, numbers in NOTHING_NEW.items()}
    assert in_order(printed(system)) == in_order(files.small_account())


def test_a_second_run_changes_nothing(system):
    load(system, files.small_account())
    before = everything()
    assert counts(load(system, files.small_account())) == NOTHING_NEW
    assert everything() == before


def test_the_commands_print_and_take_the_same_file(account, tmp_path):
    given, back = tmp_path / "given.json", tmp_path / "back.json"
    given.write_text(json.dumps(files.small_account()))
    out = StringIO()
    call_command("import_account_authorization_details", str(given), stdout=out)
    assert "Users:            2 created, 0 changed, 0 unchanged" in out.getvalue()
    call_command("export_account_authorization_details", str(back))
    assert in_order(json.loads(back.read_text())) == in_order(files.small_account())
    out = StringIO()
    call_command("export_account_authorization_details", stdout=out)
    assert json.loads(out.getvalue()) == json.loads(back.read_text())
    out = StringIO()
    call_command("import_account_authorization_details", str(back), stdout=out)
    assert out.getvalue().count(" 0 created, 0 changed,") == 5


def as_pages(details: dict[str, Any]) -> list[dict[str, Any]]:
    users = details["UserDetailList"]
    first = {"UserDetailList": users[:1], "GroupDetailList": [], "RoleDetailList": [], "Policies": [], "IsTruncated": True, "Marker": "m"}
    return [first, details | {"UserDetailList": users[1:], "IsTruncated": False}]


FORMS: dict[str, Callable[[dict[str, Any]], bytes]] = {
    "percent-encoded documents": lambda details: json.dumps(files.percent_encoded(details)).encode(),
    "pages one after the other": lambda details: "\n".join(json.dumps(page, indent=4) for page in as_pages(details)).encode(),
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
    usage = PolicyUsage.objects.filter(account_id=files.ACCOUNT).values_list("policy__name", "attachments", "boundaries")
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
    alice |= {"UserName": "Alicia", "Path": "/", "Arn": f"{files.IAM}:user/Alicia", "GroupList": ["admins"], "AttachedManagedPolicies": []}
    alice["Tags"] = [{"Key": "team", "Value": "dev"}]
    del alice["UserPolicyList"], alice["PermissionsBoundary"]
    new["RoleDetailList"][1]["AssumeRolePolicyDocument"] = files.trust(AWS=f"{files.IAM}:user/Alicia")
    worker["RolePolicyList"][0]["PolicyDocument"] = files.document("sns:*")
    worker["InstanceProfileList"] = worker["InstanceProfileList"][:1]
    deploy["DefaultVersionId"] = "v5"
    deploy["PolicyVersionList"] = [
        {"Document": files.document("ecs:*"), "VersionId": "v5", "IsDefaultVersion": True, "CreateDate": "2022-01-01T00:00:00+00:00"},
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
        {"Place": "UserDetailList[0] (Alice)", "Message": "The group nowhere is neither in the file nor in this account."}
    ]


def changed(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """A change of the file: `UserDetailList.0.UserName` becomes another value; ... deletes it."""

    def change(details: dict[str, Any]) -> None:
        *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        target: Any = details
        for step in steps:
            target = target[step]
        if value is ...:
            del target[last]
        else:
            target[last] = value

    return change


USER, ROLE, POLICY = "UserDetailList[0] (Alice)", "RoleDetailList[0] (Worker)", "Policies[0] (Deploy)"
PROBLEMS = {
    "a member is missing": (
        changed("UserDetailList.0.UserId", ...),
        f"{USER}: Value at 'userId' failed to satisfy constraint: Member must not be null",
    ),
    "a member has another type": (
        changed("UserDetailList.0.GroupList", "Admins"),
        f"{USER}: Value at 'groupList' failed to satisfy constraint: Member must be a list",
    ),
    "an entity is no object": (
        changed("GroupDetailList.1", "developers"),
        "GroupDetailList[1]: Value at 'item' failed to satisfy constraint: Member must be an object",
    ),
    "a date is none": (
        changed("UserDetailList.0.CreateDate", "yesterday"),
        f"{USER}: Value at 'createDate' failed to satisfy constraint: Member must be a date such as 2026-01-31T12:00:00+00:00",
    ),
    "a name has blanks": (
        changed("UserDetailList.0.UserName", "Al ice"),
        "UserDetailList[0] (Al ice): Value at 'userName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]+",
    ),
    "a tag has no key": (
        changed("UserDetailList.0.Tags.1.Key", ...),
        f"{USER}: Value at 'tags.2.member.key' failed to satisfy constraint: Member must not be null",
    ),
    "an id is too short": (
        changed("UserDetailList.0.UserId", "AIDA"),
        f"{USER}: Value at 'userId' failed to satisfy constraint: Member must have length greater than or equal to 16",
    ),
    "an ARN is another's": (
        changed("UserDetailList.0.Arn", f"{files.IAM}:user/Alice"),
        f"{USER}: The ARN {files.IAM}:user/Alice is not that of user/division/Alice in account {files.ACCOUNT}.",
    ),
    "a document has no effect": (
        changed("UserDetailList.0.UserPolicyList.0.PolicyDocument.Statement.0.Effect", "Permit"),
        f"{USER}, UserPolicyList Own: The policy document cannot be read: Effect is Allow or Deny.",
    ),
    "an encoded document is no JSON": (
        changed("RoleDetailList.0.AssumeRolePolicyDocument", "%7B%0A%20oops"),
        f"{ROLE}, AssumeRolePolicyDocument, line 2, column 2: The policy document cannot be read: A key in double quotes is expected.",
    ),
    "a group is nowhere": (
        changed("UserDetailList.0.GroupList.1", "nowhere"),
        f"{USER}: The group nowhere is neither in the file nor in this account.",
    ),
    "a policy is nowhere": (
        changed("UserDetailList.0.AttachedManagedPolicies.0.PolicyArn", f"{files.IAM}:policy/nowhere"),
        f"{USER}: The policy {files.IAM}:policy/nowhere is neither in the file nor in this installation.",
    ),
    "a boundary is nowhere": (
        changed("RoleDetailList.0.PermissionsBoundary.PermissionsBoundaryArn", f"{files.IAM}:policy/nowhere"),
        f"{ROLE}: The policy {files.IAM}:policy/nowhere is neither in the file nor in this installation.",
    ),
    "a default version is not there": (
        changed("Policies.0.DefaultVersionId", "v9"),
        f"{POLICY}: The default version v9 is not in PolicyVersionList.",
    ),
    "a principal does not exist": (
        changed("RoleDetailList.1.AssumeRolePolicyDocument.Statement.0.Principal.AWS.0", f"{files.IAM}:user/nobody"),
        f'RoleDetailList[1] (Human), AssumeRolePolicyDocument: Invalid principal in policy: "AWS":"{files.IAM}:user/nobody"',
    ),
    "a name stands twice": (
        lambda details: details["UserDetailList"].append(files.user("BOB", UserId="AIDAANOTHER0000000001")),
        "UserDetailList[2] (BOB): bob stands twice in UserDetailList.",
    ),
    "a unique id stands twice": (
        lambda details: details["UserDetailList"].append(files.user("carl", UserId=files.unique_id("AIDA", "bob"))),
        f"UserDetailList[2] (carl): {files.unique_id('AIDA', 'bob')} stands twice in UserDetailList.",
    ),
    "a date is before everything": (
        changed("UserDetailList.0.CreateDate", "0001-01-01T00:00:00+14:00"),
        f"{USER}: Value at 'createDate' failed to satisfy constraint: Member must be a date such as 2026-01-31T12:00:00+00:00",
    ),
    "a text has a zero": (
        changed("Policies.1.Description", "a\0b"),
        "Policies[1] (Boundary): Value at 'description' failed to satisfy constraint: Member must not contain the character U+0000",
    ),
    "a version is too large": (
        changed("Policies.0.DefaultVersionId", "v99999999999999999999"),
        f"{POLICY}: Value at 'defaultVersionId' failed to satisfy constraint: Member must have length less than or equal to 9",
    ),
    "a profile is in two roles": (
        lambda details: details["RoleDetailList"][1].update(InstanceProfileList=[files.profile("worker", details["RoleDetailList"][0])]),
        "RoleDetailList[1] (Human), instance profile worker: worker stands twice in InstanceProfileList.",
    ),
}


@pytest.mark.parametrize("case", PROBLEMS)
def test_problems_say_where_and_nothing_is_imported(system, case):
    change, expected = PROBLEMS[case]
    content = files.small_account()
    change(content)
    before = everything()
    with pytest.raises(InvalidInput) as refused:
        load(system, content)
    assert expected in [str(problem) for problem in refused.value.details["problems"]]
    assert refused.value.message.startswith("The file cannot be imported. ")
    assert everything() == before
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("depth", "message"),
    [
        (70, "UserDetailList[0] (Alice), UserPolicyList Own: The policy document cannot be read: The document is nested deeper than 64 levels."),
        (2_000, "The file is nested deeper than 100 levels."),
        (300_000, "The file is nested deeper than 100 levels."),
    ],
)
def test_a_document_without_a_bottom(system, depth, message):
    content = files.small_account()
    content["UserDetailList"][0]["UserPolicyList"][0]["PolicyDocument"]["Statement"][0]["Condition"] = "HERE"
    text = json.dumps(content).replace('"HERE"', '{"a":' * depth + "1" + "}" * depth)
    with pytest.raises(InvalidInput) as refused:
        load(system, text.encode())
    assert message in [str(problem) for problem in refused.value.details["problems"]]


def test_members_with_endless_names(system):
    with pytest.raises(InvalidInput, match="unusually long name"):
        load(system, json.dumps({"UserDetailList": [{"x" * 3000: [1] * 1000}]}).encode())


@pytest.mark.parametrize("number", [b"9" * 10_000, b"1e99999999999999999999999"])
def test_numbers_without_end(system, number):
    with pytest.raises(InvalidInput, match=r"unusually long number|not valid JSON"):
        load(system, b'{"UserDetailList": [' + number + b"]}")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty."),
        (b"{}", "The file has none of UserDetailList, GroupDetailList, RoleDetailList and Policies."),
        (b"[]", "The file has none of"),
        (b'{"Users": []}', "The file has none of"),
        (b'{"UserDetailList": [\n  {"UserName": tru}]}', "line 2, column 16: The file is not valid JSON: Expecting value."),
        (b'{"UserDetailList": [', "The file is not valid JSON"),
        (b'{"UserDetailList": []}\n{"UserDetailList": [}', "line 2, column 21: The file is not valid JSON"),
        (b'{"UserDetailList": ["\xff"]}', "line 1: The file is not valid UTF-8."),
    ],
)
def test_files_that_are_none(system, content, message):
    with pytest.raises(InvalidInput) as refused:
        load(system, content)
    assert message in refused.value.message


def test_empty_lists_are_an_empty_account(system):
    assert counts(load(system, {name: [] for name in LISTS})) == dict.fromkeys(KINDS, (0, 0, 0))


def test_a_file_of_another_account(system, account):
    content = json.dumps(files.small_account()).replace(files.ACCOUNT, "210987654321").encode()
    with pytest.raises(InvalidInput) as refused:
        load(system, content)
    assert refused.value.message == "The file cannot be imported. The file is of account 210987654321, not of account 123456789012."


def test_a_namesake_with_another_id_is_a_conflict(system, make_user, other_account):
    here = make_user("Bob")
    with pytest.raises(InvalidInput) as refused:
        load(system, files.small_account())
    assert refused.value.message == (
        "The file cannot be imported. UserDetailList[1] (bob): The name bob is taken here by another entity, "
        f"with the unique id {here.unique_id}."
    )
    User.objects.filter(pk=here.pk).update(account=other_account, unique_id=files.unique_id("AIDA", "bob"))
    with pytest.raises(InvalidInput, match="belongs to an entity of another account"):
        load(system, files.small_account())


def test_no_more_than_a_hundred_problems_are_gathered(system):
    content = files.small_account()
    content["UserDetailList"] += [{"UserName": f"u{number}"} for number in range(300)]
    with pytest.raises(InvalidInput, match=r"\(99 more problems\)"):
        load(system, content)


def test_the_record_has_one_event_without_the_content(make_user, caller_of, last_event):
    admin = caller_of(make_user("operator", ADMINISTRATOR))
    ManagedPolicy.objects.create(account_id=AWS, name="AdministratorAccess", name_key="administratoraccess", arn=files.ADMINISTRATOR, unique_id="ANPA1")
    ManagedPolicy.objects.create(account_id=AWS, name="ReadOnlyAccess", name_key="readonlyaccess", arn=files.READ_ONLY, unique_id="ANPA2")
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


class TestPoliciesOfAws:
    """All accounts share them, so only the operator at the machine may complete them."""

    @pytest.fixture
    def read_only(self, db):
        row = ManagedPolicy.objects.create(
            account_id=AWS, name="ReadOnlyAccess", name_key="readonlyaccess", arn=files.READ_ONLY, unique_id="ANPAOURS0000000000001", default_version=2, latest_version=2
        )  # fmt: skip
        PolicyVersion.objects.create(policy=row, number=2, document=json.dumps(files.document("s3:Get*", "s3:List*")))
        return row

    def content(self, **read_only: Any) -> dict[str, Any]:
        documents = [files.document("s3:Get*"), files.document("s3:Get*", "s3:List*"), files.document("s3:*")]
        policy = files.policy("ReadOnlyAccess", *documents, owner="arn:aws:iam::aws", **{"default": 2, **read_only})
        group = files.group("g", AttachedManagedPolicies=[files.attached(files.READ_ONLY)])
        return {"GroupDetailList": [group], "Policies": [policy | {"AttachmentCount": 1}]}

    def test_the_operator_completes_a_known_policy(self, system, read_only):
        assert counts(load(system, self.content()))["Policies"] == (0, 1, 0)
        row = ManagedPolicy.objects.get(arn=files.READ_ONLY)
        assert row.unique_id == self.content()["Policies"][0]["PolicyId"]
        assert sorted(row.versions.values_list("number", flat=True)) == [1, 2, 3]
        assert printed(system)["Policies"] == self.content()["Policies"]
        assert counts(load(system, self.content()))["Policies"] == (0, 0, 1)

    def test_the_operator_brings_a_newer_version(self, system, read_only):
        load(system, self.content(default=3))
        assert ManagedPolicy.objects.get(arn=files.READ_ONLY).default_version == 3

    def test_an_older_version_never_comes_into_force(self, system, read_only):
        answer = load(system, self.content(default=1))
        assert ManagedPolicy.objects.get(arn=files.READ_ONLY).default_version == 2
        assert answer["Notices"] == [
            {"Place": "Policies[0] (ReadOnlyAccess)", "Message": "v1 is in force in the file; here it is v2, which is newer."}
        ]

    def test_our_own_text_of_a_version_is_kept(self, system, read_only):
        content = self.content()
        content["Policies"][0]["PolicyVersionList"][1]["Document"] = files.document("*")
        assert "reads otherwise here" in load(system, content)["Notices"][0]["Message"]
        assert '"*"]' not in PolicyVersion.objects.get(policy=read_only, number=2).document

    def test_an_administrator_of_one_account_changes_nothing_for_all(self, admin, read_only):
        before = list(PolicyVersion.objects.values())
        answer = load(admin, self.content(default=3))
        assert counts(answer)["Policies"] == (0, 0, 1)
        assert "v3 is in force in the file; here it is v2. Import the file with manage.py" in answer["Notices"][0]["Message"]
        assert list(PolicyVersion.objects.values()) == before
        assert ManagedPolicy.objects.get(arn=files.READ_ONLY).unique_id == read_only.unique_id
        assert PolicyUsage.objects.get(policy=read_only).attachments == 1

    def test_an_administrator_cannot_bring_an_unknown_one(self, admin):
        with pytest.raises(InvalidInput, match="This installation does not know the AWS managed policy ReadOnlyAccess"):
            load(admin, self.content())
        assert not ManagedPolicy.objects.filter(account_id=AWS).exists()


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
    import_account_authorization_details(system, authorization_details=Source(file, lambda done, total: told.append((done, total))))
    shares = [done / total for done, total in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1


class TestCommand:
    def run(self, *arguments: str) -> tuple[str, str]:
        out, err = StringIO(), StringIO()
        call_command("import_account_authorization_details", *arguments, stdout=out, stderr=err)
        return out.getvalue(), err.getvalue()

    def file(self, tmp_path, content: Any) -> str:
        path = tmp_path / "details.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return str(path)

    def test_a_dry_run(self, account, tmp_path):
        out, _ = self.run(self.file(tmp_path, files.small_account()), "--dry-run")
        assert "This was a dry run: nothing has changed." in out
        assert not User.objects.exists()

    def test_an_account_that_is_not_here(self, db, tmp_path):
        with pytest.raises(CommandError, match=r"manage\.py create_account --account-id 123456789012"):
            self.run(self.file(tmp_path, files.small_account()))

    def test_a_file_that_is_not_there(self, db):
        with pytest.raises(CommandError, match="cannot be read: No such file or directory"):
            self.run("/nowhere/details.json")

    def test_a_file_that_names_no_account(self, account, tmp_path):
        empty = self.file(tmp_path, {name: [] for name in LISTS})
        with pytest.raises(CommandError, match="Say with --account"):
            self.run(empty)
        assert "Users:            0 created" in self.run(empty, "--account", files.ACCOUNT)[0]

    def test_problems_are_listed(self, account, tmp_path):
        content = deepcopy(files.small_account())
        changed("UserDetailList.0.GroupList.0", "nowhere")(content)
        changed("UserDetailList.0.GroupList.1", "neither")(content)
        out, err = StringIO(), StringIO()
        with pytest.raises(CommandError, match=r"\(1 more problem\)"):
            call_command("import_account_authorization_details", self.file(tmp_path, content), stdout=out, stderr=err)
        assert err.getvalue().count("UserDetailList[0] (Alice): The group") == 2

    def test_broken_json(self, account, tmp_path):
        with pytest.raises(CommandError, match=r"line 1, column 2"):
            self.run(self.file(tmp_path, "{oops"))


def test_export_asks_which_account(account, other_account):
    with pytest.raises(CommandError, match="There are several accounts here"):
        call_command("export_account_authorization_details")
    with pytest.raises(CommandError, match="There is no account 999999999999 here"):
        call_command("export_account_authorization_details", account="999999999999")


# --- whatever stands in the file ------------------------------------------------------------------------------------------

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=30),
    st.sampled_from(["", "/", "*", "v1", "arn:aws:iam::aws:policy/x", "%7B%7D", "{}", "2026-01-31", "AIDA2222222222222222A", "\0", "é", "x" * 5000]),
    st.just([]),
    st.just({}),
    st.lists(st.dictionaries(st.sampled_from(["Key", "Value", "PolicyName", "PolicyDocument", "Arn"]), st.text(max_size=5)), max_size=2),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inner for place in places(item, (*path, key)))]


def put(value: Any, place: tuple[Any, ...], new: Any) -> None:
    """Put a new value into a place, if an earlier change has left that place."""
    for step in place[:-1]:
        if isinstance(value, list | dict) and step in (value if isinstance(value, dict) else range(len(value))):
            value = value[step]
        else:
            return
    if isinstance(value, dict) or (isinstance(value, list) and place[-1] in range(len(value))):
        value[place[-1]] = new


PLACES = [place for place in places(files.small_account()) if place]


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(changes=st.lists(st.tuples(st.sampled_from(PLACES), VALUES), min_size=1, max_size=3))
def test_it_ends_in_an_answer_or_a_refusal(system, changes):
    content = files.small_account()
    for place, value in changes:
        put(content, place, value)
    with transaction.atomic():
        try:
            load(system, content)
        except InvalidInput as refused:
            assert refused.details["problems"]
            assert not User.objects.exists()
        else:
            printed(system)
        transaction.set_rollback(True)
