"""The IAM policy language: read, decide, explain and check. Pure Python, no Django, no clock, no network.

>>> from engine import Policies, NamedPolicy, Policy, Principal, Request, evaluate
>>> policy = Policy.parse('{"Version": "2012-10-17", "Statement": '
...                       '{"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::reports/*"}}')
>>> policies = Policies(identity=[NamedPolicy("ReadReports", policy, "user-managed")])
>>> alice = Principal.from_arn("arn:aws:iam::123456789012:user/alice")
>>> evaluate(Request(alice, "s3:GetObject", "arn:aws:s3:::reports/2026.csv"), policies).outcome
'allowed'
"""

from engine.compiled import context_keys
from engine.decision import Decision
from engine.document import Condition, Policy, Principals, Statement
from engine.evaluate import evaluate
from engine.explain import Match
from engine.json_tree import PolicySyntaxError, Span
from engine.messages import denial_message, resource_named
from engine.policies import NOT_CONSIDERED, NamedPolicy, Policies
from engine.request import Principal, Request
from engine.throughout import allowed_throughout
from engine.trace import Trace

__all__ = [
    "NOT_CONSIDERED",
    "Condition",
    "Decision",
    "Match",
    "NamedPolicy",
    "Policies",
    "Policy",
    "PolicySyntaxError",
    "Principal",
    "Principals",
    "Request",
    "Span",
    "Statement",
    "Trace",
    "allowed_throughout",
    "context_keys",
    "denial_message",
    "evaluate",
    "resource_named",
]
