"""GetContextKeysForCustomPolicy, GetContextKeysForPrincipalPolicy (IAM API Reference)."""

from access.operations.policy_source import policy_source, require_policy_source
from access.simulation import parsed
from access.sources import effective_sources
from accounts import resolve
from engine import context_keys
from operations.gate import Call, Result, operation


@operation("iam:GetContextKeysForCustomPolicy", on=resolve.whole_account)
def get_context_keys_for_custom_policy(call: Call, *, policy_input_list: list[str]) -> Result:
    """The condition keys that the given policies read, in conditions and in variables. Raises InvalidInput."""
    given = [parsed(text, f"PolicyInputList.{number}") for number, text in enumerate(policy_input_list, 1)]
    return {"ContextKeyNames": context_keys(given)}


@operation("iam:GetContextKeysForPrincipalPolicy", on=policy_source)
def get_context_keys_for_principal_policy(
    call: Call, *, policy_source_arn: str, policy_input_list: list[str] | None = None
) -> Result:
    """The condition keys that the policies of a user (with its groups'), group or role read, and those of more policies.

    Raises InvalidInput, NoSuchEntity.
    """
    stored = [source.policy for source in effective_sources(require_policy_source(call)).identity]
    given = [parsed(text, f"PolicyInputList.{number}") for number, text in enumerate(policy_input_list or [], 1)]
    return {"ContextKeyNames": context_keys([*stored, *given])}
