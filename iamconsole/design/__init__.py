"""The living page of the design system: each component in each state. It stands above all packages, because the policy editor, the
pickers and the explanation need them. Only with DEBUG."""

from django.urls import path

from iamconsole.design.page import design

urlpatterns = [path("design/", design, name="design")]
