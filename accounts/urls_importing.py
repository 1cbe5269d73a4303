"""The addresses of the import."""

from django.urls import URLPattern, path

from accounts.views import importing

import_urls: list[URLPattern] = [
    path("import/", importing.importing, name="import"),
    path("import/progress/", importing.share_done, name="import-progress"),
]
