"""Ids of requests and Events: random, and no two processes draw the same."""

import os
from uuid import RFC_4122, UUID

from operations.ids import STORED, uuid


def test_they_are_random_uuids_and_distinct():
    drawn = [uuid() for _ in range(3 * STORED // 16)]
    assert len(set(drawn)) == len(drawn)
    assert {(UUID(one).version, UUID(one).variant) for one in drawn} == {(4, RFC_4122)}


def test_a_process_that_was_forked_draws_its_own():
    uuid()  # now there are some in store
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, uuid().encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(read, 100).decode() != uuid()
