"""Lengths of time: in words, chosen or typed in a form, and refused outside of their limits."""

import pytest
from django import forms

from pages.durations import DurationField, in_words


class SessionForm(forms.Form):
    session = DurationField(min_value=3600, max_value=43200, offered=(3600, 7200, 43200), initial=3600)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (3600, "1 hour"),
        (5400, "1 hour 30 minutes"),
        (43200, "12 hours"),
        (900, "15 minutes"),
        (3661, "1 hour 1 minute 1 second"),
        (0, "0 seconds"),
    ],
)
def test_in_words(seconds, words):
    assert in_words(seconds) == words


@pytest.mark.parametrize(
    ("sent", "seconds"),
    [
        ({"session": "7200"}, 7200),
        ({"session": "5400"}, 5400),  # not offered, but sent by somebody who knows it
        ({"session": "custom", "session-number": "90", "session-unit": "60"}, 5400),
        ({"session": "custom", "session-number": "1.5", "session-unit": "3600"}, 5400),
        ({"session": "custom", "session-number": " 12 ", "session-unit": "3600"}, 43200),
        ({"session": "custom", "session-number": "3601", "session-unit": "1"}, 3601),
        ({"session": "7200", "session-number": "90", "session-unit": "60"}, 7200),  # what is hidden does not count
    ],
)
def test_what_is_chosen_or_typed(sent, seconds):
    form = SessionForm(sent)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["session"] == seconds


LIMITS = "Choose a duration from 1 hour to 12 hours."


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"session": "60"}, LIMITS),
        ({"session": "custom", "session-number": "13", "session-unit": "3600"}, LIMITS),
        ({"session": "custom", "session-number": "-1", "session-unit": "3600"}, LIMITS),
        ({"session": "custom", "session-number": "9" * 10, "session-unit": "3600"}, LIMITS),
        ({"session": "custom", "session-number": "1e9999999", "session-unit": "3600"}, "Enter a number."),
        ({"session": "custom", "session-number": "NaN", "session-unit": "3600"}, "Enter a number."),
        ({"session": "custom", "session-number": "two", "session-unit": "3600"}, "Enter a number."),
        ({"session": "custom", "session-number": "", "session-unit": "3600"}, "Choose a duration."),
        ({}, "Choose a duration."),
    ],
)
def test_what_is_refused_stays_as_it_was_typed(sent, said):
    form = SessionForm(sent)
    assert form.errors["session"] == [said]
    page = str(form["session"])
    if number := sent.get("session-number"):
        assert f'value="{number}"' in page
    assert 'aria-invalid="true"' in page


@pytest.mark.parametrize(
    ("seconds", "chosen", "number", "unit"),
    [
        (7200, "7200", "", "3600"),
        (5400, "custom", "90", "60"),
        (10800, "custom", "3", "3600"),
        (3601, "custom", "3601", "1"),
    ],
)
def test_what_is_stored_is_shown_as_people_say_it(seconds, chosen, number, unit):
    page = str(SessionForm(initial={"session": seconds})["session"])
    assert f'<option value="{chosen}" selected>' in page
    assert f'value="{number}" inputmode' in page
    assert f'<option value="{unit}" selected>' in page
