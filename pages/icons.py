"""The icon set: outlines on a 16 × 16 grid, drawn with the text's colour. A page names an icon, it never draws one."""
# ruff: noqa: E501 - a drawing is one line

from functools import cache

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

ICONS = {
    "account": '<rect x="2" y="3" width="12" height="10" rx="1.5"/><circle cx="6" cy="7" r="1.5"/><path d="M3.8 11c.3-1.2 1.2-1.7 2.2-1.7s1.9.5 2.2 1.7M10 6.5h2.2M10 9h2.2"/>',
    "arrow-down": '<path d="M8 3v10M4 9l4 4 4-4"/>',
    "arrow-right": '<path d="M3 8h10M9 4l4 4-4 4"/>',
    "arrow-up": '<path d="M8 13V3M4 7l4-4 4 4"/>',
    "bookmark": '<path d="M4 2.5h8v11L8 10.6 4 13.5z"/>',
    "boundary": '<path d="M2.5 5V2.5H5M7 2.5h2M11 2.5h2.5V5M13.5 7v2M13.5 11v2.5H11M9 13.5H7M5 13.5H2.5V11M2.5 9V7"/>',
    "check": '<path d="m3.5 8.5 3 3 6-7"/>',
    "chevron-down": '<path d="m4 6 4 4 4-4"/>',
    "chevron-left": '<path d="m10 4-4 4 4 4"/>',
    "chevron-right": '<path d="m6 4 4 4-4 4"/>',
    "clock": '<circle cx="8" cy="8" r="5.8"/><path d="M8 4.8V8l2.2 1.6"/>',
    "code": '<path d="m5 4.5-3.5 3.5L5 11.5M11 4.5l3.5 3.5-3.5 3.5"/>',
    "columns": '<rect x="2" y="3" width="12" height="10" rx="1.5"/><path d="M6 3v10M10 3v10"/>',
    "compare": '<path d="M11 2.5 13.5 5 11 7.5M13.5 5H3M5 8.5 2.5 11 5 13.5M2.5 11H13"/>',
    "copy": '<rect x="5.5" y="5.5" width="8" height="8.5" rx="1.5"/><path d="M10.5 3.2A1.3 1.3 0 0 0 9.2 2H3.8a1.3 1.3 0 0 0-1.3 1.3v6.2a1.3 1.3 0 0 0 1 1.3"/>',
    "cross": '<path d="M4.5 4.5l7 7M11.5 4.5l-7 7"/>',
    "dash": '<path d="M4 8h8"/>',
    "device": '<rect x="4.5" y="1.8" width="7" height="12.4" rx="1.5"/><path d="M7.2 11.8h1.6"/>',
    "download": '<path d="M8 2.5v7.5M4.8 7 8 10.2 11.2 7M2.5 13.5h11"/>',
    "edit": '<path d="m10.5 3 2.5 2.5-7.5 7.5-3 .5.5-3z"/>',
    "empty": '<path d="M2 9.5 4 3.5h8l2 6v3.5H2z"/><path d="M2 9.5h3.5l1 1.5h3l1-1.5H14"/>',
    "export": '<path d="M8 10V2.5M4.8 5.5 8 2.3l3.2 3.2M3 9v4.5h10V9"/>',
    "external": '<path d="M6.5 3.5H3v9.5h9.5V9.5M9.5 2.5h4v4M13 3 7.5 8.5"/>',
    "eye": '<path d="M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8z"/><circle cx="8" cy="8" r="2"/>',
    "filter": '<path d="M2.5 4h11M4.5 8h7M6.5 12h3"/>',
    "globe": '<circle cx="8" cy="8" r="5.8"/><path d="M2.2 8h11.6M8 2.2c2 1.7 2.7 3.7 2.7 5.8S10 12.1 8 13.8C6 12.1 5.3 10.1 5.3 8S6 3.9 8 2.2z"/>',
    "group": '<circle cx="6" cy="5.5" r="2.3"/><path d="M1.6 13.5c.4-2.5 2.2-3.7 4.4-3.7s4 1.2 4.4 3.7M10.6 3.5a2.2 2.2 0 0 1 0 4.2M12 9.9c1.4.5 2.3 1.7 2.5 3.6"/>',
    "help": '<circle cx="8" cy="8" r="5.8"/><path d="M6.3 6.2c.1-1 .8-1.6 1.8-1.6s1.7.6 1.7 1.5c0 1.3-1.7 1.3-1.7 2.7M8 11.2v.1"/>',
    "history": '<path d="M2.5 3v3h3M2.7 6A5.6 5.6 0 1 1 2.4 9"/><path d="M8 5v3.2l2 1.5"/>',
    "home": '<path d="M2.5 7.5 8 2.5l5.5 5v6h-11z"/><path d="M6.5 13.5v-3.7h3v3.7"/>',
    "inbox": '<path d="M2 9.5 4 3.5h8l2 6v3.5H2z"/><path d="M2 9.5h3.5l1 1.5h3l1-1.5H14"/>',
    "info": '<circle cx="8" cy="8" r="5.8"/><path d="M8 7.5v3.5M8 5v.1"/>',
    "key": '<circle cx="5" cy="10.5" r="2.7"/><path d="m7 8.5 6-6M11 4.5l1.8 1.8"/>',
    "keyboard": '<rect x="1.5" y="4" width="13" height="8.5" rx="1.5"/><path d="M4 6.8h.1M6.7 6.8h.1M9.3 6.8h.1M12 6.8h.1M5 9.8h6"/>',
    "link": '<path d="M6.7 9.3a2.6 2.6 0 0 0 3.7 0l2.2-2.2a2.6 2.6 0 0 0-3.7-3.7l-.9.9M9.3 6.7a2.6 2.6 0 0 0-3.7 0L3.4 8.9a2.6 2.6 0 0 0 3.7 3.7l.9-.9"/>',
    "list": '<path d="M2.5 3.5h11M2.5 8h11M2.5 12.5h7"/>',
    "lock": '<rect x="3" y="7" width="10" height="7" rx="1.5"/><path d="M5.2 7V4.8a2.8 2.8 0 0 1 5.6 0V7"/>',
    "menu": '<path d="M2.5 4h11M2.5 8h11M2.5 12h11"/>',
    "more": '<path d="M3.5 8h.1M8 8h.1M12.5 8h.1" stroke-width="2.2"/>',
    "no-entry": '<circle cx="8" cy="8" r="5.8"/><path d="M5 8h6"/>',
    "organization": '<rect x="5.5" y="2" width="5" height="3.5" rx="1"/><rect x="1.5" y="10.5" width="5" height="3.5" rx="1"/><rect x="9.5" y="10.5" width="5" height="3.5" rx="1"/><path d="M8 5.5V8M4 10.5V8h8v2.5"/>',
    "passkey": '<circle cx="6" cy="5" r="2.6"/><path d="M1.8 13.5c.3-2.9 2-4.3 4.2-4.3 1 0 1.9.3 2.6.8"/><circle cx="12" cy="8.3" r="1.8"/><path d="M12 10.2v4l1.2-1M12 12l1-.8"/>',
    "play": '<path d="M4 3v10l8.5-5z"/>',
    "plus": '<path d="M8 3.5v9M3.5 8h9"/>',
    "policy": '<path d="M4 1.8h5.5L12.5 5v9.2H4z"/><path d="M9.3 1.8V5.2h3.2M6 8.2h4.5M6 10.8h4.5"/>',
    "provider": '<circle cx="8" cy="4.5" r="2.5"/><circle cx="3.5" cy="12" r="1.7"/><circle cx="12.5" cy="12" r="1.7"/><path d="M6.8 6.8 4.4 10.5M9.2 6.8l2.4 3.7"/>',
    "reason": '<path d="M2.5 3h11v7.5H7.300L4.500 13v-2.500h-2z"/><path d="M5.300 5.700h5.400M5.300 7.900h3.200"/>',
    "refresh": '<path d="M13.5 3v3.3h-3.3M13.3 6.3A5.6 5.6 0 1 0 13.6 9"/>',
    "report": '<path d="M3 2h10v12H3z"/><path d="M5.5 10.8V8.5M8 10.8V5.2M10.5 10.8V7"/>',
    "role": '<path d="M8 1.8 13 4v3.6c0 3.2-2.1 5.5-5 6.6-2.9-1.1-5-3.4-5-6.6V4z"/>',
    "search": '<circle cx="7" cy="7" r="4.3"/><path d="m10.3 10.3 3.4 3.4"/>',
    "send": '<path d="M14 2 7.5 8.5M14 2 9.8 14 7.5 8.5 2 6.2z"/>',
    "session": '<rect x="2" y="2.5" width="12" height="8.5" rx="1.5"/><path d="M5.5 13.8h5M8 11v2.8"/>',
    "settings": '<path d="M2.5 4.5h6M12 4.5h1.5M2.5 11.5H4M7.5 11.5h6"/><circle cx="10.2" cy="4.5" r="1.7"/><circle cx="5.7" cy="11.5" r="1.7"/>',
    "sign-in": '<path d="M9 2.5h4.5v11H9M2.5 8h7M6.8 5 9.8 8l-3 3"/>',
    "sign-out": '<path d="M7 2.5H2.5v11H7M6 8h7.5M10.8 5l3 3-3 3"/>',
    "simulate": '<path d="M6 2v4.2L2.6 12.4A1.1 1.1 0 0 0 3.6 14h8.8a1.1 1.1 0 0 0 1-1.6L10 6.2V2M5 2h6M4.6 9.5h6.8"/>',
    "tag": '<path d="M2.5 2.5h5L14 9l-5 5-6.5-6.5z"/><path d="M5.2 5.2h.1"/>',
    "trail": '<path d="M5.500 3.500h8M5.500 8h8M5.500 12.500h5M2.500 3.500h.1M2.500 8h.1M2.500 12.500h.1"/>',
    "trash": '<path d="M2.8 4.2h10.4M6 4V2.3h4V4M4 4.2l.6 9.5h6.8l.6-9.5M6.7 7v4M9.3 7v4"/>',
    "upload": '<path d="M8 10.5V3M4.8 6 8 2.8 11.2 6M2.5 13.5h11"/>',
    "user": '<circle cx="8" cy="5.2" r="2.7"/><path d="M2.8 14c.5-3 2.6-4.4 5.2-4.4s4.7 1.4 5.2 4.4"/>',
    "warning": '<path d="M8 2 14.5 13.5h-13z"/><path d="M8 6.5v3.2M8 11.7v.1"/>',
    "who": '<circle cx="6.5" cy="6.5" r="4.3"/><path d="m9.8 9.8 3.9 3.9M6.5 8.5c-1 0-1.7.5-2 1.2M6.5 8.5c1 0 1.7.5 2 1.2"/><circle cx="6.5" cy="5.8" r="1.1"/>',
}


def icon(name: str, label: str = "") -> SafeString:
    """The icon as inline SVG: hidden from assistive technology, or with `label` as its name. Raises KeyError for an unknown one."""
    if label:
        return format_html(
            '<svg class="i" viewBox="0 0 16 16" role="img" aria-label="{}">{}</svg>', label, _shape(name)
        )
    return _silent(name)


def _shape(name: str) -> SafeString:
    return mark_safe(ICONS[name])  # noqa: S308 - our own drawings from the table above


@cache  # a list has a hundred of them
def _silent(name: str) -> SafeString:
    return format_html('<svg class="i" viewBox="0 0 16 16" aria-hidden="true">{}</svg>', _shape(name))
