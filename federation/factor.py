"""The second factor of a call of AWS STS: a device's serial number and a code, both or neither."""

from operations.errors import AccessDenied

INCOMPLETE = "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code."


def is_given(serial_number: str | None, token_code: str | None) -> bool:
    """Whether a call brings a second factor. Raises AccessDenied for half of one, in AWS's words."""
    if bool(serial_number) != bool(token_code):
        raise AccessDenied(INCOMPLETE)
    return bool(serial_number)
