"""Put…, Get…, Delete…Policy and List…Policies for inline policies."""

import pytest

from accounts.models import Group, Role, UserInlinePolicy
from accounts.operations.inline_policies import (
    delete_group_policy,
    delete_role_policy,
    delete_user_policy,
    get_group_policy,
    get_role_policy,
    get_user_policy,
    list_group_policies,
    list_role_policies,
    list_user_policies,
    put_group_policy,
    put_role_policy,
    put_user_policy,
)
from operations.errors import AccessDenied, LimitExceeded, MalformedPolicyDocument, NoSuchEntity, UnmodifiableEntity
from operations.ids import unique_id

OPERATIONS = {
    "user": (put_user_policy, get_user_policy, delete_user_policy, list_user_policies, "dora", 2048),
    "group": (put_group_policy, get_group_policy, delete_group_policy, list_group_policies, "ops", 5120),
    "role": (put_role_policy, get_role_policy, delete_role_policy, list_role_policies, "worker", 10240),
}


def document(action="s3:GetObject", resource="*"):
    return f'{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"{action}","Resource":"{resource}"}}}}'


def of_size(size):
    """A valid document of exactly that many characters that count."""
    return document(resource="arn:aws:s3:::" + "x" * (size - len(document(resource="arn:aws:s3:::"))))


@pytest.fixture(params=sorted(OPERATIONS))
def kind(request, account, make_user):
    """The four operations of a kind of entity, each called with the caller and the policy's name."""
    make_user("dora")
    Group.objects.create(account=account, name="ops", name_key="ops", unique_id=unique_id("AGPA"))
    Role.objects.create(
        account=account, name="worker", name_key="worker", unique_id=unique_id("AROA"), trust_policy="{}"
    )
    put, get, delete, listed, name, quota = OPERATIONS[request.param]
    member = f"{request.param}_name"

    class Kind:
        word, size, holder, shown = request.param, quota, name, f"{request.param.capitalize()}Name"
        put = staticmethod(
            lambda caller, policy, text, who=name: put(
                caller, policy_name=policy, policy_document=text, **{member: who}
            )
        )
        get = staticmethod(lambda caller, policy, who=name: get(caller, policy_name=policy, **{member: who}))
        delete = staticmethod(lambda caller, policy, who=name: delete(caller, policy_name=policy, **{member: who}))
        listed = staticmethod(lambda caller, who=name, **given: listed(caller, **{member: who}, **given))

    return Kind


def test_put_get_replace_delete(admin, kind):
    text = document() + "\r\n"
    assert kind.put(admin, "Reading", text) == {}
    assert kind.get(admin, "Reading") == {kind.shown: kind.holder, "PolicyName": "Reading", "PolicyDocument": text}
    kind.put(admin, "Reading", document("s3:PutObject"))
    assert kind.get(admin, "Reading")["PolicyDocument"] == document("s3:PutObject")
    assert kind.listed(admin) == {"PolicyNames": ["Reading"], "IsTruncated": False}
    assert kind.delete(admin, "Reading") == {}
    assert kind.listed(admin)["PolicyNames"] == []


def test_names_are_listed_without_case_and_paged(admin, kind):
    for name in ("b", "A", "c"):
        kind.put(admin, name, document())
    first = kind.listed(admin, max_items=2)
    assert (first["PolicyNames"], first["IsTruncated"]) == (["A", "b"], True)
    assert kind.listed(admin, max_items=2, marker=first["Marker"]) == {"PolicyNames": ["c"], "IsTruncated": False}


def test_what_is_missing_is_named(admin, kind):
    for operation in (kind.get, kind.delete):
        with pytest.raises(NoSuchEntity) as refused:
            operation(admin, "gone")
        assert refused.value.message == f"The {kind.word} policy with name gone cannot be found."
        with pytest.raises(NoSuchEntity) as refused:
            operation(admin, "gone", who="nobody")
        assert refused.value.message == f"The {kind.word} with name nobody cannot be found."
    with pytest.raises(NoSuchEntity, match=f"The {kind.word} with name nobody cannot be found."):
        kind.put(admin, "new", document(), who="nobody")
    with pytest.raises(NoSuchEntity):
        kind.listed(admin, who="nobody")


def test_a_bad_document_is_refused_with_its_place(admin, kind):
    with pytest.raises(MalformedPolicyDocument) as refused:
        kind.put(admin, "bad", document().replace('"Allow"', '\n"Perhaps"'))
    assert refused.value.message == "Syntax errors in policy."
    assert refused.value.details["line"] == 2
    assert kind.listed(admin)["PolicyNames"] == []


def test_all_documents_together_have_a_quota(admin, kind):
    kind.put(admin, "first", of_size(kind.size - 200))
    kind.put(admin, "second", of_size(200).replace(":", ": " + "\t" * 500, 1))
    message = f"Maximum policy size of {kind.size} bytes exceeded for {kind.word} {kind.holder}"
    with pytest.raises(LimitExceeded) as refused:
        kind.put(admin, "third", document())
    assert refused.value.message == message
    kind.put(admin, "second", of_size(200))
    with pytest.raises(LimitExceeded) as refused:
        kind.put(admin, "second", of_size(201))
    assert refused.value.message == message


def test_denied_and_recorded(admin, nobody, kind, last_event):
    with pytest.raises(AccessDenied) as refused:
        kind.put(nobody, "Reading", document())
    assert f"iam:Put{kind.word.capitalize()}Policy on resource: {kind.word} " in refused.value.message
    kind.put(admin, "Reading", document())
    record = last_event()
    assert "before" not in record
    assert record["after"]["policyDocument"] == document()
    kind.put(admin, "Reading", document("s3:PutObject"))
    record = last_event()
    assert record["before"]["policyDocument"] == document()
    assert record["after"]["policyDocument"] == document("s3:PutObject")
    kind.delete(admin, "Reading")
    record = last_event()
    assert record["before"]["policyDocument"] == document("s3:PutObject")
    assert "after" not in record


def test_what_is_put_is_in_force_at_once_and_gone_at_once(admin, make_user, caller_of):
    dora = make_user("dora")
    assert not caller_of(dora).may("iam:ListUsers")
    put_user_policy(admin, user_name="dora", policy_name="listing", policy_document=document("iam:ListUsers"))
    assert caller_of(dora).may("iam:ListUsers")
    delete_user_policy(admin, user_name="dora", policy_name="listing")
    assert not caller_of(dora).may("iam:ListUsers")


def test_what_aws_saves_and_nobody_can_match_does_not_break_the_user(admin, make_user, caller_of):
    """AWS saves an unknown operator without keys; the user's other policies must go on working."""
    dora = make_user("dora", document("iam:ListUsers"))
    odd = document().replace('"Resource"', '"Condition":{"NoOperator":{}},"Resource"')
    put_user_policy(admin, user_name="dora", policy_name="odd", policy_document=odd)
    assert UserInlinePolicy.objects.get(name="odd").document == odd
    assert caller_of(dora).may("iam:ListUsers")


def test_a_service_linked_role_stays_as_it_is(admin, account):
    Role.objects.create(
        account=account, name="worker", name_key="worker", unique_id=unique_id("AROA"), trust_policy="{}",
        service_linked_to="autoscaling.amazonaws.com",
    )  # fmt: skip
    with pytest.raises(UnmodifiableEntity, match="protected role 'worker'"):
        put_role_policy(admin, role_name="worker", policy_name="new", policy_document=document())
    with pytest.raises(UnmodifiableEntity, match="protected role 'worker'"):
        delete_role_policy(admin, role_name="worker", policy_name="new")
    assert list_role_policies(admin, role_name="worker")["PolicyNames"] == []
