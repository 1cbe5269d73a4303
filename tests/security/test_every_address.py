"""Every address of the console, asked for by nobody, by an administrator of another account and by a user without policies.

The addresses come from the URL resolver, so a new page is tested on the day it is written. What is asked about are entities of an
account with words in them that stand nowhere else: whatever answer holds one of these words has shown something.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import (
    AccessKey,
    Group,
    MfaDevice,
    Role,
    RoleInlinePolicy,
    ServiceSpecificCredential,
    SigningCertificate,
    SshPublicKey,
    User,
    UserInlinePolicy,
    UserTag,
)
from governance.models import AccessRequest
from operations.models import Event
from tests.conftest import ACCOUNT
from tests.signed_by_itself import certificate
from tests.signing_in import sign_in

# Words that only the account's own data hold; none of them is part of an address.
WORDS = ("quokka", "numbat", "bilby", "AIDAZZZZZZZZZZZZZZZZ", "AROAZZZZZZZZZZZZZZZZ", "wombat")
POLICY = f"arn:aws:iam::{ACCOUNT}:policy/Ledgers"
ALLOWED = '{"Version":"2012-10-17","Statement":[{"Sid":"quokka","Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Sid":"numbat","Effect":"Allow","Principal":{"AWS":"123456789012"},'
    '"Action":"sts:AssumeRole"}]}'
)
REFUSED = {302, 400, 403, 404, 405}
# Where everybody who is signed in may be: one's own credentials, preferences and work under way, and tools that work on what the reader types.
OWN = {
    "pages:help",  # the same text for everybody
    "access:simulator-actions",
    "access:simulator-principals",
    "accounts:add-mfa-device",
    "accounts:add-passkey",
    "accounts:change-password",
    "accounts:contain",
    "accounts:create-access-key",
    "accounts:access-key-secret",
    "accounts:group-create",
    "accounts:import-progress",
    "accounts:recovery-codes",
    "accounts:security-credentials",
    "accounts:service-credential-secret",
    "accounts:sessions",
    "federation:switch-role",
    "pages:preferences",
    "pages:list-preferences",
    "pages:saved-filters",
    "pages:search",
    "policies:actions",
    "policies:check",
    "policies:complete",
    "policies:editor",
    "policies:format",
    "governance:dashboard",
    "governance:my-requests",
}
PUBLIC = {
    "accounts:session-end",  # how long the browser's own session lasts, if it has one
    "federation:role-end",  # and a role's in it
    "accounts:set-password",
    "accounts:sign-in",
    "accounts:sign-in-account",
    "accounts:sign-in-factor",
    "accounts:sign-in-passkey",
    "accounts:sign-in-root",
    "healthz",
    "readyz",
}


def patterns(found: Any = None, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in (found or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry, f"{entry.namespace}:" if entry.namespace else space)
        else:
            yield f"{space}{entry.name}" if entry.name else "", entry


NAMES = sorted({name for name, _ in patterns() if name})


@pytest.fixture
def given(admin) -> dict[str, Any]:
    """Things of the account with an argument for each kind of address; whatever is told about them holds one of the words."""
    from accounts.operations.users import list_users
    from policies.operations.managed_policies import create_policy
    from policies.operations.policy_proposals import propose_policy_version

    victim = User.objects.create(
        account_id=ACCOUNT, name="victim", name_key="victim", unique_id="AIDAZZZZZZZZZZZZZZZZ", email="quokka@example.com",
        path="/people/", console_access=True,
    )  # fmt: skip
    UserTag.objects.create(user=victim, key="numbat", key_folded="numbat", value="bilby")
    UserInlinePolicy.objects.create(user=victim, name="notes", name_key="notes", document=ALLOWED)
    key = AccessKey.objects.create(user=victim, key_id="AKIAVICTIM0000000001", secret="s" * 40, description="wombat")
    ssh_key = SshPublicKey.objects.create(user=victim, key_id="APKAVICTIM0000000001", fingerprint="quokka")
    service = ServiceSpecificCredential.objects.create(
        user=victim,
        credential_id="ACCAVICTIM0000000001",
        service="codecommit.amazonaws.com",
        service_user_name="numbat",
    )
    signing = SigningCertificate.objects.create(
        user=victim, certificate_id="ASCAVICTIM0000000001", body=certificate("bilby"), fingerprint="wombat"
    )
    device = MfaDevice.objects.create(
        account_id=ACCOUNT, user=victim, name="bilby", serial_number=f"arn:aws:iam::{ACCOUNT}:mfa/bilby", seed="A" * 32
    )
    Group.objects.create(
        account_id=ACCOUNT, name="ledger", name_key="ledger", path="/teams/", unique_id="AGPAVICTIM0000000001"
    )
    role = Role.objects.create(
        account_id=ACCOUNT, name="deploy", name_key="deploy", path="/machines/", unique_id="AROAZZZZZZZZZZZZZZZZ",
        trust_policy=TRUST, description="quokka",
    )  # fmt: skip
    RoleInlinePolicy.objects.create(role=role, name="notes", name_key="notes", document=ALLOWED)
    create_policy(admin, policy_name="Ledgers", policy_document=ALLOWED, description="wombat")
    changed = propose_policy_version(
        replace(admin, reason="quokka"), policy_arn=POLICY, policy_document=ALLOWED.replace("Allow", "Deny")
    )
    list_users(admin)
    event = Event.objects.filter(account_id=ACCOUNT).latest("id")
    request = AccessRequest.objects.create(
        account_id=ACCOUNT, principal_kind="user", principal_id=victim.unique_id, principal_arn=victim.arn, principal_name="victim",
        principal_name_key="victim", asked_by=victim.arn, event_id=event.event_id, action="iam:GetGroup", resource="*", reason="quokka",
        message="numbat",
    )  # fmt: skip
    return {
        "request_id": request.request_id,
        "account": "123456789012",
        "arn": POLICY,
        "event_id": event.event_id,
        "key": "users",
        "key_id": key.key_id,
        "pk": device.pk,
        "policy_name": "notes",
        "proposal_id": changed["PolicyProposal"]["ProposalId"],
        "role_name": "deploy",
        "service_specific_credential_id": service.credential_id,
        "certificate_id": signing.certificate_id,
        "ssh_public_key_id": ssh_key.key_id,
        "token": "no-such-token",
        "topic": "users",
        "user_name": "victim",
    }


def address(name: str, given: dict[str, Any]) -> str:
    """An address of that name; every argument has to be known here, so that a new kind is not passed over."""
    pattern = next(pattern for found, pattern in patterns() if found == name)
    needed = pattern.pattern.converters.keys() - (pattern.default_args or {}).keys()
    names = {"user": "victim", "group": "ledger", "role": "deploy"}
    named = names.get(name.partition(":")[2].partition("-")[0], "victim")
    return reverse(name, kwargs={each: named if each == "name" else given[each] for each in needed})


READING = {
    "principal": "victim",
    "action": "s3:GetObject",
    "copy": POLICY,
    "as": "json",
    "format": "json",
    "q": "victim",
}
SENT = {
    "action": "invite", "all": "1", "confirmation": "victim", "copy_from": "victim", "go": "1", "group_name": "ledger", "path": "/",
    "policy_arn": POLICY, "policy_name": "notes", "principal": "victim", "reason": "because", "review": "1", "select": "1",
    "session": "all", "user_name": "victim", "user_names": "newcomer",
}  # fmt: skip
REQUESTS = {
    "GET": ("get", {}),
    "GET with a query": ("get", READING),
    "export": ("get", {"export": "csv"}),
    "POST": ("post", {}),
    "POST with fields": ("post", SENT),
}


def answers(name: str, given: dict[str, Any], user: User | None = None) -> Iterator[tuple[str, Any]]:
    """By GET and by POST, each with more or less that could be read; each in a session of its own, as some end the session."""
    for how, (method, data) in REQUESTS.items():
        client = Client(raise_request_exception=False)
        if user is not None:
            sign_in(client, user)
        yield how, getattr(client, method)(address(name, given), data)


def text_of(response: Any) -> str:
    return (b"".join(response.streaming_content) if response.streaming else response.content).decode("utf-8", "replace")


def shown(text: str) -> list[str]:
    return [word for word in WORDS if word in text]


def changes() -> list[str]:
    rows = Event.objects.filter(account_id=ACCOUNT, read_only=False, error_code="")
    return list(rows.values_list("name", flat=True))


@pytest.mark.parametrize("name", NAMES)
def test_nobody_is_sent_to_the_sign_in(name, given):
    before = changes()
    for how, response in answers(name, given):
        if name in PUBLIC:
            assert response.status_code in {200, 302, 403, 404}, how
        elif name == "governance:dashboard" and how.startswith("POST"):
            assert response["Content-Type"] == "text/xml"  # a POST to the root is the API's
            assert response.status_code in {400, 403}, how
        else:
            assert response.status_code == 302, (how, response.status_code)
            assert response["Location"].startswith("/sign-in/"), how
        assert not shown(text_of(response)), how
    assert changes() == before


@pytest.mark.parametrize("name", NAMES)
def test_an_administrator_of_another_account_sees_and_changes_nothing(name, given, stranger):
    before = changes()
    for how, response in answers(name, given, User.objects.get(pk=stranger.user_id)):
        assert response.status_code < 500, how
        assert not shown(text_of(response)), how
    assert changes() == before


@pytest.mark.parametrize("name", NAMES)
def test_a_user_without_policies_sees_and_changes_nothing(name, given, nobody):
    before = changes()
    for how, response in answers(name, given, User.objects.get(pk=nobody.user_id)):
        text = text_of(response)
        assert response.status_code < 500, how
        assert not shown(text), how
        if name not in OWN | PUBLIC:
            assert response.status_code in REFUSED, (how, response.status_code)
    assert set(changes()[len(before) :]) <= {"EndConsoleSessions"}
