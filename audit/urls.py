"""The trail's addresses."""

from django.urls import path

from audit import views

app_name = "audit"
urlpatterns = [
    path("trail/", views.events, name="events"),
    path("trail/<uuid:event_id>/", views.event, name="event"),
]
