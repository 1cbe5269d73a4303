"""From a request's fields to the operation: by Action, Version and credential scope, over the registry of the gate."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.model import OperationModel

from api import parse
from api.errors import InvalidAction, MissingAction, NotImplementedHere
from api.refused import REFUSED
from operations.caller import Caller
from operations.contract import operation_model
from operations.gate import REGISTRY

VERSIONS = {"2010-05-08": "iam", "2011-06-15": "sts"}
NAMESPACES = {"iam": "https://iam.amazonaws.com/doc/2010-05-08/", "sts": "https://sts.amazonaws.com/doc/2011-06-15/"}
FAULT_NAMESPACE = "http://webservices.amazon.com/AWSFault/2005-15-09"


@dataclass(frozen=True)
class Route:
    """The operation that a request names."""

    service: str
    action: str
    model: OperationModel

    @property
    def name(self) -> str:
        return f"{self.service}:{self.action}"

    @property
    def namespace(self) -> str:
        return NAMESPACES[self.service]

    @property
    def repeatable(self) -> bool:
        """Whether it is a read that may be done anew without anybody noticing."""
        operation = REGISTRY.get(self.name)
        return operation is not None and operation.repeatable

    def call(self, caller: Caller, fields: Mapping[str, str]) -> dict[str, Any]:
        """Read the parameters and send the call through the gate. Raises the operation's errors, and InvalidAction for what is refused."""
        operation = REGISTRY.get(self.name)
        if operation is None:
            raise NotImplementedHere(f"{self.action} is not available: {REFUSED[self.name].sentence}")
        return operation(caller, **parse.parameters(self.model, fields))


def route(fields: Mapping[str, str], scoped_service: str | None) -> Route:
    """The operation that the fields name. `scoped_service` is the credential scope's, for a request without a known Version.

    Raises MissingAction, InvalidAction.
    """
    action, version = fields.get("Action", ""), fields.get("Version", "")
    if not action:
        raise MissingAction("The request is missing an action or a required parameter.")
    service = VERSIONS.get(version) if version else _guessed(action, scoped_service)
    if service is not None:
        try:
            model = operation_model(service, action)
        except KeyError:
            model = None
        if model is not None and (f"{service}:{action}" in REGISTRY or f"{service}:{action}" in REFUSED):
            return Route(service, action, model)
    raise InvalidAction(f"Could not find operation {action[:128]} for version {version[:32] or 'NO_VERSION_SPECIFIED'}")


def _guessed(action: str, scoped_service: str | None) -> str | None:
    if scoped_service in NAMESPACES:
        return scoped_service
    return "sts" if f"sts:{action}" in REGISTRY else "iam"
