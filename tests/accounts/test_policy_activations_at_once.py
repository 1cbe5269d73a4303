"""A scheduled activation that several processes find due at the same moment, or that is cancelled at that moment."""

from datetime import timedelta

from access.callers import Connection, user_caller
from accounts.models import User
from operations.caller import command_caller
from operations.clock import now
from operations.models import Event
from policies.activating import carry_out
from policies.models import ManagedPolicy, PolicyActivation
from policies.operations.managed_policies import create_policy
from policies.operations.policy_activations import cancel_policy_activation, schedule_policy_activation
from policies.operations.policy_versions import create_policy_version

SYSTEM = command_caller("123456789012")
DOCUMENT = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:%s","Resource":"*"}]}'


def due():
    arn = create_policy(SYSTEM, policy_name="reading", policy_document=DOCUMENT % "Get*")["Policy"]["Arn"]
    create_policy_version(SYSTEM, policy_arn=arn, policy_document=DOCUMENT % "List*")
    root = user_caller(User.everyone.get(is_root=True), Connection(), now())
    moment = now() + timedelta(hours=1)
    schedule_policy_activation(root, policy_arn=arn, version_id="v2", activation_date=moment)
    PolicyActivation.objects.update(due_at=now())
    return arn


def test_it_is_carried_out_once(at_once, account):
    due()
    assert sorted(at_once(*[carry_out] * 4)) == [0, 0, 0, 1]
    assert ManagedPolicy.objects.get(name="reading").default_version == 2
    assert Event.objects.filter(name="SetDefaultPolicyVersion", error_code="").count() == 1


def test_it_is_cancelled_or_carried_out(at_once, account):
    arn = due()
    done, cancelled = at_once(carry_out, lambda: cancel_policy_activation(SYSTEM, policy_arn=arn))
    assert (done == 1) == isinstance(cancelled, Exception)
    assert ManagedPolicy.objects.get(name="reading").default_version == 1 + done
    assert not PolicyActivation.objects.exists()
