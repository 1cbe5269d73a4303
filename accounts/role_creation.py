"""Creating a role as the console does it: with its policies, and for EC2 with an instance profile of its name, all or none."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from accounts import resolve
from accounts.models import InstanceProfile
from accounts.operations.attachments import attach_role_policy
from accounts.operations.instance_profiles import add_role_to_instance_profile, create_instance_profile
from accounts.operations.roles import create_role
from operations.caller import Caller
from operations.gate import one_change

EC2: Final = "ec2.amazonaws.com"


def create_role_with(
    caller: Caller, parameters: Mapping[str, Any], policies: Sequence[str], *, service: str = ""
) -> None:
    """Create the role of these CreateRole parameters and attach the policies. Raises what any of the operations raises.

    An instance profile of its name that has no role (calls of the API leave such) is the role's from then on.
    """
    name = parameters["role_name"]
    with one_change():
        create_role(caller, **parameters)
        for arn in policies:
            attach_role_policy(caller, role_name=name, policy_arn=arn)
        if service == EC2:
            if empty_profile(caller, name) is None:
                create_instance_profile(caller, instance_profile_name=name, path=parameters.get("path", "/"))
            add_role_to_instance_profile(caller, instance_profile_name=name, role_name=name)


def empty_profile(caller: Caller, name: str) -> InstanceProfile | None:
    """The instance profile of a name that waits for a role, if the caller may put one into it; nobody else is told that there is one."""
    found = resolve.find_instance_profile(caller.account_id, name)
    if found is None or found.role_id:
        return None
    may = caller.may("iam:AddRoleToInstanceProfile", found.arn, resolve.resource_tags(found))
    return found if may else None
