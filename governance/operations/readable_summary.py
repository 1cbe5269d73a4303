"""GetHumanReadableSummary: what a managed policy allows and denies, in sentences (IAM API Reference).

AWS summarises delegation requests alone, of which there are none here; in their place this console summarises managed policies.
"""

from collections.abc import Iterable

from django.db.models import F

from engine.summary import ServiceSummary, summarise
from governance import subjects
from operations.errors import InvalidInput, NoSuchEntity
from operations.gate import Call, Result, Target, operation
from policies.documents import read_document
from policies.models import ManagedPolicy, PolicyVersion

LOCALE = "en"
LONGEST = 10_000


def subject(call: Call) -> Target:
    """The entity that `entity_arn` names."""
    return subjects.target(call.account_id, call.params["entity_arn"], call.operation.action)


@operation("iam:GetHumanReadableSummary", on=subject)
def get_human_readable_summary(call: Call, *, entity_arn: str, locale: str = LOCALE) -> Result:
    """A managed policy's version in force, in English sentences; other entities than it and delegation requests have no summary.

    Whoever reads it needs `iam:GetPolicyVersion` too, since it tells what the document says. Raises NoSuchEntity, InvalidInput.
    """
    kind = subjects.kind_of(entity_arn)
    if kind == "delegation-request":
        raise NoSuchEntity(f"ARN {entity_arn} cannot be found.")
    if kind != "policy":
        raise InvalidInput(f"ARN {entity_arn} is not valid.")
    entity = subjects.require(call.entity, entity_arn)
    assert isinstance(entity, ManagedPolicy)  # noqa: S101 - what is found by the ARN of a policy is one
    call.authorise("iam:GetPolicyVersion", call.targets[0])
    version = PolicyVersion.objects.get(policy=entity, number=F("policy__default_version"))
    summary = summarise(read_document(version.document))
    if not summary.supported:
        return {"Locale": LOCALE, "SummaryState": "NOT_AVAILABLE"}
    lines = [*_sentences("Allows", summary.allow), *_sentences("Denies", summary.deny)]
    return {"SummaryContent": "\n".join(lines)[:LONGEST], "Locale": LOCALE, "SummaryState": "AVAILABLE"}


def _sentences(verb: str, services: Iterable[ServiceSummary]) -> Iterable[str]:
    for service in services:
        condition = "" if service.condition == "None" else f", if {service.condition}"
        yield f"{verb} {service.name}: {service.access} on {service.resource}{condition}."
