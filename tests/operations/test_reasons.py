"""The reason of a change, at the gate: what it may be, and what the record keeps of it."""

import json
from dataclasses import replace

import pytest

from accounts.operations.users import create_user, get_user
from operations import journal, record
from operations.errors import ValidationError
from operations.models import Event
from operations.reasons import LONGEST, cleaned


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  OPS-1234 \r\n\t night shift ", "OPS-1234 night shift"),
        ("half \ud800 a character", "half a character"),
        ("NUL\x00, bell\x07", "NUL , bell"),
        ("\u202ekcab\u202c", "kcab"),
        ("Jörg’s 👩‍🚒 team", "Jörg’s 👩‍🚒 team"),
        (" \n ", ""),
    ],
)
def test_it_is_one_line_of_text(text, kept):
    assert cleaned(text) == kept


def test_the_longest_is_recorded_whole_whatever_its_letters(admin, last_event):
    reason = "𝔘" * LONGEST  # four bytes each: more than an index takes
    create_user(replace(admin, reason=reason), user_name="dora")
    assert last_event()["additionalEventData"] == {"reason": reason}
    assert reason.startswith(Event.objects.latest("id").reason)


def test_a_longer_one_is_refused_before_anything_is_done_and_not_recorded(admin, last_event):
    with pytest.raises(ValidationError, match="changeReason"):
        create_user(replace(admin, reason="x" * (LONGEST + 1)), user_name="dora")
    assert last_event()["errorCode"] == "ValidationError"
    assert "additionalEventData" not in last_event()
    assert get_user(admin, user_name="alice")["User"]["UserName"] == "alice"


def test_a_call_without_one_is_recorded_as_ever(admin, last_event):
    create_user(admin, user_name="dora")
    assert "additionalEventData" not in last_event()
    assert Event.objects.latest("id").reason is None


def test_a_line_of_an_earlier_release_still_comes_into_the_record(admin):
    draft = record.Draft("GetUser", admin, read_only=True)
    columns, _, text = journal._line(record.entry(draft)).decode().partition("\t")
    older = f"{json.dumps(json.loads(columns)[:-1])}\t{text}"
    entry = journal._entry(older.encode())
    assert (entry.reason, entry.name, entry.text) == (None, "GetUser", text.rstrip("\n"))
