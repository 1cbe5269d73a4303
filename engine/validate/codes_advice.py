"""The checks that warn or suggest: code, scope letters (I identity, R resource, T trust, S SCP, C RCP), sentence."""

from __future__ import annotations

from typing import Final

_LINKED: Final = "This allows iam:CreateServiceLinkedRole for services you may not mean ({how}); name the role ARNs."
_PASS: Final = "This allows iam:PassRole for roles you may not mean ({how}); name the role ARNs."

WARNINGS: Final[tuple[tuple[str, str, str], ...]] = (
    ("CREATE_SLR_WITH_NOT_ACTION_AND_NOT_RESOURCE", "I", _LINKED.format(how="NotAction with NotResource")),
    ("CREATE_SLR_WITH_NOT_RESOURCE", "I", _LINKED.format(how="NotResource")),
    ("CREATE_SLR_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE", "I", _LINKED.format(how="wildcard action with NotResource")),
    ("CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE", "I", _LINKED.format(how="wildcards in action and resource")),
    ("CREATE_SLR_WITH_STAR_IN_RESOURCE", "I", _LINKED.format(how="wildcard resource")),
    ("CREATE_SLR_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION", "I", _LINKED.format(how="NotAction with wildcard resource")),
    (
        "DEPRECATED_GLOBAL_CONDITION_KEY",
        "IRTSC",
        "aws:ARN is out of date; use aws:PrincipalArn for the caller or aws:SourceArn for the source.",
    ),
    ("INVALID_DATE_VALUE", "IRTSC", "{date} counts seconds since 1970, which is easily misread; write YYYY-MM-DD."),
    ("INVALID_ROLE_REFERENCE", "RT", "{role_id} is a role's unique id: the role is gone, or write its ARN instead."),
    ("INVALID_USER_REFERENCE", "RT", "{user_id} is a user's unique id: the user is gone, or write its ARN instead."),
    ("MISSING_VERSION", "IRTSC", 'The policy has no Version: it is read by the rules of 2008. Add "2012-10-17".'),
    (
        "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA",
        "I",
        "Characters in the policy besides white space: {size}. A managed policy may have {quota}.",
    ),
    (
        "POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA",
        "R",
        "Characters in the policy: {size}. The policy of {resource_type} may have {quota}.",
    ),
    (
        "POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA",
        "T",
        "Characters in the policy besides white space: {size}. A trust policy may have {quota}.",
    ),
    (
        "RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEY",
        "C",
        (
            "{key} is absent when a service calls: also ask BoolIfExists aws:PrincipalIsAWSService false, or services are "
            "shut out."
        ),
    ),
    (
        "RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY",
        "C",
        "{key} only exists when a service calls: also ask Bool aws:PrincipalIsAWSService true, or others are shut out.",
    ),
    (
        "RCP_MISSING_SERVICE_CONDITION_KEY_NULL_CHECK",
        "C",
        "Not every service sends {key}: also ask Null aws:SourceAccount false or Null aws:SourceArn false.",
    ),
    (
        "SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED",
        "T",
        "The wildcard in {key} trusts more of GitHub than one repository and branch; name them.",
    ),
    ("TYPE_MISMATCH", "IRTSC", "{key} holds {allowed}; {operator} does not compare that."),
    ("TYPE_MISMATCH_BOOLEAN", "IRTSC", "{operator} compares with true or false; {value} is neither."),
    ("TYPE_MISMATCH_DATE", "IRTSC", "{operator} compares with a date such as 2026-01-31T12:00:00Z; {value} is none."),
    ("TYPE_MISMATCH_NUMBER", "IRTSC", "{operator} compares with a number; {value} is none."),
    ("TYPE_MISMATCH_STRING", "IRTSC", "{operator} compares with base64 text; {value} is none."),
    ("UNIQUE_SIDS_RECOMMENDED", "R", "The Sid {sid} stands twice; different ones tell the statements apart."),
    (
        "USE_CONDITION_KEY_ONLY_WITH_SUPPORTED_SERVICES",
        "IRTSC",
        "Not every service sends {key}; restrict the statement to services that do.",
    ),
    (
        "WILDCARD_WITHOUT_LIKE_OPERATOR",
        "IRTSC",
        "{operator} takes * and ? as they stand; for a wildcard use {like}.",
    ),
)

SECURITY_WARNINGS: Final[tuple[tuple[str, str, str], ...]] = (
    ("ALLOW_WITH_NOT_PRINCIPAL", "RT", "Allow with NotPrincipal lets in everybody else, strangers too; use Principal."),
    (
        "DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        "IRTSC",
        "Many actions never carry {key}; with NotAction they are not denied. List the actions instead.",
    ),
    (
        "DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        "IRTSC",
        (
            "The listed actions of {services} never carry {key}, so this does not deny them. Move them to a statement of "
            "their own."
        ),
    ),
    (
        "DYNAMODB_ATTRIBUTES_WITHOUT_SELECT",
        "IR",
        "dynamodb:Attributes holds nothing back unless dynamodb:Select is held to SPECIFIC_ATTRIBUTES as well.",
    ),
    (
        "FORALLVALUES_WITH_SINGLE_VALUED_KEY",
        "IRTSC",
        "{key} holds one value, and ForAllValues is true when the key is absent; remove ForAllValues.",
    ),
    (
        "FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE",
        "T",
        "ForAnyValue on {key} is content when one audience of many fits; remove it.",
    ),
    (
        "MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL",
        "T",
        "Anybody whom {provider} vouches for may assume the role; add a condition on {keys}.",
    ),
    (
        "MISSING_GITHUB_REPO_CONDITION_KEY",
        "T",
        "Workflows of any GitHub repository may assume the role; add a condition on {key}.",
    ),
    ("MISSING_PAIRED_CONDITION_KEYS", "IRTSC", "{key} alone may match more than you mean; add {recommended}."),
    ("PASS_ROLE_WITH_NOT_ACTION_AND_NOT_RESOURCE", "I", _PASS.format(how="NotAction with NotResource")),
    ("PASS_ROLE_WITH_NOT_RESOURCE", "I", _PASS.format(how="NotResource")),
    ("PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE", "I", _PASS.format(how="wildcard action with NotResource")),
    ("PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE", "I", _PASS.format(how="wildcards in action and resource")),
    ("PASS_ROLE_WITH_STAR_IN_RESOURCE", "I", _PASS.format(how="wildcard resource")),
    ("PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION", "I", _PASS.format(how="NotAction with wildcard resource")),
    (
        "RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL",
        "RT",
        (
            "{service} could be made to call by a stranger; add a condition on aws:SourceArn, aws:SourceAccount, "
            "aws:SourceOrgID or aws:SourceOrgPaths."
        ),
    ),
    (
        "S3_PREFIX_IN_NEGATIVE_CONTEXT",
        "IR",
        "A shorter s3:prefix slips past this condition and lists the same objects; allow prefixes instead.",
    ),
    (
        "STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS",
        "IRTSC",
        "{key} is an ARN: in {operator} a wildcard runs across its fields. Use {allowed}.",
    ),
    (
        "UNTRUSTWORTHY_CONDITION_KEY",
        "IRTSC",
        "The caller writes {key} as it pleases; do not decide access on it alone.",
    ),
)

SUGGESTIONS: Final[tuple[tuple[str, str, str], ...]] = (
    (
        "ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        "IRTSC",
        "Many actions never carry {key}; with NotAction they are not allowed. List the actions instead.",
    ),
    (
        "ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        "IRTSC",
        (
            "The listed actions of {services} never carry {key}, so this does not allow them. Move them to a statement of "
            "their own."
        ),
    ),
    ("CONFIRM_AUDIENCE_CLAIM_TYPE", "T", "{key} holds one audience; make sure that {qualifier} is what you mean."),
    ("EMPTY_ARRAY_ACTION", "IRTSC", "The list of actions is empty: the statement does nothing."),
    ("EMPTY_ARRAY_CONDITION", "IRTSC", "{key} has no values to compare with: the condition says nothing useful."),
    (
        "EMPTY_ARRAY_CONDITION_FORALLVALUES",
        "IRTSC",
        "ForAllValues without values only matches when {key} is absent; write Null {key} true.",
    ),
    ("EMPTY_ARRAY_CONDITION_FORANYVALUE", "IRTSC", "ForAnyValue without values for {key} never matches."),
    (
        "EMPTY_ARRAY_CONDITION_IFEXISTS",
        "IRTSC",
        "IfExists without values only matches when {key} is absent; write Null {key} true.",
    ),
    ("EMPTY_ARRAY_PRINCIPAL", "RT", "The list of principals is empty: the statement is for nobody."),
    ("EMPTY_ARRAY_RESOURCE", "IRTSC", "The list of resources is empty: the statement does nothing."),
    ("EMPTY_OBJECT_CONDITION", "IRTSC", "The Condition is empty; remove it or add one."),
    ("EMPTY_OBJECT_PRINCIPAL", "RT", "The Principal is empty: the statement is for nobody."),
    ("EMPTY_SID_VALUE", "IRTSC", "The Sid is empty; give it a value or remove it."),
    (
        "EQUIVALENT_TO_NULL_FALSE",
        "IRTSC",
        "{operator} with this value only asks whether {key} is present; write Null {recommended_key} false.",
    ),
    (
        "EQUIVALENT_TO_NULL_TRUE",
        "IRTSC",
        "{operator} with this value only asks whether {key} is absent; write Null {recommended_key} true.",
    ),
    ("IMPROVE_IP_RANGE", "IRTSC", "The bits after the mask are ignored; write {addr}."),
    (
        "IRRELEVANT_CONDITION_KEY_IN_POLICY",
        "R",
        "{key} is always the same in the policy of {resource_type}; it decides nothing.",
    ),
    ("NULL_WITH_QUALIFIER", "IRTSC", "ForAllValues:Null is always true and ForAnyValue:Null always false; use Null."),
    (
        "PRIVATE_IP_ADDRESS_SUBSET",
        "IRTSC",
        "aws:SourceIp holds public addresses only; the private ones here never match. For them use aws:VpcSourceIp.",
    ),
    (
        "PRIVATE_NOT_IP_ADDRESS_SUBSET",
        "IRTSC",
        "aws:SourceIp holds public addresses only; excluding private ones does nothing. For them use aws:VpcSourceIp.",
    ),
    (
        "RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL",
        "R",
        (
            "For {service}, {key} guards less well than aws:SourceArn, aws:SourceAccount, aws:SourceOrgID or "
            "aws:SourceOrgPaths."
        ),
    ),
    ("REDUNDANT_ACTION", "IRTSC", "Actions that say nothing new: {count}, such as {action}."),
    ("REDUNDANT_CONDITION_VALUE_NUM", "IRTSC", "With {operator} only the {extreme} value of {key} matters."),
    (
        "REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION",
        "IRTSC",
        "With this wildcard {operator} on {key} is always true; remove the key.",
    ),
    (
        "REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY",
        "T",
        "The session {principal} is already let in by its role {role}; remove one of them.",
    ),
    ("REDUNDANT_RESOURCE", "IRTSC", "Resources that others cover: {count}, such as {resource}."),
    ("REDUNDANT_STATEMENT", "IRTSC", "This statement says what statement {other} says; remove one of them."),
    (
        "REDUNDANT_STATEMENT_DUE_TO_WILDCARD_IN_CONDITION",
        "IRTSC",
        "With this wildcard {operator} on {key} is never true, so the statement does nothing.",
    ),
    (
        "WILDCARD_IN_SERVICE_NAME",
        "IRTSC",
        "Write the service name {service} in full; a wildcard there may reach other services, or none.",
    ),
)
