"""Readers who follow the log by their cursor, while others write, slowly and all at once."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text

from models.event_listing import find_event, last_position, list_events
from models.event_publishing import publish_events
from models.round import Decider
from tests.backends import waiting_backends
from tests.catalogs import bring_in, small_catalog
from tests.deciding import decide_all
from tests.models.test_event_log import write
from tests.processes import until
from tests.school import School

WRITERS = 4
EVENTS_EACH = 15


class Reader:
    """Follows the log from its beginning; `look` is how it finds what came behind its cursor."""

    def __init__(
        self, engine: Engine, look: Callable[[Connection, int], list[tuple[int, str]]]
    ) -> None:
        self.seen: list[str] = []
        self._engine, self._look = engine, look
        self._cursor = 0

    def read(self) -> None:
        with self._engine.connect() as db:
            for cursor, type_ in self._look(db, self._cursor):
                self.seen.append(type_)
                self._cursor = cursor


def by_position(db: Connection, after: int) -> list[tuple[int, str]]:
    events = list_events(db, after=after, limit=3)
    return [(event.cursor or 0, event.type) for event in events]


def by_id(db: Connection, after: int) -> list[tuple[int, str]]:
    """The usual way: a number that is drawn when the row is written."""
    query = "SELECT written, topic FROM outbox_message WHERE written > :after ORDER BY written"
    return [tuple(row) for row in db.execute(text(query), {"after": after})]


@contextmanager
def always(*deeds: Callable[[], object]) -> Iterator[None]:
    """Each of these is done over and over, by a thread of its own."""
    ended = threading.Event()

    def repeat(deed: Callable[[], object]) -> None:
        while not ended.wait(0.002):
            deed()

    threads = [threading.Thread(target=repeat, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    yield
    ended.set()
    for thread in threads:
        thread.join()


def publish(engine: Engine) -> None:
    with engine.begin() as db:
        publish_events(db, 5)


def write_others(engine: Engine) -> None:
    def work(writer: int) -> None:
        for number in range(EVENTS_EACH):
            with engine.begin() as db:
                write(db, f"{writer}.{number}")

    threads = [threading.Thread(target=work, args=(writer,)) for writer in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@contextmanager
def an_import_under_way(engine: Engine) -> Iterator[threading.Thread]:
    """A catalog is imported, and stands still amid its transaction until the end."""
    bring_in(engine, small_catalog())
    changed = small_catalog()
    changed["groupClasses"][0]["name"] = "Yoga for all"
    importing = threading.Thread(target=bring_in, args=(engine, changed))
    with engine.connect() as other:
        other.execute(text("SELECT FROM group_class WHERE id = 1 FOR UPDATE"))
        importing.start()
        until(lambda: waiting_backends(engine), 10, "the import, amid its transaction")
        yield importing
    importing.join()
    with engine.connect() as db:
        names = "SELECT name FROM group_class WHERE id = 1"
        assert db.scalar(text(names)) == "Yoga for all"


def test_with_a_writer_that_commits_late_and_an_import_a_reader_misses_nothing_and_isnt_held_up(
    engine: Engine,
) -> None:
    """The first to write is the last to commit, when all others' events were read long ago.

    By how many seconds doesn't matter: no place in the log depends on a clock, only on what had
    committed when places were given. So the writer is late by events, all that there are.
    """
    reader = Reader(engine, by_position)
    with an_import_under_way(engine) as importing, engine.connect() as slow:
        write(slow, "late")
        with always(lambda: publish(engine), lambda: publish(engine), reader.read):
            write_others(engine)
            others = WRITERS * EVENTS_EACH
            until(lambda: len(reader.seen) == others, 10, "the reading of all others")
            slow.commit()
            until(lambda: "late" in reader.seen, 10, "the late event")
        assert importing.is_alive()
    written = {f"{writer}.{number}" for writer in range(WRITERS) for number in range(EVENTS_EACH)}
    assert set(reader.seen) == written | {"late"}
    assert len(reader.seen) == len(written) + 1, "none twice"
    assert reader.seen[-1] == "late"


def test_a_reader_who_follows_ids_misses_what_commits_late(engine: Engine) -> None:
    """The control."""
    reader = Reader(engine, by_id)
    with engine.connect() as slow:
        write(slow, "late")
        write_others(engine)
        reader.read()
        slow.commit()
    reader.read()
    assert len(reader.seen) == WRITERS * EVENTS_EACH
    assert "late" not in reader.seen


def test_a_cancellation_is_never_in_the_log_before_its_booking(
    school: School, decider: Decider
) -> None:
    engine = school.engine
    course = school.course(capacity=8, sessions=2)
    reader = Reader(engine, by_position)
    with always(lambda: publish(engine), reader.read):
        pupils = [course.pupil() for _ in range(8)]
        for pupil in pupils:
            pupil.book()
        decide_all(decider)
        for pupil in pupils:
            pupil.cancel()
        decide_all(decider)
        until(lambda: len(reader.seen) == 16, 10, "the reading of all")
    with engine.connect() as db:
        assert last_position(db) == 16
        log = list_events(db, after=0, limit=100)
        assert find_event(db, 7) == log[6]
        assert find_event(db, 17) is None
        booked = list_events(db, after=0, limit=100, only_type="course.step.booked")
    assert [event.cursor for event in log] == list(range(1, 17))
    assert len(booked) == 8
    places = {(event.type, event.data["bookingId"]): event.cursor or 0 for event in log}
    for event in booked:
        booking = event.data["bookingId"]
        assert places["course.step.booked", booking] < places["course.step.cancelled", booking]
