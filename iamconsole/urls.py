"""Every address of the console: each app lists its own, grouped by noun."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from iamconsole.health import healthz, readyz

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("", include("pages.urls")),
    path("", include("accounts.urls")),
    path("", include("federation.urls")),
    path("", include("policies.urls")),
    path("", include("audit.urls")),
    path("", include("access.urls")),
    path("", include("governance.urls")),
]

if settings.DEBUG:
    urlpatterns.append(path("", include("iamconsole.design")))

handler400 = "pages.errors.bad_request"
handler403 = "pages.errors.permission_denied"
handler404 = "pages.errors.not_found"
handler500 = "pages.errors.server_error"
