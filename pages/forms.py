"""Forms render through the project's own templates."""

from django.forms.renderers import TemplatesSetting


class ConsoleFormRenderer(TemplatesSetting):
    """`{{ form }}` and `{{ field }}` come from templates/django/forms/."""
