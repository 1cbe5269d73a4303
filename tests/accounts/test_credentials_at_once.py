"""Two workers at once: only as many credentials, and only as many uses of a code, as the rules allow."""

from datetime import UTC, datetime

import pytest

from accounts import mfa, recovery, throttling
from accounts.models import AccessKey, MfaDevice, PasswordLink, RecoveryCode, Throttle, User
from accounts.operations.access_keys import create_access_key
from accounts.operations.mfa_devices import create_virtual_mfa_device_from_seed, enable_mfa_device
from accounts.operations.users import create_user
from accounts.password_links import redeem
from accounts.setup_link import make_setup_link
from operations.caller import command_caller
from operations.errors import EntityAlreadyExists, LimitExceeded, NoSuchEntity
from tests.accounts.browser import codes_of, give_device

SYSTEM = command_caller("123456789012")


class Desk:
    source_ip, user_agent, request_id = "192.0.2.1", "tests", "r"


@pytest.fixture
def dora(at_once, account):
    create_user(SYSTEM, user_name="dora")
    return User.objects.get(name="dora")


def test_a_third_access_key(at_once, dora):
    answers = at_once(*[lambda: create_access_key(SYSTEM, user_name="dora")] * 4)
    assert [type(answer) for answer in answers].count(LimitExceeded) == 2
    dora.refresh_from_db()
    assert AccessKey.objects.filter(user=dora).count() == dora.active_key_count == 2


def test_a_ninth_device(at_once, dora):
    for number in range(7):
        give_device(dora, f"device{number}")
    seeds = [mfa.new_seed() for _ in range(3)]
    for number, seed in enumerate(seeds):
        create_virtual_mfa_device_from_seed(SYSTEM, virtual_mfa_device_name=f"new{number}", base32_string_seed=seed)

    def enable(number, seed):
        first, second = codes_of(seed)
        serial = f"arn:aws:iam::123456789012:mfa/new{number}"
        return enable_mfa_device(
            SYSTEM, user_name="dora", serial_number=serial, authentication_code1=first, authentication_code2=second
        )

    answers = at_once(*[lambda number=number, seed=seed: enable(number, seed) for number, seed in enumerate(seeds)])
    assert [type(answer) for answer in answers].count(LimitExceeded) == 2
    dora.refresh_from_db()
    assert MfaDevice.objects.filter(user=dora).count() == dora.mfa_device_count == 8


def test_one_device_for_two_users(at_once, dora):
    create_user(SYSTEM, user_name="emil")
    seed = mfa.new_seed()
    create_virtual_mfa_device_from_seed(SYSTEM, virtual_mfa_device_name="phone", base32_string_seed=seed)
    first, second = codes_of(seed)
    given = {
        "serial_number": "arn:aws:iam::123456789012:mfa/phone",
        "authentication_code1": first,
        "authentication_code2": second,
    }
    answers = at_once(
        *[lambda name=name: enable_mfa_device(SYSTEM, user_name=name, **given) for name in ("dora", "emil")]
    )
    assert [type(answer) for answer in answers].count(EntityAlreadyExists) == 1


def test_one_code_by_two_workers(at_once, dora):
    device = give_device(dora)
    now = datetime.now(UTC)
    code = mfa.code_at(device.seed, mfa.step_at(now))
    answers = at_once(*[lambda: mfa.use_code(MfaDevice.objects.get(pk=device.pk), code, now)] * 4)
    assert sorted(answers) == [False, False, False, True]


def test_one_recovery_code_by_two_workers(at_once, dora):
    now = datetime.now(UTC)
    RecoveryCode.objects.create(user=dora, code_digest=recovery.code_digest(dora, "AAAA-BBBB-CCCC"), confirmed_at=now)
    answers = at_once(*[lambda: recovery.use(dora, "aaaa bbbb cccc", now)] * 4)
    assert sorted(answers) == [False, False, False, True]


def test_one_link_by_two_workers(at_once, account):
    token = make_setup_link(User.everyone.get(is_root=True)).split("/")[2]
    answers = at_once(*[lambda number=number: redeem(token, f"Long-enough-{number}", Desk()) for number in range(3)])
    assert [type(answer) for answer in answers].count(NoSuchEntity) == 2
    assert PasswordLink.objects.exclude(used_at=None).count() == 1


def test_guesses_side_by_side_are_all_counted(at_once, dora):
    limits = [throttling.Limit("someone", 3, 900)]
    now = datetime.now(UTC)

    def guess():
        try:
            throttling.admit(limits, now)
        except throttling.TooManyAttempts:
            return "refused"
        return "admitted"

    assert at_once(*[guess] * 6).count("refused") == 3
    assert Throttle.objects.get().attempts == 3
