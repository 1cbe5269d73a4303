"""The console's components as template tags."""

from django import template

register = template.Library()
