"""The trail's ready filters."""

from django.utils.translation import gettext_lazy as _

# What changed is what the dashboard lists as changes, too.
PRESETS = (
    (_("All"), ()),
    (_("Denied"), ("outcome:eq:denied",)),
    (_("Changes"), ("read-only:eq:false", "service:eq:iam.amazonaws.com", "outcome:eq:allowed")),
)
