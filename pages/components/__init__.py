"""The components' Python: what pages/templatetags/components.py registers as template tags."""
