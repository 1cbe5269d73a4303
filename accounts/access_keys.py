"""Using access keys: finding the key of a signed request, whether it may be used from where it is used, and noting its use."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from accounts.models import AccessKey

NOTED_EVERY = timedelta(minutes=15)  # AWS's granularity of «last used»


@dataclass(frozen=True)
class Unusable:
    """Why a key is not accepted, for the record; the answer to the caller stays AWS's."""

    reason: str


def find_key(key_id: str) -> AccessKey | None:
    """The key with its user and account, in one indexed query."""
    return AccessKey.objects.select_related("user__account", "user__boundary").filter(key_id=key_id).first()


def why_unusable(key: AccessKey, source_ip: str, moment: datetime) -> Unusable | None:
    """None when the key may be used now and from this address."""
    if not key.is_active:
        return Unusable("The access key is inactive.")
    if key.expires_at and key.expires_at <= moment:
        return Unusable("The access key has expired.")
    if key.allowed_sources and not _is_within(source_ip, key.allowed_sources):
        return Unusable("The access key may not be used from this address.")
    return None


def _is_within(source_ip: str, networks: list[str]) -> bool:
    try:
        address = ipaddress.ip_address(source_ip)
    except ValueError:
        return False
    return any(address in ipaddress.ip_network(network) for network in networks)


def note_use(key: AccessKey, *, service: str, region: str, source_ip: str, user_agent: str, moment: datetime) -> None:
    """Remember when, with what and from where a key was used; at most once in fifteen minutes for the same service and address."""
    same = (key.last_used_service, key.last_used_region, key.last_used_ip) == (service, region, source_ip)
    if same and key.last_used_at and moment - key.last_used_at < NOTED_EVERY:
        return
    rows = AccessKey.objects.filter(Q(last_used_at=None) | Q(last_used_at__lte=moment), pk=key.pk)
    rows.update(
        last_used_at=moment,
        last_used_service=service,
        last_used_region=region,
        last_used_ip=source_ip,
        last_used_agent=user_agent[:256],
    )
