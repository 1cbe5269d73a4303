"""Short ways to ask the simulator's operations."""

import json

from access.operations.simulate import simulate_custom_policy, simulate_principal_policy

DORA = "arn:aws:iam::123456789012:user/dora"
OBJECT = "arn:aws:s3:::reports/2026.csv"
FOREIGN = "arn:aws:sqs:us-east-1:999999999999:queue"


def document(action="s3:GetObject", resource="*", effect="Allow", **more):
    statement = {"Effect": effect, "Action": action, "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def custom(caller, *policies, action="s3:GetObject", **given):
    answer = simulate_custom_policy(caller, policy_input_list=list(policies), action_names=[action], **given)
    return answer["EvaluationResults"][0]


def principal(caller, action="s3:GetObject", arn=DORA, **given):
    answer = simulate_principal_policy(caller, policy_source_arn=arn, action_names=[action], **given)
    return answer["EvaluationResults"][0]


def entry(name, kind, *values):
    return {"ContextKeyName": name, "ContextKeyType": kind, "ContextKeyValues": list(values)}
