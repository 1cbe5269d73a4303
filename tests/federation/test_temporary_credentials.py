"""The temporary credentials of a user: listed and ended one by one, by the user itself and by administrators, in the API and on the pages."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from federation.models import IssuedSession
from operations.clock import now
from operations.errors import AccessDenied, NoSuchEntity
from operations.gate import REGISTRY
from operations.models import Event
from tests.federation.conftest import allow
from tests.federation.test_assume_role import assume, refused
from tests.signing_in import sign_in

LIST, REVOKE = "iam:ListTemporaryCredentials", "iam:RevokeTemporaryCredentials"


@pytest.fixture
def bob(make_user):
    return make_user("bob", allow("sts:*"))


@pytest.fixture
def given(bob, sdk, key_of):
    """Credentials of both kinds."""
    client = sdk("sts", key_of(bob))
    return client.get_session_token()["Credentials"], client.get_federation_token(Name="partner")["Credentials"]


def keys_in(answer):
    return [row["AccessKeyId"] for row in answer["TemporaryCredentials"]]


def test_a_user_lists_and_ends_its_own(account, bob, given, caller_of, sdk, last_event):
    own, partner = given
    caller = caller_of(bob)
    listed = REGISTRY[LIST](caller)
    assert keys_in(listed) == [own["AccessKeyId"], partner["AccessKeyId"]]
    first, second = listed["TemporaryCredentials"]
    assert (first["IssuedBy"], second["IssuedBy"]) == ("GetSessionToken", "GetFederationToken")
    assert (first.get("FederatedUserName"), second["FederatedUserName"]) == (None, "partner")
    assert sdk("sts", own).get_caller_identity()
    assert REGISTRY[REVOKE](caller, access_key_id=own["AccessKeyId"]) == {}
    record = last_event()
    assert (record["eventName"], record["after"]["accessKeyId"]) == ("RevokeTemporaryCredentials", own["AccessKeyId"])
    assert refused(sdk("sts", own).get_caller_identity)[0] == "InvalidClientTokenId"
    assert last_event()["additionalEventData"]["reason"] == "The session was revoked."
    assert sdk("sts", partner).get_caller_identity()
    assert REGISTRY[LIST](caller)["TemporaryCredentials"][0]["RevokedDate"]
    page = REGISTRY[LIST](caller, max_items=1)
    assert page["IsTruncated"]
    assert keys_in(REGISTRY[LIST](caller, marker=page["Marker"])) == [partner["AccessKeyId"]]
    with time_machine.travel(now() + timedelta(hours=13)):
        assert keys_in(REGISTRY[LIST](caller)) == []


def test_who_may_do_so_with_those_of_others(account, bob, given, admin, stranger, make_user, caller_of):
    key = given[0]["AccessKeyId"]
    assert len(keys_in(REGISTRY[LIST](admin, user_name="bob"))) == 2
    carol = caller_of(make_user("carol"))
    for call in (lambda c: REGISTRY[LIST](c, user_name="bob"), lambda c: revoke(c, key)):
        with pytest.raises(AccessDenied):
            call(carol)
        with pytest.raises(NoSuchEntity):
            call(stranger)
    with pytest.raises(NoSuchEntity):
        REGISTRY[REVOKE](carol, access_key_id=key)
    assert not IssuedSession.objects.exclude(revoked_at=None).exists()
    revoke(admin, key)
    assert IssuedSession.objects.get(key_id=key).revoked_at


def revoke(caller, key):
    return REGISTRY[REVOKE](caller, user_name="bob", access_key_id=key)


def test_a_roles_session_is_none_of_the_users(account, sts, make_role, admin_user, caller_of):
    make_role("worker")
    key = assume(sts)["Credentials"]["AccessKeyId"]
    caller = caller_of(admin_user)
    assert keys_in(REGISTRY[LIST](caller)) == []
    with pytest.raises(NoSuchEntity):
        REGISTRY[REVOKE](caller, access_key_id=key)


def test_on_the_page_of_ones_own(account, bob, given, client):
    sign_in(client, bob)
    page = client.get(reverse("accounts:security-credentials")).content.decode()
    assert all(text in page for text in (given[0]["AccessKeyId"], given[1]["AccessKeyId"], "for partner"))
    answer = client.post(
        reverse("federation:revoke-own-temporary-credentials"), {"key_id": given[0]["AccessKeyId"]}, follow=True
    )
    assert "The temporary credentials are revoked." in answer.content.decode()
    assert IssuedSession.objects.get(key_id=given[0]["AccessKeyId"]).revoked_at
    assert answer.redirect_chain[-1][0] == reverse("accounts:security-credentials")


def test_on_the_page_of_another_user(account, bob, given, client, admin_user, make_user):
    sign_in(client, admin_user)
    url = reverse("accounts:user-security-credentials", args=["bob"])
    assert given[1]["AccessKeyId"] in client.get(url).content.decode()
    client.post(reverse("federation:revoke-temporary-credentials", args=["bob"]), {"key_id": given[1]["AccessKeyId"]})
    assert IssuedSession.objects.get(key_id=given[1]["AccessKeyId"]).revoked_at
    assert (
        json.loads(Event.objects.filter(name="RevokeTemporaryCredentials").latest("id").record)["userIdentity"][
            "userName"
        ]
        == "alice"
    )
    sign_in(client, make_user("reader", allow("iam:GetUser")))
    page = client.get(url).content.decode()
    assert given[0]["AccessKeyId"] not in page
    assert "Revoke" not in page
