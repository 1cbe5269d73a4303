"""A small account with one of everything, and the address of every page of the console in it.

Tests walk over these addresses; a page that is added is walked over without being named here, unless its address needs something new.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from access.callers import Connection, user_caller
from accounts.models import Account, MfaDevice, User
from accounts.operations.access_keys import create_access_key
from accounts.operations.attachments import attach_group_policy, attach_role_policy, attach_user_policy
from accounts.operations.groups import create_group, get_group
from accounts.operations.inline_policies import put_group_policy, put_role_policy, put_user_policy
from accounts.operations.membership_rules import put_membership_rule
from accounts.operations.memberships import add_user_to_group
from accounts.operations.roles import create_role
from accounts.operations.service_specific_credentials import create_service_specific_credential
from accounts.operations.shared_filters import put_shared_filter
from accounts.operations.signing_certificates import upload_signing_certificate
from accounts.operations.ssh_public_keys import upload_ssh_public_key
from accounts.operations.users import create_user
from governance.operations.access_requests import create_access_request
from operations.caller import Caller
from operations.clock import now
from operations.errors import AccessDenied
from operations.models import Event
from policies.operations.managed_policies import create_policy
from policies.operations.policy_activations import schedule_policy_activation
from policies.operations.policy_comments import put_policy_comment
from policies.operations.policy_proposals import propose_policy_version
from policies.operations.policy_tests import put_policy_test
from policies.operations.policy_trials import start_policy_trial
from policies.operations.policy_versions import create_policy_version, delete_policy_version
from tests.signed_by_itself import certificate

READ = '{"Version":"2012-10-17","Statement":[{"Sid":"Read","Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}'
WRITE = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:GetGroup","s3:Get*","s3:Put*"],"Resource":"*"}]}'
TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"%s"},"Action":"sts:AssumeRole"}]}'
SSH_KEY = (
    "ssh-rsa "
    "AAAAB3NzaC1yc2EAAAADAQABAAABAQCfOd0pjuIVK2PXWbWJg1T/2d8TLuKAjTL5af0AOp35UePXnx+w9W1hKDfs6bo0BVujtR8qdKGcf3noPp"
    "qpHbgJK0zpWTGh1TSs2Ce1YyZ7hWa8TKbCaZV9IN+4zeITrGf5m/oYpe3foFTJVgpH5T8d/RmfC/RxBIrl2wPBuLuG92JJnoyv0mGX3WPjOFXv"
    "sLzLZEy+DSEwChaCOmCuzJfJio+ccyAiXSixzpEfwTNjZJ9ns36K2w83641tw4gi0C9cn4cCVuW4+pFcfkxMLYdIBwJ32adDSvDcki8y1MnE5s"
    "zjX7/3lZW0C5SKFnU2um5Es7eNOhVsLSOWc75kQVZp"
    " dora@laptop"
)
# Addresses that are no pages: they act, answer a part of a page, or belong to a moment (a half-done sign-in, a link sent by mail).
NO_PAGES = {
    "healthz", "readyz", "accounts:sign-out", "accounts:set-password", "accounts:sign-in-factor", "accounts:sign-in-passkey",
    "pages:list-preferences", "pages:saved-filters", "accounts:import-progress", "federation:None", "federation:switch-back",
}  # fmt: skip


@dataclass(frozen=True)
class Populated:
    """What was made, by the names that addresses have for it."""

    values: dict[str, str] = field(default_factory=dict)
    event_id: str = ""
    denied_event_id: str = ""

    def names(self) -> set[str]:
        """Every text that is somebody's data and no text of the console."""
        return set(self.values.values())


def populate(account: Account, admin: Caller, nobody: Caller) -> Populated:
    """One user with everything a user can have, one group, one role, one policy with two versions, a shared filter, an allowed and a denied
    Event, and a call that the policy's first version would not have allowed."""
    tags = [{"Key": "team", "Value": "blue"}]
    create_user(admin, user_name="dora", path="/ops/", tags=tags)
    create_group(admin, group_name="builders")
    add_user_to_group(admin, group_name="builders", user_name="dora")
    create_role(
        admin, role_name="deploy", assume_role_policy_document=TRUST % f"arn:aws:iam::{account.pk}:root", tags=tags
    )
    arn = create_policy(admin, policy_name="reading", policy_document=READ, tags=tags)["Policy"]["Arn"]
    create_policy_version(admin, policy_arn=arn, policy_document=WRITE, set_as_default=True)
    put_policy_test(
        admin, policy_arn=arn, test_name="logs-read", action_name="s3:GetObject", resource_arn="arn:aws:s3:::logs/x",
        context={"aws:SourceIp": ["192.0.2.7"]}, expected_decision="allowed",
    )  # fmt: skip
    create_policy_version(admin, policy_arn=arn, policy_document=READ.replace("Get", "Head"))
    delete_policy_version(admin, policy_arn=arn, version_id="v3")
    start_policy_trial(admin, policy_arn=arn, version_id="v1")
    schedule_policy_activation(admin, policy_arn=arn, version_id="v1", activation_date=now() + timedelta(days=30))
    proposal = propose_policy_version(admin, policy_arn=arn, policy_document=READ.replace("Get", "List"))
    said = put_policy_comment(admin, policy_arn=arn, text="ask-the-team-first")["PolicyComment"]["CommentId"]
    attach_user_policy(admin, user_name="dora", policy_arn=arn)
    attach_group_policy(admin, group_name="builders", policy_arn=arn)
    put_membership_rule(admin, group_name="builders", path_prefix="/ops/")
    attach_role_policy(admin, role_name="deploy", policy_arn=arn)
    put_user_policy(admin, user_name="dora", policy_name="own", policy_document=READ)
    put_group_policy(admin, group_name="builders", policy_name="own", policy_document=READ)
    put_role_policy(admin, role_name="deploy", policy_name="own", policy_document=READ)
    key = create_access_key(admin, user_name="dora")["AccessKey"]["AccessKeyId"]
    own_key = create_access_key(admin)["AccessKey"]["AccessKeyId"]
    ssh_keys = [
        upload_ssh_public_key(admin, user_name=name, ssh_public_key_body=SSH_KEY)["SSHPublicKey"]["SSHPublicKeyId"]
        for name in ("dora", str(admin.user_name))
    ]
    for name in ("dora", admin.user_name):
        user = User.objects.get(account=account, name=name)
        serial = f"arn:aws:iam::{account.pk}:mfa/{name}-phone"
        MfaDevice.objects.create(
            account=account,
            user=user,
            name=f"{name}-phone",
            serial_number=serial,
            seed="A" * 32,
            enabled_at=user.created_at,
        )
        User.objects.filter(pk=user.pk).update(mfa_device_count=1)
    get_group(user_caller(User.objects.get(name="dora"), Connection(), now()), group_name="builders")
    put_shared_filter(admin, list_name="users", filter_name="without-device", query="f=mfa:eq:none")
    with suppress(AccessDenied):
        create_user(nobody, user_name="eve")
    device = {name: str(MfaDevice.objects.get(user__name=name).pk) for name in ("dora", admin.user_name)}
    services = [
        create_service_specific_credential(admin, user_name=name, service_name="codecommit.amazonaws.com")[
            "ServiceSpecificCredential"
        ]["ServiceSpecificCredentialId"]
        for name in ("dora", str(admin.user_name))
    ]
    certificates = [
        upload_signing_certificate(admin, user_name=name, certificate_body=certificate(name))["Certificate"][
            "CertificateId"
        ]
        for name in ("dora", str(admin.user_name))
    ]
    values = {
        "user": "dora", "group": "builders", "role": "deploy", "arn": arn, "policy_name": "own", "key": key,
        "own_key": own_key, "ssh_key": ssh_keys[0], "own_ssh_key": ssh_keys[1],
        "service": services[0], "own_service": services[1],
        "certificate": certificates[0], "own_certificate": certificates[1], "device": device["dora"], "own_device": device[str(admin.user_name)], "account": account.pk, "filter": "without-device", "test": "logs-read",
        "said": "ask-the-team-first", "comment": said, "proposal_id": proposal["PolicyProposal"]["ProposalId"],
    }  # fmt: skip
    attached = Event.objects.filter(error_code="", name__startswith="Attach")
    values |= {
        f"{each}_event": attached.get(name=f"Attach{each.title()}Policy").event_id for each in ("user", "group", "role")
    }
    denied = Event.objects.filter(error_code="AccessDenied").latest("id").event_id
    asked = create_access_request(nobody, event_id=denied, reason="To help out")["AccessRequest"]
    values["request_id"] = asked["AccessRequestId"]
    return Populated(values, Event.objects.filter(name="CreateUser", error_code="").latest("id").event_id, denied)


def addresses(made: Populated) -> dict[str, str]:
    """The address of every page by its name. Raises LookupError for a page whose address needs something unknown."""
    found = {}
    for name, pattern in _patterns(get_resolver(), ""):
        if name in NO_PAGES or ":design" in name:
            continue
        values = {key: _value(name, key, made) for key in pattern.pattern.converters}
        try:
            found[name] = reverse(name, kwargs=values)
        except NoReverseMatch as error:
            raise LookupError(f"tests/every_page.py does not know how to reach {name}: {error}") from error
    return found


def _value(page: str, key: str, made: Populated) -> str:
    noun = page.partition(":")[2].partition("-")[0]
    own = "user" not in noun
    special = {
        "name": made.values.get(noun, ""),
        "user_name": made.values["user"],
        "role_name": made.values["role"],
        "group_name": made.values["group"],
        "topic": "users",
        "key_id": made.values["own_key" if own else "key"],
        "ssh_public_key_id": made.values["own_ssh_key" if own else "ssh_key"],
        "service_specific_credential_id": made.values["own_service" if own else "service"],
        "certificate_id": made.values["own_certificate" if own else "certificate"],
        "pk": made.values["own_device" if own else "device"],
        "event_id": made.denied_event_id if page.startswith(("access:", "governance:")) else made.event_id,
    }
    if page.endswith("-restore"):
        special["event_id"] = made.values[f"{noun}_event"]
    if key not in special and key not in made.values:
        raise LookupError(f"tests/every_page.py does not know what {key} of {page} is")
    return special.get(key) or made.values[key]


def _patterns(resolver: URLResolver, namespace: str) -> Iterator[tuple[str, URLPattern]]:
    for found in resolver.url_patterns:
        if isinstance(found, URLPattern):
            yield f"{namespace}:{found.name}" if namespace else str(found.name), found
        else:
            yield from _patterns(found, found.namespace or namespace)


def pages(client: Any, made: Populated) -> Iterator[tuple[str, str, str]]:
    """Name, address and html of each page that a client may read; addresses that only act or lead elsewhere are left out."""
    for name, address in addresses(made).items():
        response = client.get(address)
        if response.status_code == 405 or 300 <= response.status_code < 400:
            continue
        kind = response.headers.get("Content-Type", "")
        if not kind.startswith("text/html") or response.streaming:
            continue
        html = response.content.decode()
        if response.status_code == 200 and "<html" in html:
            yield name, address, html
