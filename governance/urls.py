"""The addresses of governance."""

from django.urls import path

from governance.views import dashboard

app_name = "governance"
urlpatterns = [path("", dashboard.dashboard, name="dashboard")]
