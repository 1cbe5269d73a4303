"""The operations of requests for access: who may ask for what, who answers, and what is refused."""

import json
from datetime import timedelta

import pytest

from accounts.models import Role, User, UserInlinePolicy
from accounts.operations.inline_policies import put_role_policy, put_user_policy
from accounts.operations.instance_profiles import add_role_to_instance_profile, create_instance_profile
from accounts.operations.roles import create_role
from accounts.operations.users import delete_user, update_user
from governance.deciding import standing
from governance.granting import exactly, grant, grant_document, policy_name
from governance.models import AccessRequest
from governance.operations.access_requests import (
    MOST_OPEN,
    AccessRequestClosed,
    OwnAccessRequest,
    create_access_request,
    decline_access_request,
    grant_access_request,
    list_access_requests,
    withdraw_access_request,
)
from operations.clock import now
from operations.errors import (
    AccessDenied,
    InvalidInput,
    LimitExceeded,
    NoSuchEntity,
    ValidationError,
)
from operations.gate import authorise_read
from operations.models import Event
from tests.governance.asking_for_access import GROUP, asked, denied, document, session_of

TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"}]}'


def user_of(caller):
    return User.objects.select_related("account", "boundary").prefetch_related("tags").get(pk=caller.user_id)


def test_who_may_do_nothing_asks_for_what_was_denied(nobody, last_event):
    request = asked(nobody, reason="  On\ncall ")
    assert (request.action, request.resource, request.state) == ("iam:GetGroup", GROUP, "open")
    assert (request.reason, request.duration_seconds, request.principal_name) == ("On call", 3600, "bob")
    event = last_event()
    assert event["eventName"] == "CreateAccessRequest"
    assert event["after"]["accessRequestId"] == request.request_id
    assert event["decision"]["matched"][0]["policy"] == "Console: own sessions and access requests"


def test_asking_twice_leads_to_the_open_request(nobody):
    first, again = asked(nobody), asked(nobody, reason="Still")
    assert first == again
    assert again.reason == "On call this week"
    withdraw_access_request(nobody, access_request_id=first.request_id)
    assert asked(nobody) != first


def test_nothing_else_than_an_own_denial_can_be_named(nobody, admin, make_user, caller_of, stranger):
    of_another = denied(caller_of(make_user("eve")))
    allowed = Event.objects.filter(error_code="").first()
    for event_id in (of_another, allowed.event_id if allowed else "", "00000000-0000-4000-8000-000000000000"):
        if event_id:
            with pytest.raises(NoSuchEntity, match="The denial with event id .* cannot be found"):
                create_access_request(nobody, event_id=event_id, reason="x")
    with pytest.raises(NoSuchEntity):
        create_access_request(stranger, event_id=of_another, reason="x")
    assert not AccessRequest.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"reason": ""}, ValidationError),
        ({"reason": "\u202e\n\t"}, InvalidInput),
        ({"reason": "x" * 501}, ValidationError),
        ({"duration_seconds": 60}, ValidationError),
        ({"duration_seconds": 7776001}, ValidationError),
    ],
)
def test_reason_and_duration_are_bounded(nobody, wrong, error):
    with pytest.raises(error):
        asked(nobody, **wrong)
    assert not AccessRequest.objects.exists()


def test_a_principal_has_so_many_open_requests(nobody):
    for number in range(MOST_OPEN):
        asked(nobody, f"group{number}")
    with pytest.raises(LimitExceeded, match="OpenAccessRequestsPerPrincipal: 20"):
        asked(nobody, "one-more")
    assert asked(nobody, "group3").action == "iam:GetGroup"  # the open one
    withdraw_access_request(nobody, access_request_id=asked(nobody, "group3").request_id)
    asked(nobody, "one-more")


def test_a_policy_may_forbid_to_ask(make_user, caller_of):
    caller = caller_of(make_user("eve", document("iam:CreateAccessRequest", effect="Deny")))
    with pytest.raises(AccessDenied, match="CreateAccessRequest"):
        asked(caller)


def test_root_and_strangers_to_the_account_have_none_of_their_own(root, nobody):
    with pytest.raises(ValidationError, match="Only IAM users and sessions of roles"):
        create_access_request(root, event_id=denied(nobody), reason="x")


def test_a_grant_allows_exactly_this_and_ends_by_itself(nobody, admin, caller_of):
    request, bob = asked(nobody), user_of(nobody)
    grant(admin, request, bob, now() + timedelta(hours=1), "For your shift")
    request.refresh_from_db()
    assert (request.state, request.policy_name, request.message) == ("granted", policy_name(request), "For your shift")
    fresh = caller_of(bob)
    assert fresh.may("iam:GetGroup", GROUP)
    assert not fresh.may("iam:GetGroup", f"{GROUP}s")
    assert not fresh.may("iam:GetUser", GROUP)
    later = {"aws:CurrentTime": (now() + timedelta(hours=2)).isoformat()}
    assert not fresh.may("iam:GetGroup", GROUP, later)
    assert standing(request, bob, None).is_allowed
    AccessRequest.objects.update(ends_at=now() - timedelta(seconds=1))
    request.refresh_from_db()
    assert request.status == "ended"


@pytest.mark.parametrize("resource", ["arn:aws:s3:::a/*", "arn:aws:s3:::a/?", "arn:aws:s3:::a/${aws:username}"])
def test_signs_in_a_resource_mean_themselves(nobody, admin, caller_of, resource):
    request, bob = asked(nobody), user_of(nobody)
    AccessRequest.objects.update(action="s3:GetObject", resource=resource)
    request.refresh_from_db()
    grant(admin, request, bob, None, "")
    fresh = caller_of(bob)
    assert fresh.may("s3:GetObject", resource)
    for other in ("arn:aws:s3:::a/b", "arn:aws:s3:::a/bob"):
        assert not fresh.may("s3:GetObject", other)
    assert exactly("s3:GetObject", "*") == "*"


def test_an_action_without_resources_is_granted_on_all(nobody, admin, caller_of):
    with pytest.raises(AccessDenied):
        authorise_read(nobody, "iam:ListUsers", "arn:aws:iam::123456789012:user/")
    made = create_access_request(nobody, event_id=Event.objects.latest("id").event_id, reason="x")["AccessRequest"]
    request, bob = AccessRequest.objects.get(request_id=made["AccessRequestId"]), user_of(nobody)
    assert standing(request, bob, None).helps
    grant(admin, request, bob, None, "")
    assert caller_of(bob).may("iam:ListUsers", "arn:aws:iam::123456789012:user/")


def test_a_grant_takes_the_rights_of_who_answers(nobody, make_user, caller_of):
    request, bob = asked(nobody), user_of(nobody)
    noting = caller_of(make_user("vera", document("iam:GrantAccessRequest")))
    with pytest.raises(AccessDenied, match="iam:PutUserPolicy"):
        grant(noting, request, bob, None, "")
    putting = caller_of(make_user("paul", document("iam:PutUserPolicy")))
    with pytest.raises(AccessDenied, match="iam:GrantAccessRequest"):
        grant(putting, request, bob, None, "")
    request.refresh_from_db()
    assert request.is_open
    assert not UserInlinePolicy.objects.filter(user=bob).exists()  # both or neither
    grant_access_request(noting, access_request_id=request.request_id)  # otherwise
    request.refresh_from_db()
    assert (request.state, request.policy_name, request.ends_at) == ("granted", "", None)


def test_an_answer_may_be_limited_to_some_requesters(nobody, make_user, caller_of):
    request = asked(nobody)
    for_others = caller_of(
        make_user("vera", document("iam:*AccessRequest", resource="arn:aws:iam::123456789012:user/dev/*"))
    )
    with pytest.raises(AccessDenied):
        decline_access_request(for_others, access_request_id=request.request_id, message="No")
    with pytest.raises(AccessDenied):  # authorisation comes before existence
        decline_access_request(for_others, access_request_id="AREQ00000000000000000", message="No")


def test_nobody_grants_their_own_request(make_user, caller_of, root):
    rights = document("iam:GrantAccessRequest", "iam:PutUserPolicy", "iam:DeclineAccessRequest")
    vera = make_user("vera", rights)
    request = asked(caller_of(vera))
    with pytest.raises(OwnAccessRequest, match="is your own"):
        grant(caller_of(vera), request, vera, None, "")
    request.refresh_from_db()
    assert request.is_open
    decline_access_request(caller_of(vera), access_request_id=request.request_id, message="Not needed")
    grant(root, asked(caller_of(vera)), user_of(caller_of(vera)), None, "")


def test_a_role_that_one_has_assumed_does_not_make_one_somebody_else(system, make_user, caller_of):
    vera = make_user("vera")
    create_role(system, role_name="Admin", assume_role_policy_document=TRUST)
    put_role_policy(system, role_name="Admin", policy_name="all", policy_document=document("*"))
    admin_role = Role.objects.get(name="Admin")
    request = asked(caller_of(vera))
    with pytest.raises(OwnAccessRequest):
        grant_access_request(session_of(admin_role, vera), access_request_id=request.request_id)
    other = make_user("olga")
    grant_access_request(session_of(admin_role, other), access_request_id=request.request_id)


def test_a_session_asks_for_its_role_where_a_policy_lets_it(system, make_user, caller_of, admin):
    vera = make_user("vera", document("iam:GrantAccessRequest"))
    create_role(system, role_name="Reader", assume_role_policy_document=TRUST)
    role = Role.objects.get(name="Reader")
    with pytest.raises(AccessDenied, match="CreateAccessRequest"):
        asked(session_of(role, vera))
    put_role_policy(
        system,
        role_name="Reader",
        policy_name="ask",
        policy_document=document("iam:*AccessRequest", "iam:ListAccessRequests"),
    )
    request = asked(session_of(role, vera))
    assert (request.principal_kind, request.principal_name, request.session_name) == ("role", "Reader", "work")
    assert request.person_id == vera.unique_id
    assert asked(session_of(role, make_user("olga"), "other")) == request  # the role has asked already
    with pytest.raises(OwnAccessRequest):  # in the role
        grant_access_request(session_of(role, vera), access_request_id=request.request_id)
    with pytest.raises(OwnAccessRequest):  # as the person behind it
        grant_access_request(caller_of(vera), access_request_id=request.request_id)
    grant(admin, request, role, None, "")
    assert session_of(role, vera).may("iam:GetGroup", GROUP)


def test_who_was_renamed_is_granted_under_the_new_name(nobody, admin, system, caller_of):
    request = asked(nobody)
    update_user(system, user_name="bob", new_user_name="robert")
    robert = User.objects.get(name="robert")
    grant(admin, request, robert, None, "")
    assert caller_of(robert).may("iam:GetGroup", GROUP)


def test_who_was_deleted_is_granted_nothing_and_neither_is_another_of_the_name(nobody, admin, system, make_user):
    request = asked(nobody)
    delete_user(system, user_name="bob")
    other = make_user("bob")
    with pytest.raises(NoSuchEntity, match="The user policy with name AccessRequest-"):
        grant(admin, request, other, None, "")
    assert not UserInlinePolicy.objects.filter(user=other).exists()
    decline_access_request(admin, access_request_id=request.request_id, message="Gone")


def test_a_closed_request_takes_no_answer(nobody, admin):
    request = asked(nobody)
    decline_access_request(admin, access_request_id=request.request_id, message="Ask your team")
    for answer in (
        lambda: decline_access_request(admin, access_request_id=request.request_id, message="No"),
        lambda: grant_access_request(admin, access_request_id=request.request_id),
        lambda: withdraw_access_request(nobody, access_request_id=request.request_id),
    ):
        with pytest.raises(AccessRequestClosed, match="it was declined"):
            answer()


def test_one_withdraws_one_s_own_alone(nobody, make_user, caller_of, stranger):
    request = asked(nobody)
    eve = caller_of(make_user("eve"))
    for other in (eve, stranger):
        with pytest.raises(NoSuchEntity, match="access request with id"):
            withdraw_access_request(other, access_request_id=request.request_id)
    with pytest.raises(NoSuchEntity):
        decline_access_request(stranger, access_request_id=request.request_id, message="x")
    withdraw_access_request(nobody, access_request_id=request.request_id)
    request.refresh_from_db()
    assert request.state == "withdrawn"


@pytest.mark.parametrize("end", [timedelta(0), timedelta(days=91)])
def test_the_end_of_a_grant_is_soon_and_to_come(nobody, admin, end):
    request = asked(nobody)
    given = {"access_request_id": request.request_id, "end_date": now() + end}
    with pytest.raises(InvalidInput, match="in the next 90 days"):
        grant_access_request(admin, policy_name="given", **given)
    with pytest.raises(InvalidInput, match="PolicyName is needed with EndDate"):
        grant_access_request(admin, **given)


def test_a_policy_that_is_not_there_granted_nothing(nobody, admin):
    request = asked(nobody)
    with pytest.raises(NoSuchEntity, match="The user policy with name none cannot be found"):
        grant_access_request(admin, access_request_id=request.request_id, policy_name="none")


def test_a_document_too_large_is_refused_in_aws_s_words(nobody, admin, system):
    put_user_policy(
        system,
        user_name="bob",
        policy_name="big",
        policy_document=document("s3:GetObject", resource="arn:aws:s3:::" + "a" * 1900),
    )
    with pytest.raises(LimitExceeded, match="Maximum policy size of 2048 bytes exceeded for user bob"):
        grant(admin, asked(nobody), user_of(nobody), None, "")


def test_each_lists_its_own_and_some_list_all(nobody, admin, make_user, caller_of):
    asked(nobody)
    eve = caller_of(make_user("eve"))
    asked(eve)
    assert len(list_access_requests(eve, own_only=True)["AccessRequests"]) == 1
    with pytest.raises(AccessDenied):
        list_access_requests(eve)
    found = list_access_requests(admin, max_items=1)
    assert found["IsTruncated"]
    rest = list_access_requests(admin, marker=found["Marker"], state="Open")
    assert [row["PrincipalArn"].rpartition("/")[2] for row in rest["AccessRequests"]] == ["eve"]


def test_what_else_refuses_is_found(nobody, admin, system, make_user, caller_of):
    bob = user_of(nobody)
    request = asked(nobody)
    assert standing(request, bob, None).helps
    put_user_policy(system, user_name="bob", policy_name="no", policy_document=document("iam:GetGroup", effect="Deny"))
    assert not standing(request, bob, None).helps
    AccessRequest.objects.update(layers=["session"])
    request.refresh_from_db()
    UserInlinePolicy.objects.all().delete()
    assert not standing(request, bob, None).helps


def test_the_document_has_the_id_and_the_end(nobody):
    request = asked(nobody)
    end = now() + timedelta(hours=1)
    assert request.request_id in grant_document(request, end)
    assert "DateLessThan" in grant_document(request, end)
    assert "Condition" not in grant_document(request, None)


def test_the_requester_is_told_by_mail(nobody, admin, mailoutbox, django_capture_on_commit_callbacks):
    User.objects.filter(name="bob").update(email="bob@example.com")
    with django_capture_on_commit_callbacks(execute=True):
        decline_access_request(admin, access_request_id=asked(nobody).request_id, message="Ask <b>ops</b> & co")
    assert "declined" in mailoutbox[0].subject
    assert "Ask <b>ops</b> & co" in mailoutbox[0].body


def test_what_an_operation_asks_for_besides_its_own_action_is_what_was_denied(make_user, caller_of, system, last_event):
    create_role(system, role_name="Worker", assume_role_policy_document=TRUST)
    role = Role.objects.get(name="Worker")
    create_instance_profile(system, instance_profile_name="Web")
    adder = caller_of(make_user("adder", document("iam:AddRoleToInstanceProfile")))
    with pytest.raises(AccessDenied):
        add_role_to_instance_profile(adder, instance_profile_name="Web", role_name="Worker")
    create_access_request(adder, event_id=last_event()["eventID"], reason="Deploying")
    request = AccessRequest.objects.get()
    assert (request.action, request.resource) == ("iam:PassRole", role.arn)
    granted = json.loads(grant_document(request, None))["Statement"][0]
    assert (granted["Action"], granted["Resource"]) == ("iam:PassRole", role.arn)
