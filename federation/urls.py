"""The addresses of federation: acting as roles."""

from django.urls import path
from django.views.generic import RedirectView

from federation.views import switch_role

app_name = "federation"
urlpatterns = [
    path("switch-role/", switch_role.switch_role, name="switch-role"),
    path("switch-role/back/", switch_role.switch_back, name="switch-back"),
    path("switchrole", RedirectView.as_view(pattern_name="federation:switch-role", query_string=True)),  # AWS's links
]
