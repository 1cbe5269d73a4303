"""IP conditions: valid ranges, ranges written with bits beyond the mask, and private addresses where none can arrive."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import Final

from engine.validate import fixes
from engine.validate.context import Context
from engine.validate.model import Condition

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_PRIVATE_4: Final = tuple(
    ipaddress.IPv4Network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10")
)
_PRIVATE_6: Final = tuple(ipaddress.IPv6Network(text) for text in ("fc00::/7", "fe80::/10", "::1/128"))


def check(context: Context) -> None:
    """All checks of this module."""
    for statement in context.document.statements:
        for condition in statement.conditions:
            if condition.operator is not None and condition.operator.family == "ip":
                _check_condition(context, condition)


def _check_condition(context: Context, condition: Condition) -> None:
    networks: list[_Network] = []
    for value in condition.values:
        if "${" in value.text:
            continue
        network = network_of(value.text)
        if network is None:
            context.at("TYPE_MISMATCH_IP_RANGE", value, operator=condition.operator_name, value=value.text)
            continue
        networks.append(network)
        if "/" in value.text and not _is_canonical(value.text, network):
            addr = str(network)
            context.at("IMPROVE_IP_RANGE", value, fixes.replace(value.span, addr), addr=addr)
    if condition.lower == "aws:sourceip" and networks:
        _check_private(context, condition, networks)


def _check_private(context: Context, condition: Condition, networks: list[_Network]) -> None:
    private = sum(_is_private(network) for network in networks)
    if not private:
        return
    name = "PRIVATE_NOT_IP_ADDRESS" if not condition.positive else "PRIVATE_IP_ADDRESS"
    if private < len(networks):
        name += "_SUBSET"
    context.report(name, condition.member.value.span, condition.path)


@lru_cache(maxsize=4096)
def network_of(text: str) -> _Network | None:
    """The network of an address or a range in CIDR form; bits after the mask are dropped. None for anything else."""
    if len(text) > 64 or not text.isascii() or "%" in text:
        return None
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _is_canonical(text: str, network: _Network) -> bool:
    address = text.partition("/")[0]
    try:
        return ipaddress.ip_address(address) == network.network_address
    except ValueError:
        return True


def _is_private(network: _Network) -> bool:
    if isinstance(network, ipaddress.IPv4Network):
        return any(network.subnet_of(private) for private in _PRIVATE_4)
    return any(network.subnet_of(private) for private in _PRIVATE_6)
