"""What people are told when a code or a sign-in is refused: which code is wrong, how far a clock is off, how long to wait."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.signin import SignInRefused
from operations.errors import InvalidAuthenticationCode


def wait(seconds: int) -> str:
    """How long to wait before the next attempt."""
    if seconds < 60:
        return ngettext(
            "Wait %(n)d second before the next attempt.", "Wait %(n)d seconds before the next attempt.", seconds
        ) % {"n": seconds}
    minutes = -(-seconds // 60)
    return ngettext(
        "Wait %(n)d minute before the next attempt.", "Wait %(n)d minutes before the next attempt.", minutes
    ) % {"n": minutes}


def sentence(refused: SignInRefused) -> str:
    """A refused sign-in or factor, as one text."""
    parts = [refused.text]
    if refused.refusal.used:
        parts = [_("This code was used already. Wait for the next one.")]
    elif refused.refusal.seconds_behind:
        behind = ngettext(
            "The code is out of date: the device's clock is %(n)d second behind. Set its clock, or wait and type the code faster.",
            "The code is out of date: the device's clock is %(n)d seconds behind. Set its clock, or wait and type the code faster.",
            refused.refusal.seconds_behind,
        )
        parts = [behind % {"n": refused.refusal.seconds_behind}]
    if refused.seconds:
        parts.append(wait(refused.seconds))
    return " ".join(parts)


def code_errors(error: InvalidAuthenticationCode) -> list[tuple[str | None, str]]:
    """Two codes that do not prove a device: for each of the form's fields what is wrong with it (None: with the device)."""
    details = error.details
    if details.get("ahead"):
        seconds = abs(int(details["ahead"]))
        clock = (
            ngettext(
                "The codes are right for a clock that is %(n)d second ahead. Set the device's clock to automatic and try again.",
                "The codes are right for a clock that is %(n)d seconds ahead. Set the device's clock to automatic and try again.",
                seconds,
            )
            if details["ahead"] > 0
            else ngettext(
                "The codes are right for a clock that is %(n)d second behind. Set the device's clock to automatic and try again.",
                "The codes are right for a clock that is %(n)d seconds behind. Set the device's clock to automatic and try again.",
                seconds,
            )
        )
        return [(None, clock % {"n": seconds})]
    if details.get("used"):
        return [("code1", _("These codes were used already. Wait for two new ones."))]
    if details.get("wrong") == 1:
        return [("code1", _("The first code is wrong."))]
    if details.get("same"):
        return [("code2", _("The second code is the first one again. Wait until the device shows the next code."))]
    if details.get("wrong") == 2:
        return [("code2", _("The first code is right; the second one is not the code that comes after it."))]
    return [(None, error.message)]
