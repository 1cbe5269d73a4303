"""What an issuer of outbound web identity publishes: its discovery document and its public keys, for everybody."""

import json
import re

from api.answers import Answer
from api.wire import Incoming
from federation import outbound
from federation.models import OutboundIssuer

PREFIX = "/oidc/"
KEPT_SECONDS = 300
_ADDRESS = re.compile(r"/oidc/(?P<id>[0-9a-f-]{36})/\.well-known/(?P<document>openid-configuration|jwks\.json)")


def serve(request: Incoming) -> Answer:
    """Answer a GET below an issuer's URL; 404 for an issuer that is not there.

    An issuer publishes its keys also while the feature is disabled, since tokens that were given out are still valid.
    """
    found = _ADDRESS.fullmatch(request.environ.get("PATH_INFO", ""))
    issuer = OutboundIssuer.objects.filter(public_id=found["id"]).first() if found else None
    if found is None or issuer is None:
        return Answer(404, {"Content-Type": "text/plain"}, b"Not Found")
    if request.method not in {"GET", "HEAD"}:
        return Answer(405, {"Content-Type": "text/plain", "Allow": "GET, HEAD"}, b"Method Not Allowed")
    content = outbound.key_set(issuer) if found["document"] == "jwks.json" else outbound.discovery(issuer)
    headers = {
        "Content-Type": "application/json",
        "Cache-Control": f"public, max-age={KEPT_SECONDS}",
        "X-Content-Type-Options": "nosniff",
    }
    return Answer(200, headers, json.dumps(content).encode())
