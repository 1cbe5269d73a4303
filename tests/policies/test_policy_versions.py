"""CreatePolicyVersion, GetPolicyVersion, DeletePolicyVersion, ListPolicyVersions, SetDefaultPolicyVersion."""

import pytest

from accounts.operations.attachments import attach_user_policy
from operations.errors import (
    AccessDenied,
    DeleteConflict,
    InvalidInput,
    LimitExceeded,
    MalformedPolicyDocument,
    NoSuchEntity,
    ValidationError,
)
from policies.operations.managed_policies import get_policy
from policies.operations.policy_versions import (
    create_policy_version,
    delete_policy_version,
    get_policy_version,
    list_policy_versions,
    set_default_policy_version,
)
from tests.policies.conftest import document

MISSING = "arn:aws:iam::123456789012:policy/missing"


def versions(caller, arn, **given):
    answer = list_policy_versions(caller, policy_arn=arn, **given)
    return [(version["VersionId"], version["IsDefaultVersion"]) for version in answer["Versions"]]


def test_a_new_version_waits_until_it_is_put_in_force(admin, make_policy):
    arn = make_policy()
    created = create_policy_version(admin, policy_arn=arn, policy_document=document("s3:PutObject"))["PolicyVersion"]
    assert set(created) == {"VersionId", "IsDefaultVersion", "CreateDate"}
    assert (created["VersionId"], created["IsDefaultVersion"]) == ("v2", False)
    assert versions(admin, arn) == [("v2", False), ("v1", True)]
    assert get_policy(admin, policy_arn=arn)["Policy"]["UpdateDate"] == created["CreateDate"]
    set_default_policy_version(admin, policy_arn=arn, version_id="v2")
    assert versions(admin, arn) == [("v2", True), ("v1", False)]


def test_the_version_in_force_decides_for_everybody_at_once(admin, make_policy, make_user, caller_of):
    arn = make_policy(text=document("iam:GetUser"))
    dora = make_user("dora")
    attach_user_policy(admin, user_name="dora", policy_arn=arn)
    assert caller_of(dora).may("iam:GetUser", dora.arn)
    create_policy_version(admin, policy_arn=arn, policy_document=document("s3:GetObject"), set_as_default=True)
    assert not caller_of(dora).may("iam:GetUser", dora.arn)
    set_default_policy_version(admin, policy_arn=arn, version_id="v1")
    assert caller_of(dora).may("iam:GetUser", dora.arn)


def test_set_as_default_needs_no_further_permission(make_policy, make_user, caller_of):
    arn = make_policy()
    text = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:CreatePolicyVersion","Resource":"*"}}'
    editor = caller_of(make_user("editor", text))
    answer = create_policy_version(editor, policy_arn=arn, policy_document=document(), set_as_default=True)
    assert answer["PolicyVersion"]["IsDefaultVersion"] is True
    with pytest.raises(AccessDenied):
        set_default_policy_version(editor, policy_arn=arn, version_id="v1")


def test_five_versions_are_kept_and_numbers_are_never_used_again(admin, make_policy):
    arn = make_policy()
    for _ in range(4):
        create_policy_version(admin, policy_arn=arn, policy_document=document())
    with pytest.raises(LimitExceeded) as refused:
        create_policy_version(admin, policy_arn=arn, policy_document=document())
    assert refused.value.message == (
        "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version."
    )
    delete_policy_version(admin, policy_arn=arn, version_id="v5")
    created = create_policy_version(admin, policy_arn=arn, policy_document=document())
    assert created["PolicyVersion"]["VersionId"] == "v6"


def test_the_versions_of_all_policies_have_a_quota(admin, settings, make_policy):
    settings.QUOTAS = {"PolicyVersionsInUseQuota": "2"}
    arn = make_policy()
    create_policy_version(admin, policy_arn=arn, policy_document=document())
    with pytest.raises(LimitExceeded):
        create_policy_version(admin, policy_arn=arn, policy_document=document())
    with pytest.raises(LimitExceeded):
        make_policy("second")


def test_the_document_comes_back_as_it_was_typed(admin, make_policy):
    arn = make_policy(text=document() + "\n")
    version = get_policy_version(admin, policy_arn=arn, version_id="v1")["PolicyVersion"]
    assert version["Document"] == document() + "\n"
    assert version["IsDefaultVersion"] is True


def test_a_bad_or_long_document_makes_no_version(admin, make_policy):
    arn = make_policy()
    with pytest.raises(MalformedPolicyDocument):
        create_policy_version(admin, policy_arn=arn, policy_document="{}")
    with pytest.raises(LimitExceeded, match="Cannot exceed quota for PolicySize: 6144"):
        create_policy_version(admin, policy_arn=arn, policy_document=document("s3:" + "x" * 6144))
    assert versions(admin, arn) == [("v1", True)]


def test_what_is_missing_is_said_in_one_sentence(admin, make_policy):
    arn = make_policy()
    for operation in (get_policy_version, delete_policy_version, set_default_policy_version):
        for policy, version in ((MISSING, "v1"), (arn, "v9"), (arn, "v1.x")):
            with pytest.raises(NoSuchEntity) as refused:
                operation(admin, policy_arn=policy, version_id=version)
            assert refused.value.message == f"Policy {policy} version {version} does not exist or is not attachable."
        with pytest.raises(ValidationError) as refused:
            operation(admin, policy_arn=arn, version_id="v2-does-not-exist")
        assert refused.value.message == (
            "1 validation error detected: Value at 'versionId' failed to satisfy constraint: Member must satisfy regular "
            r"expression pattern: v[1-9][0-9]*(\.[A-Za-z0-9-]*)?"
        )


def test_the_version_in_force_stays(admin, make_policy):
    arn = make_policy()
    with pytest.raises(DeleteConflict) as refused:
        delete_policy_version(admin, policy_arn=arn, version_id="v1")
    assert refused.value.message == "Cannot delete the default version of a policy."


def test_versions_are_paged_newest_first(admin, make_policy):
    arn = make_policy()
    for _ in range(2):
        create_policy_version(admin, policy_arn=arn, policy_document=document())
    first = list_policy_versions(admin, policy_arn=arn, max_items=2)
    assert [version["VersionId"] for version in first["Versions"]] == ["v3", "v2"]
    assert versions(admin, arn, max_items=2, marker=first["Marker"]) == [("v1", True)]
    with pytest.raises(ValidationError, match="Invalid Marker"):
        list_policy_versions(admin, policy_arn=arn, marker="nonsense")


def test_aws_managed_policies_keep_their_versions(admin, make_aws_policy):
    arn = make_aws_policy().arn
    assert versions(admin, arn) == [("v3", True)]
    for change in (
        lambda: create_policy_version(admin, policy_arn=arn, policy_document=document()),
        lambda: delete_policy_version(admin, policy_arn=arn, version_id="v3"),
        lambda: set_default_policy_version(admin, policy_arn=arn, version_id="v3"),
    ):
        with pytest.raises(InvalidInput):
            change()


def test_another_account_sees_nothing_of_it(stranger, make_policy):
    arn = make_policy()
    with pytest.raises(NoSuchEntity):
        get_policy_version(stranger, policy_arn=arn, version_id="v1")
    with pytest.raises(NoSuchEntity):
        create_policy_version(stranger, policy_arn=arn, policy_document=document())


def test_no_document_is_ever_lost_to_the_record(admin, make_policy, last_event):
    arn = make_policy()
    create_policy_version(admin, policy_arn=arn, policy_document=document("s3:PutObject"))
    record = last_event()
    assert record["before"]["versions"] == ["v1"]
    assert record["after"]["versions"] == ["v1", "v2"]
    assert record["after"]["createdVersion"] == {"versionId": "v2", "document": document("s3:PutObject")}
    set_default_policy_version(admin, policy_arn=arn, version_id="v2")
    record = last_event()
    assert (record["before"]["document"], record["after"]["document"]) == (document(), document("s3:PutObject"))
    delete_policy_version(admin, policy_arn=arn, version_id="v1")
    assert last_event()["before"]["deletedVersion"]["document"] == document()
