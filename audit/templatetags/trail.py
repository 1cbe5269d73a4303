"""The trail in templates: `{% load trail %}`."""

from django import template

from audit.endings import ending
from audit.queries import trail_arn

register = template.Library()
register.filter("trail_arn", trail_arn)  # {{ account_id|trail_arn }}: what reading the trail is authorised on
register.filter("ending", ending)  # {% with how=event|ending %}: how a recorded call ended
