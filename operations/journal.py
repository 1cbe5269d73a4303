"""The journal of reads: what was read is written to a file at once and comes into the record a moment later, many Events at a time.

An allowed read changes nothing, and recording it in a transaction of its own costs several times what the read itself costs: on SQLite all
reads would queue for the one write lock. So a serving process appends the finished entry to its file before it answers, and a thread
adds what all processes of this machine have written to the record in one transaction. Calls that change something, that are
refused or that hand out credentials never come by here: they are recorded before they are answered.

Nothing is lost when a process ends at any point: its file stays, and the next to look after the journal takes it over. An entry that came
into the record although its file is still there is recognised by its event id. A crash of the whole machine can take what it can take of
SQLite's write-ahead log too: the last moments before it (docs/operations.md).

A writer holds a shared lock on its file while it appends; who takes a file over holds an exclusive one until the entries are committed
and the file is gone. A writer that finds its file taken begins a new one, so no request ever waits.
"""

import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import datetime
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, LOCK_UN, flock
from itertools import groupby
from pathlib import Path
from threading import Event as Signal
from threading import Lock, Thread
from uuid import uuid4

from django.conf import settings
from django.db import DatabaseError, DataError, IntegrityError, close_old_connections, connection

from operations import record
from operations.models import Event
from operations.record import Draft, Entry

logger = logging.getLogger(__name__)
PAUSE_SECONDS = 0.1  # how long entries gather before they are added
RETRY_SECONDS = 2.0  # after the database did not answer
AT_ONCE = 500  # entries a transaction: SQLite's write lock is held for some milliseconds only
MOST_BYTES = (
    64 * 1024 * 1024
)  # of one file; beyond it the database is behind, and reads are recorded as everything else is


def folder() -> Path:
    """Where this installation's journal is."""
    return Path(settings.DATA_DIR) / "journal"


BEFORE_REASONS = 12  # columns after the time in a line that an earlier release has left behind


# --- writing --------------------------------------------------------------------------------------------------------------


class Writer:
    """The file that one process appends to."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._lock = Lock()
        self._file = -1
        self._size = 0

    def append(self, entries: Sequence[Entry]) -> bool:
        """Append whole lines. False when that is not possible: then nothing of them is in the journal."""
        lines = b"".join(_line(entry) for entry in entries)
        with self._lock:
            try:
                if not self._held():
                    self._begin()
                if self._size + len(lines) > MOST_BYTES:
                    return False
                return self._write(lines)
            except OSError as error:
                logger.warning("the journal of reads cannot be written: %s", error)
                self._drop()
                return False
            finally:
                if self._file >= 0:
                    flock(self._file, LOCK_UN)

    def _held(self) -> bool:
        """Share the lock of the file, unless somebody has taken the file over."""
        if self._file < 0:
            return False
        try:
            flock(self._file, LOCK_SH | LOCK_NB)
        except BlockingIOError:
            self._drop()
            return False
        if os.fstat(self._file).st_nlink:
            return True
        self._drop()
        return False

    def _begin(self) -> None:
        """A file of its own; somebody may take it over before its lock is shared, then the next."""
        self.place.mkdir(mode=0o700, parents=True, exist_ok=True)
        for _ in range(20):
            path = self.place / f"{uuid4().hex}.jsonl"
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            self._size = 0
            if self._held():
                return
        raise OSError("no file could be begun")

    def _write(self, lines: bytes) -> bool:
        if os.write(self._file, lines) == len(lines):
            self._size += len(lines)
            return True
        os.ftruncate(self._file, self._size)  # a full disk takes a part of a line
        return False

    def _drop(self) -> None:
        if self._file >= 0:
            os.close(self._file)
        self._file = -1


_COLUMNS = json.JSONEncoder(separators=(",", ":"))


def _line(entry: Entry) -> bytes:
    """An entry as one line: its columns as JSON, a tab, and its text, in which JSON has escaped tabs and line ends."""
    columns = _COLUMNS.encode([*entry[:2], entry.time.isoformat(), *entry[3:-1]])
    return f"{columns}\t{entry.text}\n".encode()


def _entry(line: bytes) -> Entry:
    """The entry of a line. Raises ValueError, TypeError."""
    columns, _, text = line.decode().rstrip("\n").partition("\t")
    account_id, event_id, time, *rest = json.loads(columns)
    if len(rest) == BEFORE_REASONS:
        rest.append(None)
    return Entry._make((account_id, event_id, datetime.fromisoformat(time), *rest, text))


# --- taking over ----------------------------------------------------------------------------------------------------------


def settle(place: Path | None = None) -> int:
    """Add everything that is in the journal to the record; the number of Events added.

    Who reads the record calls this first, so that what it shows is complete. Within a transaction nothing is done: a rollback would take
    the entries out of the record after their files are gone. Raises DatabaseError; then the files are still there.
    """
    _keep_gathered()
    place = place or folder()
    if connection.in_atomic_block:
        return 0
    return sum(_take_over(path) for path in _files(place))


def _files(place: Path) -> list[Path]:
    with suppress(FileNotFoundError):
        return sorted((path for path in place.iterdir() if path.suffix == ".jsonl"), key=_age)
    return []


def _age(path: Path) -> float:
    with suppress(FileNotFoundError):
        return path.stat().st_mtime
    return 0.0


def _take_over(path: Path) -> int:
    """One file's entries into the record, and the file away; 0 when somebody else has done it."""
    with _alone(path) as file:
        if file < 0:
            return 0
        entries = list(_entries(path, file))
        added = sum(
            _add(list(batch))
            for _, of_account in groupby(sorted(entries, key=_account), _account)
            for batch in _batches(list(of_account))
        )
        path.unlink()
        return added


def _account(entry: Entry) -> str:
    return entry.account_id


def _batches(entries: list[Entry]) -> Iterator[list[Entry]]:
    for start in range(0, len(entries), AT_ONCE):
        yield entries[start : start + AT_ONCE]


@contextmanager
def _alone(path: Path) -> Iterator[int]:
    """The file, locked against its writer and everybody else; -1 when it is gone."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield -1
        return
    try:
        flock(file, LOCK_EX)
        yield file if os.fstat(file).st_nlink else -1
    finally:
        os.close(file)


def _entries(path: Path, file: int) -> Iterator[Entry]:
    """The entries of a file. A line that cannot be read is set aside beside it and told of; half a last line was never answered for."""
    with os.fdopen(os.dup(file), "rb") as lines:
        for line in lines:
            if not line.endswith(b"\n"):
                break
            try:
                yield _entry(line)
            except (ValueError, TypeError):
                _set_aside(path, line)


def _add(entries: list[Entry]) -> int:
    """Add entries that are not in the record yet; the number of those that were not.

    That some are there already happens after a crash only, so nobody asks beforehand: looking for hundreds of ids costs more than
    adding the entries. The database refuses what it has.
    """
    try:
        record.add(entries)
    except (DataError, IntegrityError):
        fresh = _unknown(entries)
        if len(fresh) == len(entries):
            return sum(_add_one(one) for one in entries)
        return _add(fresh) if fresh else 0
    return len(entries)


def _unknown(entries: list[Entry]) -> list[Entry]:
    known = set(Event.objects.filter(event_id__in=[one.event_id for one in entries]).values_list("event_id", flat=True))
    return [one for one in entries if one.event_id not in known]


def _add_one(entry: Entry) -> int:
    """One entry of a batch that the database refused; what it refuses again must not hold up the others."""
    try:
        record.add([entry])
    except (DataError, IntegrityError):
        logger.exception("event %s is refused by the database", entry.event_id)
        _set_aside(folder() / entry.event_id, _line(entry))
        return 0
    return 1


def _set_aside(path: Path, line: bytes) -> None:
    aside = path.with_suffix(".refused")
    logger.error("an entry of the journal of reads cannot be recorded; it is kept in %s", aside)
    with aside.open("ab") as file:
        file.write(line)


# --- a serving process ----------------------------------------------------------------------------------------------------


class Journal:
    """The journal of one serving process: its writer, and the thread that adds what has gathered."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.writer = Writer(place)
        self._work = Signal()
        self._end = Signal()
        self._thread = Thread(target=self._run, name="journal", daemon=True)

    def start(self) -> None:
        self._work.set()  # files that another process has left behind
        self._thread.start()

    def append(self, entries: Sequence[Entry]) -> bool:
        taken = self.writer.append(entries)
        if not self._work.is_set():  # else the thread has not looked yet; telling it again takes a lock
            self._work.set()
        return taken

    def stop(self) -> None:
        """Add what is there, as far as the database takes it, and end."""
        self._end.set()
        self._work.set()
        self._thread.join(10)

    def _run(self) -> None:
        while not self._end.is_set():
            self._work.wait()
            self._end.wait(PAUSE_SECONDS)
            self._work.clear()
            if not self._settled():
                self._work.set()
                self._end.wait(RETRY_SECONDS)
        self._settled()  # what came between the last look and the end
        connection.close()

    def _settled(self) -> bool:
        """Whether the journal could be added; the thread must outlive whatever the database does."""
        try:
            close_old_connections()
            settle(self.place)
        except DatabaseError as error:
            logger.warning("the journal of reads waits for the database: %s", error)
            connection.close()
            return False
        except OSError:
            logger.exception("the journal of reads cannot be read")
            return False
        return True


_serving: Journal | None = None


def start() -> None:
    """Keep a journal in this process from now on: for the workers of a server."""
    global _serving  # noqa: PLW0603 - one journal a process
    _serving = Journal(folder())
    _serving.start()


def stop() -> None:
    """End this process's journal, and add what is in it."""
    global _serving  # noqa: PLW0603
    if _serving is not None:
        _serving.stop()
        _serving = None


def keep(drafts: Sequence[Draft]) -> None:
    """Record allowed reads: by the journal where this process keeps one, else at once; those of a page `together` with its others."""
    entries = [record.entry(draft) for draft in drafts]
    gathered = _gathered.get()
    if gathered is None:
        _keep(entries)
    else:
        gathered.extend(entries)


def _keep(entries: Sequence[Entry]) -> None:
    if _serving is None or connection.in_atomic_block or not _serving.append(entries):
        for _, of_account in groupby(entries, _account):
            record.add(list(of_account))


# --- the reads of one page ------------------------------------------------------------------------------------------------

_gathered: ContextVar[list[Entry] | None] = ContextVar("gathered_reads", default=None)


@contextmanager
def together() -> Iterator[None]:
    """Keep what is read within it at once, at its end: one transaction for a page that reads several things, whatever becomes of it.

    Whoever looks into the record meanwhile finds all that was read before (`settle`). Also a decorator of views.
    """
    token = _gathered.set([])
    try:
        yield
    finally:
        try:
            _keep_gathered()
        finally:  # else the thread's next reads would gather where nobody looks
            _gathered.reset(token)


@contextmanager
def apart() -> Iterator[None]:
    """Keep what has gathered, and each read within it by itself: for what is recorded in a transaction or must come after the reads."""
    _keep_gathered()
    token = _gathered.set(None)
    try:
        yield
    finally:
        _gathered.reset(token)


def _keep_gathered() -> None:
    if gathered := _gathered.get():
        entries = list(gathered)
        gathered.clear()
        _keep(entries)
