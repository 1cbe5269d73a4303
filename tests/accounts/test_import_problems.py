"""What an import refuses: each problem with its place in the file, and files that are none, or meant to do harm."""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from operations.errors import InvalidInput
from tests.accounts import import_files as files
from tests.accounts.import_trials import KINDS, LISTS, counts, everything, load, printed


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
    "an ARN of a policy is none": (
        changed("Policies.0.Arn", "twenty letters and no ARN"),
        f"{POLICY}: The ARN twenty letters and no ARN is not that of policy/Deploy in account {files.ACCOUNT}.",
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
        lambda details: details["RoleDetailList"][1].update(
            InstanceProfileList=[files.profile("worker", details["RoleDetailList"][0])]
        ),
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
        (
            70,
            "UserDetailList[0] (Alice), UserPolicyList Own: The policy document cannot be read: The document is nested deeper than 64 levels.",
        ),
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
        (
            b'{"UserDetailList": [\n  {"UserName": tru}]}',
            "line 2, column 16: The file is not valid JSON: Expecting value.",
        ),
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
    assert (
        refused.value.message
        == "The file cannot be imported. The file is of account 210987654321, not of account 123456789012."
    )


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


# --- whatever stands in the file ------------------------------------------------------------------------------------------

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=30),
    st.sampled_from(
        [
            "",
            "/",
            "*",
            "v1",
            "arn:aws:iam::aws:policy/x",
            "%7B%7D",
            "{}",
            "2026-01-31",
            "AIDA2222222222222222A",
            "\0",
            "é",
            "x" * 5000,
        ]
    ),
    st.just([]),
    st.just({}),
    st.lists(
        st.dictionaries(st.sampled_from(["Key", "Value", "PolicyName", "PolicyDocument", "Arn"]), st.text(max_size=5)),
        max_size=2,
    ),
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
        value[place[-1]] = deepcopy(new)  # a generated list may be put into several places, also into itself


PLACES = [place for place in places(files.small_account()) if place]


@pytest.mark.django_db
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
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
