"""Operations of AWS that this console refuses, and why; docs/api.md shows them beside those that it has."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Refusal:
    """Why an operation is refused, as a half sentence that ends an error message."""

    sentence: str


_DELEGATION = Refusal("delegation requests are a workflow between AWS and its partners.")
_TEMPLATE = Refusal("role templates are published by AWS services alone.")
_ORGANIZATION = Refusal("it belongs to the centrally managed root users of an AWS organization.")
_ACCESS_REPORT = Refusal(
    "it reports about a whole AWS organization; reports about an account's own entities are available."
)

REFUSED: dict[str, Refusal] = {
    **dict.fromkeys(
        (
            "iam:AcceptDelegationRequest",
            "iam:AssociateDelegationRequest",
            "iam:CreateDelegationRequest",
            "iam:GetDelegationRequest",
            "iam:ListDelegationRequests",
            "iam:RejectDelegationRequest",
            "iam:SendDelegationToken",
            "iam:UpdateDelegationRequest",
        ),
        _DELEGATION,
    ),
    **dict.fromkeys(("iam:AcquireRole", "iam:GetRoleTemplateVersion"), _TEMPLATE),
    **dict.fromkeys(
        (
            "iam:DisableOrganizationsRootCredentialsManagement",
            "iam:DisableOrganizationsRootSessions",
            "iam:EnableOrganizationsRootCredentialsManagement",
            "iam:EnableOrganizationsRootSessions",
            "iam:ListOrganizationsFeatures",
            "sts:AssumeRoot",
        ),
        _ORGANIZATION,
    ),
    **dict.fromkeys(("iam:GenerateOrganizationsAccessReport", "iam:GetOrganizationsAccessReport"), _ACCESS_REPORT),
    "sts:AssumeRoleWithSAML": Refusal("users of SAML providers are not let in yet."),
    "sts:AssumeRoleWithWebIdentity": Refusal("users of OIDC providers are not let in yet."),
    "sts:GetDelegatedAccessToken": Refusal("trade-in tokens come from AWS's partner programme."),
}
