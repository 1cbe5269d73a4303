"""Every address of the console: each app lists its own, grouped by noun."""

from django.urls import URLPattern, URLResolver, path

from iamconsole.health import healthz, readyz

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
]
