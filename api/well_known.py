"""What an issuer of outbound web identity publishes: its discovery document and its public keys, for everybody."""

import json
import re

from django.http import HttpResponse

from api.wire import Incoming
from federation import outbound
from federation.models import OutboundIssuer

PREFIX = "/oidc/"
KEPT_SECONDS = 300
_ADDRESS = re.compile(r"/oidc/(?P<id>[0-9a-f-]{36})/\.well-known/(?P<document>openid-configuration|jwks\.json)")


def serve(request: Incoming) -> HttpResponse:
    """Answer a GET below an issuer's URL; 404 for an issuer that is not there.

    An issuer publishes its keys also while the feature is disabled, since tokens that were given out are still valid.
    """
    found = _ADDRESS.fullmatch(request.environ.get("PATH_INFO", ""))
    issuer = OutboundIssuer.objects.filter(public_id=found["id"]).first() if found else None
    if found is None or issuer is None:
        return HttpResponse("Not Found", status=404, content_type="text/plain")
    if request.method not in {"GET", "HEAD"}:
        return HttpResponse("Method Not Allowed", status=405, content_type="text/plain", headers={"Allow": "GET, HEAD"})
    content = outbound.key_set(issuer) if found["document"] == "jwks.json" else outbound.discovery(issuer)
    headers = {"Cache-Control": f"public, max-age={KEPT_SECONDS}", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(json.dumps(content), content_type="application/json", headers=headers)
