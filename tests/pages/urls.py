"""The console's addresses with the living page of the design system, as with DEBUG."""

from django.urls import include, path

from iamconsole import design as living_page
from iamconsole import urls as console
from pages import urls as pages
from pages.views import design

urlpatterns = [
    *living_page.urlpatterns,
    path("", include(([*pages.urlpatterns, *design.urlpatterns], "pages"))),
    *console.urlpatterns,
]
handler400, handler403, handler404, handler500 = (
    console.handler400,
    console.handler403,
    console.handler404,
    console.handler500,
)
