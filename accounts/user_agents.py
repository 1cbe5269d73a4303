"""A short readable name of a browser or program, from what it says of itself: «Chrome on Windows».

What is named is what people know their devices by; versions change too often to tell them apart. The first mark that stands in the text
decides: most browsers name those as well that they descend from.
"""

from collections.abc import Sequence

from django.utils.translation import gettext as _

LONGEST_READ, LONGEST_NAME = 512, 40
Marks = Sequence[tuple[str, str]]
BROWSERS: Marks = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("Chromium/", "Chromium"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS: Marks = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
    ("BSD", "BSD"),
)


def device_name(user_agent: str) -> str:
    """The name, for tables; the whole text belongs into its tooltip."""
    text = user_agent[:LONGEST_READ].strip()
    if not text:
        return _("Unknown device")
    browser, system = _first(BROWSERS, text), _first(SYSTEMS, text)
    if not browser:  # a program, or a browser that nobody here knows: the name that it begins with
        browser = text.split("/", 1)[0][:LONGEST_NAME].strip()
        system = system if browser == "Mozilla" else ""
    if not browser:
        return _("Unknown device")
    return _("%(browser)s on %(system)s") % {"browser": browser, "system": system} if system else browser


def _first(marks: Marks, text: str) -> str:
    return next((name for mark, name in marks if mark in text), "")
