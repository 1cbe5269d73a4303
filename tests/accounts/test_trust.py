"""Principals of trust policies: kept as unique ids, read back as ARNs while the entity lives."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts import trust
from accounts.models import Role, User
from accounts.operations.roles import create_role, get_role, update_assume_role_policy
from accounts.operations.users import create_user, delete_user, update_user
from operations.errors import MalformedPolicyDocument
from tests.accounts.test_roles import TRUST

IAM = "arn:aws:iam::123456789012"


def trusting(*principals: str, **more: str) -> str:
    """A trust policy with an unusual layout, which must come back byte for byte."""
    listed = ",\n\t ".join(json.dumps(principal) for principal in principals)
    return (
        '{ "Version": "2012-10-17",\r\n "Statement" : {"Principal":{"AWS":[ '
        + listed
        + ' ]},  "Effect":"Allow","Action": "sts:AssumeRole",'
        + f'"Condition":{{"StringLike":{{"aws:PrincipalArn":"{IAM}:user/dora"}}}}}}}}'
    )


@pytest.fixture
def dora(admin):
    create_user(admin, user_name="dora", path="/people/")
    return User.objects.get(name="dora")


def saved(admin, document: str) -> str:
    if Role.objects.filter(name="r").exists():
        update_assume_role_policy(admin, role_name="r", policy_document=document)
    else:
        create_role(admin, role_name="r", assume_role_policy_document=document)
    return get_role(admin, role_name="r")["Role"]["AssumeRolePolicyDocument"]


def test_what_was_typed_comes_back(admin, dora):
    document = trusting(
        f"{IAM}:user/people/dora",
        "123456789012",
        f"{IAM}:root",
        "*",
        "arn:aws:sts::123456789012:federated-user/visitor",
    )
    assert saved(admin, document) == document
    stored = Role.objects.get().trust_policy
    assert dora.unique_id in stored
    assert "user/people/dora" not in stored
    assert f'"{IAM}:user/dora"' in stored  # in the condition


def test_a_single_principal_and_several_statements(admin, dora):
    statement = {"Effect": "Allow", "Principal": {"AWS": f"{IAM}:user/people/dora"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement, statement]})
    assert saved(admin, document) == document
    assert Role.objects.get().trust_policy.count(dora.unique_id) == 2


def test_a_renamed_principal_is_followed(admin, dora):
    saved(admin, trusting(f"{IAM}:user/people/dora"))
    update_user(admin, user_name="dora", new_user_name="dorothy", new_path="/")
    assert get_role(admin, role_name="r")["Role"]["AssumeRolePolicyDocument"] == trusting(f"{IAM}:user/dorothy")


def test_a_namesake_does_not_inherit_the_trust(admin, dora):
    saved(admin, trusting(f"{IAM}:user/people/dora"))
    delete_user(admin, user_name="dora")
    assert get_role(admin, role_name="r")["Role"]["AssumeRolePolicyDocument"] == trusting(dora.unique_id)
    create_user(admin, user_name="dora", path="/people/")
    document = get_role(admin, role_name="r")["Role"]["AssumeRolePolicyDocument"]
    assert document == trusting(dora.unique_id)
    with pytest.raises(MalformedPolicyDocument) as refused:
        saved(admin, document)
    assert refused.value.message == f'Invalid principal in policy: "AWS":"{dora.unique_id}"'
    saved(admin, trusting(f"{IAM}:user/people/dora"))
    assert User.objects.get(name="dora").unique_id in Role.objects.get().trust_policy


def test_a_living_unique_id_reads_back_as_its_arn(admin, dora):
    assert saved(admin, trusting(dora.unique_id)) == trusting(dora.arn)


def test_a_role_may_trust_roles(admin):
    create_role(admin, role_name="source", path="/a/b/", assume_role_policy_document=TRUST)
    document = trusting(f"{IAM}:role/a/b/source")
    assert saved(admin, document) == document
    assert Role.objects.get(name="source").unique_id in Role.objects.get(name="r").trust_policy


def test_a_session_of_a_role_is_trusted_by_its_name(admin):
    create_role(admin, role_name="Source", path="/a/b/", assume_role_policy_document=TRUST)
    document = trusting("arn:aws:sts::123456789012:assumed-role/Source/night-shift")
    assert saved(admin, document) == document == Role.objects.get(name="r").trust_policy


def test_documents_out_of_aws_may_name_whom_this_installation_does_not_have(admin):
    document = trusting(
        "999999999999", "arn:aws:iam::999999999999:role/far/away", f"{IAM}:root", "AIDANOBODY00000000000"
    )
    with pytest.raises(MalformedPolicyDocument):
        trust.stored_forms([document])
    assert trust.stored_forms([document], exported=True) == [document]
    with pytest.raises(MalformedPolicyDocument):  # but an account that is here has this user or not
        trust.stored_forms([trusting(f"{IAM}:user/nobody")], exported=True)


def test_an_account_elsewhere_that_was_imported_may_stay_in_a_changed_policy(admin, dora):
    create_role(admin, role_name="r", assume_role_policy_document=TRUST)
    Role.objects.update(trust_policy=trusting("arn:aws:iam::999999999999:root"))
    document = trusting("arn:aws:iam::999999999999:root", dora.arn)
    assert saved(admin, document) == document
    with pytest.raises(MalformedPolicyDocument, match="arn:aws:iam::999999999999:user/other"):
        saved(admin, trusting("arn:aws:iam::999999999999:root", "arn:aws:iam::999999999999:user/other"))


def test_users_of_other_accounts_of_this_installation_are_resolved(admin, stranger):
    document = trusting("arn:aws:iam::210987654321:user/charlie")
    assert saved(admin, document) == document
    assert User.objects.get(name="charlie").unique_id in Role.objects.get().trust_policy


@pytest.mark.parametrize(
    "principal",
    [
        f"{IAM}:user/dora",  # the path is missing
        f"{IAM}:user/people/Dora",
        f"{IAM}:user/nobody",
        f"{IAM}:role/nobody",
        f"{IAM}:group/people",
        "arn:aws:iam::210987654321:user/nobody",
        "AIDANOBODY00000000000",
        "AGPAGROUP000000000000",
        "arn:aws:sts::123456789012:assumed-role/nobody/session",
        "999999999999",
        "arn:aws:iam::999999999999:root",
        "arn:aws:iam::999999999999:role/far/away",
        "arn:aws:sts::999999999999:assumed-role/away/session",
        "arn:aws:sts::999999999999:federated-user/visitor",
        "arn:aws-cn:iam::123456789012:root",
    ],
)
def test_principals_that_do_not_exist(admin, dora, other_account, principal):
    with pytest.raises(MalformedPolicyDocument) as refused:
        saved(admin, trusting("123456789012", principal))
    assert refused.value.message == f'Invalid principal in policy: "AWS":"{principal}"'
    assert refused.value.details["line"] == 3
    assert not Role.objects.exists()


def test_many_documents_cost_a_query_for_each_kind(admin, dora, django_assert_num_queries):
    for number in range(20):
        create_role(admin, role_name=f"r{number}", assume_role_policy_document=trusting(f"{IAM}:user/people/dora"))
    documents = list(Role.objects.values_list("trust_policy", flat=True))
    with django_assert_num_queries(1):
        assert set(trust.readable_forms(documents)) == {trusting(f"{IAM}:user/people/dora")}
    create_role(admin, role_name="last", assume_role_policy_document=trusting(f"{IAM}:role/r1"))
    documents.append(Role.objects.get(name="last").trust_policy)
    with django_assert_num_queries(2):
        assert trust.readable_forms(documents)[-1] == trusting(f"{IAM}:role/r1")
    with django_assert_num_queries(0):
        assert trust.readable_forms([TRUST]) == [TRUST]


@settings(max_examples=60, deadline=None)
@given(sid=st.text(max_size=8), spaces=st.text(alphabet=" \t\r\n", max_size=4), ascii_only=st.booleans())
def test_exchange_is_undone_exactly(sid, spaces, ascii_only):
    statement = {"Sid": sid, "Principal": {"AWS": ["@"]}, "Condition": {"StringEquals": {"a:b": ["AIDA", "@", sid]}}}
    text = spaces.join(["", json.dumps({"Id": sid, "Statement": [statement, statement]}, ensure_ascii=ascii_only), ""])
    nodes = list(trust._principals(text))
    there = trust._replaced(text, nodes, lambda node: "AIDA234567ABCDEFGHIJK")
    back = trust._replaced(there, list(trust._principals(there)), lambda node: "@")
    assert back == text
