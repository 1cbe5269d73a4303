"""The trail in templates: `{% load trail %}`."""

from django import template

from audit.queries import trail_arn

register = template.Library()
register.filter("trail_arn", trail_arn)  # {{ account_id|trail_arn }}: what reading the trail is authorised on
