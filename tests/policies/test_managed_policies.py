"""CreatePolicy, GetPolicy, DeletePolicy, ListPolicies."""

import pytest

from accounts.models import Group, Role, User
from accounts.operations.attachments import attach_group_policy, attach_user_policy, detach_user_policy
from accounts.operations.boundaries import delete_user_permissions_boundary, put_user_permissions_boundary
from operations.errors import (
    AccessDenied,
    DeleteConflict,
    EntityAlreadyExists,
    InvalidInput,
    LimitExceeded,
    MalformedPolicyDocument,
    NoSuchEntity,
    ValidationError,
)
from operations.ids import unique_id
from policies.models import ManagedPolicy
from policies.operations.managed_policies import create_policy, delete_policy, get_policy, list_policies
from policies.operations.policy_versions import create_policy_version, delete_policy_version, get_policy_version
from tests.policies.conftest import document

MISSING = "arn:aws:iam::123456789012:policy/missing"


def test_create_answers_with_awss_members_and_no_more(admin):
    answer = create_policy(admin, policy_name="Reading", policy_document=document(), path="/ops/", description="reads")
    policy = answer["Policy"]
    assert policy["Arn"] == "arn:aws:iam::123456789012:policy/ops/Reading"
    assert policy["PolicyId"].startswith("ANPA")
    assert set(policy) == {
        "PolicyName", "PolicyId", "Arn", "Path", "DefaultVersionId", "AttachmentCount", "PermissionsBoundaryUsageCount",
        "IsAttachable", "CreateDate", "UpdateDate",
    }  # fmt: skip
    assert (policy["DefaultVersionId"], policy["AttachmentCount"], policy["IsAttachable"]) == ("v1", 0, True)


def test_create_gives_tags_back_as_they_were_given(admin):
    tags = [{"Key": "b", "Value": ""}, {"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]
    answer = create_policy(admin, policy_name="reading", policy_document=document(), tags=tags)
    assert answer["Policy"]["Tags"] == tags
    by_key = [{"Key": "A", "Value": "2"}, {"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}]
    assert get_policy(admin, policy_arn=answer["Policy"]["Arn"])["Policy"]["Tags"] == by_key


def test_the_document_is_kept_byte_for_byte(admin):
    text = '{\r\n\t"Version" : "2012-10-17",  "Statement":{"Effect":"Allow","Action":"s3:Get%20*","Resource":"*"} }\n'
    arn = create_policy(admin, policy_name="reading", policy_document=text)["Policy"]["Arn"]
    assert get_policy_version(admin, policy_arn=arn, version_id="v1")["PolicyVersion"]["Document"] == text


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("not json", "Syntax errors in policy.", 1),
        (
            document().replace("2012", "2008"),
            "Policy document must be version 2012-10-17 or greater.",
            1,
        ),
        (
            '{"Version":"2012-10-17",\n"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:Get","Resource":"*"}]}',
            "Policy document should not specify a principal.",
            2,
        ),
        (
            '{"Version":"2012-10-17",\n"Statement":[\n{"Effect":"Allow","Action":"s3:Get","Resource":"bucket"}]}',
            'Resource bucket must be in ARN format or "*".',
            3,
        ),
    ],
)
def test_a_bad_document_is_refused_in_awss_words_with_the_place(admin, text, message, line):
    with pytest.raises(MalformedPolicyDocument) as refused:
        create_policy(admin, policy_name="reading", policy_document=text)
    assert refused.value.message == message
    assert refused.value.details["line"] == line
    assert not ManagedPolicy.objects.filter(name="reading").exists()


def test_names_are_unique_without_case_and_path(admin, make_policy, make_aws_policy):
    make_policy("Reading")
    with pytest.raises(EntityAlreadyExists) as refused:
        make_policy("reading", path="/elsewhere/")
    assert refused.value.message == "A policy called reading already exists. Duplicate names are not allowed."
    make_aws_policy("AdministratorAccess")
    assert make_policy("AdministratorAccess") == "arn:aws:iam::123456789012:policy/AdministratorAccess"


def test_the_size_counts_without_white_space(admin):
    filler = document(resource="arn:aws:s3:::" + "x" * 6200)
    with pytest.raises(LimitExceeded) as refused:
        create_policy(admin, policy_name="long", policy_document=filler)
    assert refused.value.message == "Cannot exceed quota for PolicySize: 6144"
    create_policy(admin, policy_name="airy", policy_document=document().replace(":", ":" + " " * 1000))


def test_the_number_of_policies_is_limited(admin, settings, make_policy):
    settings.QUOTAS = {"PoliciesQuota": "1"}
    make_policy("first")
    with pytest.raises(LimitExceeded) as refused:
        make_policy("second")
    assert refused.value.message == "Cannot exceed quota for PoliciesPerAccount: 1"


def test_tags_are_checked_with_case_sensitive_keys(admin):
    for tags, message in (
        ([{"Key": "a", "Value": ""}, {"Key": "a", "Value": "1"}], "Duplicate tag keys found."),
        ([{"Key": "aws:x", "Value": ""}], "System tags starting with aws: cannot be set or modified."),
    ):
        with pytest.raises(InvalidInput) as refused:
            create_policy(admin, policy_name="reading", policy_document=document(), tags=tags)
        assert refused.value.message == message


def test_get_shows_description_tags_and_use(admin, make_policy, make_user):
    arn = make_policy(description="reads")
    make_user("dora")
    attach_user_policy(admin, user_name="dora", policy_arn=arn)
    put_user_permissions_boundary(admin, user_name="dora", permissions_boundary=arn)
    policy = get_policy(admin, policy_arn=arn)["Policy"]
    assert (policy["Description"], policy["Tags"]) == ("reads", [])
    assert (policy["AttachmentCount"], policy["PermissionsBoundaryUsageCount"]) == (1, 1)


def test_what_is_missing_or_of_another_account_is_not_found(admin, stranger, make_policy):
    with pytest.raises(NoSuchEntity) as refused:
        get_policy(admin, policy_arn=MISSING)
    assert refused.value.message == f"Policy {MISSING} was not found."
    arn = make_policy()
    with pytest.raises(NoSuchEntity):
        get_policy(stranger, policy_arn=arn)
    with pytest.raises(ValidationError) as refused:
        get_policy(admin, policy_arn="longpolicynamebutnoarn")
    assert refused.value.message == "ARN longpolicynamebutnoarn is not valid."


def test_delete_wants_a_policy_that_nobody_uses(admin, make_policy, make_user):
    arn = make_policy()
    make_user("dora")
    attach_user_policy(admin, user_name="dora", policy_arn=arn)
    with pytest.raises(DeleteConflict) as refused:
        delete_policy(admin, policy_arn=arn)
    assert refused.value.message == "Cannot delete a policy attached to entities."
    assert refused.value.details.items() >= {"attachments": 1, "boundaries": 0}.items()
    detach_user_policy(admin, user_name="dora", policy_arn=arn)
    put_user_permissions_boundary(admin, user_name="dora", permissions_boundary=arn)
    with pytest.raises(DeleteConflict) as refused:
        delete_policy(admin, policy_arn=arn)
    assert refused.value.details.items() >= {"attachments": 0, "boundaries": 1}.items()
    delete_user_permissions_boundary(admin, user_name="dora")
    delete_policy(admin, policy_arn=arn)
    assert not ManagedPolicy.objects.filter(arn=arn).exists()


def test_delete_wants_one_version_only(admin, make_policy):
    arn = make_policy()
    create_policy_version(admin, policy_arn=arn, policy_document=document())
    with pytest.raises(DeleteConflict) as refused:
        delete_policy(admin, policy_arn=arn)
    assert refused.value.message == (
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. "
        "The default version is deleted with the policy."
    )
    delete_policy_version(admin, policy_arn=arn, version_id="v2")
    delete_policy(admin, policy_arn=arn)


def test_a_recreated_policy_has_a_new_id(admin, make_policy):
    arn = make_policy()
    old = get_policy(admin, policy_arn=arn)["Policy"]["PolicyId"]
    delete_policy(admin, policy_arn=arn)
    assert make_policy() == arn
    assert get_policy(admin, policy_arn=arn)["Policy"]["PolicyId"] != old


def test_aws_managed_policies_are_read_only(admin, make_aws_policy):
    arn = make_aws_policy().arn
    assert get_policy(admin, policy_arn=arn)["Policy"]["DefaultVersionId"] == "v3"
    with pytest.raises(InvalidInput):
        delete_policy(admin, policy_arn=arn)
    assert ManagedPolicy.objects.filter(arn=arn).exists()


def names(answer):
    return [policy["PolicyName"] for policy in answer["Policies"]]


def test_list_by_scope(admin, make_policy, make_aws_policy):
    make_policy("mine")
    make_aws_policy("Amazon")
    assert names(list_policies(admin)) == ["Amazon", "mine"]
    assert names(list_policies(admin, scope="AWS")) == ["Amazon"]
    assert names(list_policies(admin, scope="Local")) == ["mine"]
    shown = list_policies(admin, scope="Local")["Policies"][0]
    assert "Tags" not in shown
    assert "Description" not in shown


def test_list_counts_the_own_account_only(admin, stranger, make_aws_policy, make_user, account):
    arn = make_aws_policy().arn
    Group.objects.create(account=account, name="ops", name_key="ops", unique_id=unique_id("AGPA"))
    attach_group_policy(admin, group_name="ops", policy_arn=arn)
    assert list_policies(admin)["Policies"][0]["AttachmentCount"] == 1
    assert list_policies(stranger)["Policies"][0]["AttachmentCount"] == 0
    assert names(list_policies(stranger, only_attached=True)) == []


def test_list_filters_by_use(admin, make_policy, make_user):
    attached, bounding, _ = make_policy("attached"), make_policy("bounding"), make_policy("unused")
    make_user("dora")
    attach_user_policy(admin, user_name="dora", policy_arn=attached)
    put_user_permissions_boundary(admin, user_name="dora", permissions_boundary=bounding)
    assert names(list_policies(admin, only_attached=True)) == ["attached"]
    assert names(list_policies(admin, policy_usage_filter="PermissionsPolicy")) == ["attached"]
    assert names(list_policies(admin, policy_usage_filter="PermissionsBoundary")) == ["bounding"]


def test_list_filters_by_path_with_case(admin, make_policy):
    make_policy("one", path="/ops/")
    make_policy("two", path="/Ops/deep/")
    assert names(list_policies(admin, path_prefix="/ops/")) == ["one"]
    assert names(list_policies(admin, path_prefix="/Ops/")) == ["two"]
    assert names(list_policies(admin, path_prefix="/")) == ["one", "two"]


def test_list_pages_over_equal_names(admin, make_policy, make_aws_policy):
    """A customer managed policy may be called like an AWS managed one: neither may fall between two pages."""
    make_aws_policy("Same")
    make_policy("same")
    make_policy("later")
    seen, marker = [], None
    while True:
        answer = list_policies(admin, max_items=1, marker=marker)
        seen += names(answer)
        marker = answer.get("Marker")
        assert answer["IsTruncated"] is (marker is not None)
        if marker is None:
            break
    assert seen == ["later", "Same", "same"]
    with pytest.raises(ValidationError, match="Invalid Marker"):
        list_policies(admin, marker="nonsense")


def test_a_denial_names_the_policy(nobody, make_policy):
    arn = make_policy()
    for refuse, named in (
        (lambda: get_policy(nobody, policy_arn=arn), f"policy {arn}"),
        (lambda: delete_policy(nobody, policy_arn=arn), f"policy {arn}"),
        (lambda: create_policy(nobody, policy_name="reading", policy_document=document()), "policy reading"),
    ):
        with pytest.raises(AccessDenied) as refused:
            refuse()
        assert f"on resource: {named} because no identity-based policy allows the iam:" in refused.value.message


def test_tags_of_the_policy_decide(make_policy, make_user, caller_of, admin):
    condition = '{"StringEquals":{"aws:ResourceTag/team":"ops"}}'
    text = f'{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"iam:GetPolicy","Resource":"*","Condition":{condition}}}}}'
    reader = caller_of(make_user("reader", text))
    ours = make_policy("ours", tags=[{"Key": "team", "Value": "ops"}])
    theirs = make_policy("theirs", tags=[{"Key": "team", "Value": "dev"}])
    assert get_policy(reader, policy_arn=ours)
    with pytest.raises(AccessDenied):
        get_policy(reader, policy_arn=theirs)


def test_creation_and_deletion_are_recorded_with_the_document(admin, make_policy, last_event):
    arn = make_policy()
    record = last_event()
    assert record["requestParameters"]["policyDocument"] == document()
    assert record["after"]["document"] == document()
    assert record["responseElements"]["policy"]["arn"] == arn
    delete_policy(admin, policy_arn=arn)
    record = last_event()
    assert (record["eventName"], record["before"]["document"]) == ("DeletePolicy", document())
    assert "after" not in record


def test_counters_agree_with_what_is_attached(admin, make_policy, make_user):
    """The counters are kept beside the rows; whatever happens in between, they must say the same."""
    arn = make_policy()
    for name in ("dora", "emil"):
        make_user(name)
        attach_user_policy(admin, user_name=name, policy_arn=arn)
        attach_user_policy(admin, user_name=name, policy_arn=arn)
    detach_user_policy(admin, user_name="emil", policy_arn=arn)
    rows = (
        User.objects.filter(attachments__policy__arn=arn).count()
        + Role.objects.filter(attachments__policy__arn=arn).count()
    )
    assert list_policies(admin, scope="Local")["Policies"][0]["AttachmentCount"] == rows == 1
