"""What the tests of switching roles have in common: switching, and what is seen of it."""

import json
import re

from accounts.trust_documents import revoking
from federation.revocation import REVOKE_OLDER_SESSIONS
from operations.clock import now
from operations.gate import REGISTRY
from operations.models import Event

HOME, ABROAD = "123456789012", "210987654321"
SWITCH, BACK = "/switch-role/", "/switch-role/back/"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


def events(name, account=HOME):
    return [json.loads(row.record) for row in Event.objects.filter(name=name, account_id=account).order_by("id")]


def revoke_older_sessions(caller, name):
    moment = now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    REGISTRY["iam:PutRolePolicy"](
        caller, role_name=name, policy_name=REVOKE_OLDER_SESSIONS, policy_document=revoking(moment)
    )


def switch(client, role="Reader", account=HOME, **fields):
    return client.post(SWITCH, {"account": account, "role_name": role, **fields})


def is_acting(client):
    return "role-banner" in text(client.get(SWITCH))
