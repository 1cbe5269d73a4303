"""Browsers and programs by short names."""

import pytest

from accounts.user_agents import device_name

KIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("", "Unknown device"),
        ("   ", "Unknown device"),
        ("/1.0", "Unknown device"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {KIT} Chrome/125.0.0.0 Safari/537.36", "Chrome on Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0) {KIT} Chrome/125.0.0.0 Safari/537.36 Edg/125.0.0.0", "Edge on Windows"),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {KIT} Chrome/125.0.0.0 Safari/537.36", "Chrome on ChromeOS"),
        (f"Mozilla/5.0 (Linux; Android 14; Pixel 8) {KIT} Chrome/125.0.0.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_4) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15",
            "Safari on macOS",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/125.0 Safari/604.1",
            "Chrome on iPhone",
        ),
        ("curl/8.5.0", "curl"),
        ("aws-cli/2.15.0 Python/3.11.6 Linux/6.1", "aws-cli"),
        ("Netscape 4", "Netscape 4"),
        ("Mozilla/5.0 (X11; Linux x86_64)", "Mozilla on Linux"),
        ("x" * 400, "x" * 40),
    ],
)
def test_names(said, name):
    assert device_name(said) == name


def test_of_a_very_long_text_the_beginning_is_read():
    assert device_name("Mozilla/5.0 (" * 1_000_000 + "Windows) Firefox/1") == "Mozilla"
