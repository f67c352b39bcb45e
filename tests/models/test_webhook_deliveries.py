"""Deliveries: who gets which event, how many are under way, and what an attempt's answer does."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, bindparam, text

from models import webhook_claims
from models.auditing import Actor
from models.event_publishing import publish_events
from models.event_types import TEST_TYPE, EventType
from models.webhook import DisabledReason
from models.webhook_claims import ATTEMPTS, EVENT_GONE, PAUSES, SENDER_DIED, Claimed, claim, rescue
from models.webhook_deliveries import queue_test, replay
from models.webhook_due import Due, due_endpoints
from models.webhook_endpoints import delete_endpoint, rotate_secret, switch_endpoint
from models.webhook_finishing import JITTER, Answer, Finished, finish
from tests.backends import waiting_backends
from tests.processes import until
from tests.school import School
from tests.webhook_rows import (
    ACTOR,
    change,
    deliveries,
    end_leases,
    endpoint,
    happens,
    make_due,
    publish_all,
    wait_for_places,
)

BOOKED, CANCELLED, MOVED = (
    EventType.STEP_BOOKED,
    EventType.STEP_CANCELLED,
    EventType.SESSION_MOVED,
)
URL = "https://hooks.school.example/"
WELL, ILL = Answer(204, None), Answer(500, "answered 500")


def take(engine: Engine, endpoint_id: int = 1, **behind: Any) -> Claimed | None:
    with engine.begin() as db:
        return claim(db, endpoint_id, **behind)


def take_all(engine: Engine, endpoint_id: int = 1) -> list[Claimed]:
    return list(iter(lambda: take(engine, endpoint_id), None))


def note(engine: Engine, claimed: Claimed | None, answer: Answer) -> Finished | None:
    assert claimed is not None
    with engine.begin() as db:
        return finish(db, claimed, answer)


def row(engine: Engine, columns: str, table: str = "webhook_endpoint") -> Any:
    with engine.connect() as db:
        return tuple(db.execute(text(f"SELECT {columns} FROM {table} ORDER BY id")).one())


def replayed(engine: Engine, after: int, endpoint_id: int = 1) -> Any:
    with engine.begin() as db:
        return replay(db, endpoint_id, after, ACTOR)


# who gets what


def test_each_enabled_endpoint_gets_the_types_it_wants_in_the_order_of_the_log(
    engine: Engine,
) -> None:
    every = endpoint(engine, URL)
    some = endpoint(engine, URL, BOOKED, MOVED)
    off, gone = endpoint(engine, URL), endpoint(engine, URL)
    with engine.begin() as db:
        switch_endpoint(db, off.id, ACTOR, enabled=False)
        assert delete_endpoint(db, gone.id, ACTOR)
    ids = happens(engine, BOOKED, CANCELLED, MOVED)

    assert deliveries(engine, "webhook_endpoint_id || ' ' || position || ' ' || event_type") == [
        f"{every.id} 1 {BOOKED}",
        f"{some.id} 1 {BOOKED}",
        f"{every.id} 2 {CANCELLED}",
        f"{every.id} 3 {MOVED}",
        f"{some.id} 3 {MOVED}",
    ]
    assert deliveries(engine, "event_id")[::2] == [ids[0], ids[1], ids[2]]


def test_an_event_whose_publishing_is_undone_is_delivered_once_it_is_published(
    engine: Engine,
) -> None:
    endpoint(engine, URL)
    wait_for_places(engine, BOOKED)
    with engine.connect() as db:
        assert publish_events(db, 10) == 1
        db.rollback()
    assert deliveries(engine) == []
    publish_all(engine)
    assert deliveries(engine) == ["PENDING"]


def test_a_replay_queues_what_the_log_has_behind_a_position_and_the_endpoint_wants(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.webhook_deliveries.REPLAYED_AT_ONCE", 2)
    ids = happens(engine, *[BOOKED, MOVED] * 3)
    endpoint(engine, URL, MOVED)

    first = replayed(engine, 0)
    assert (first.queued, first.next) == (1, 2)
    second = replayed(engine, first.next)
    assert (second.queued, second.next) == (1, 4)
    last = replayed(engine, second.next)
    assert (last.queued, last.next) == (1, None)
    assert deliveries(engine, "event_id") == ids[1::2]
    assert set(deliveries(engine, "cause")) == {"REPLAY"}
    end = replayed(engine, 6)
    assert (end.queued, end.next) == (0, None)
    assert replayed(engine, 0, endpoint_id=2) is None
    log = "SELECT detail FROM audit_entry WHERE action = 'replay_webhook' ORDER BY id"
    with engine.connect() as db:
        first_detail = db.scalars(text(log)).first()
    assert first_detail == {"after": 0, "through": 2, "queued": 1}


def test_a_replay_among_a_hundred_thousand_events_takes_no_longer_than_its_bound(
    engine: Engine,
) -> None:
    change(
        engine,
        "INSERT INTO event_log SELECT n, gen_random_uuid(), 'course.step.booked', now(), '{}'"
        " FROM generate_series(1, 100000) AS n",
    )
    endpoint(engine, URL)
    with engine.begin() as db:
        db.execute(text("SET LOCAL statement_timeout = '4s'"))
        done = replay(db, 1, 5, ACTOR)
    assert done is not None
    assert (done.queued, done.next) == (10_000, 10_005)


# how many are under way


def test_an_endpoint_has_four_deliveries_under_way_and_one_while_it_fails(engine: Engine) -> None:
    endpoint(engine, URL)
    happens(engine, *[BOOKED] * 8)
    taken = take_all(engine)
    assert len(taken) == webhook_claims.PLACES
    assert [one.event.cursor for one in taken] == [1, 2, 3, 4]

    note(engine, taken[0], ILL)
    assert take(engine) is None, "three are under way, and it fails"
    for one in taken[1:3]:
        note(engine, one, ILL)
    assert take(engine) is None
    note(engine, taken[3], ILL)
    only = take(engine)
    assert take(engine) is None
    note(engine, only, WELL)
    assert len(take_all(engine)) == 3, "it is well again, and that is all there is"


def claim_beside_another(engine: Engine, taken: list[Claimed]) -> Claimed | None:
    """What a second sender gets, who comes while the first one's claim isn't committed yet."""
    second: list[Claimed | None] = []
    with engine.connect() as db:
        first = claim(db, 1)
        assert first is not None
        other = threading.Thread(target=lambda: second.append(take(engine)))
        other.start()
        until(lambda: waiting_backends(engine), 5, "the second sender's wait")
        db.commit()
    other.join()
    taken.append(first)
    return second[0]


def test_two_senders_at_once_keep_to_the_places_together(engine: Engine) -> None:
    endpoint(engine, URL)
    happens(engine, *[BOOKED] * 8)
    taken = [take(engine) for _ in range(3)]
    assert claim_beside_another(engine, taken) is None  # type: ignore[arg-type]  # each was taken


def test_without_the_endpoints_lock_they_would_send_the_same(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: what the lock is for."""

    columns = text("SELECT *, false AS previous_is_valid FROM webhook_endpoint WHERE id = :id")
    unlocked = columns.bindparams(bindparam("id", 1))
    monkeypatch.setattr(webhook_claims, "lock_endpoint", lambda db, _: db.execute(unlocked).one())
    endpoint(engine, URL)
    happens(engine, *[BOOKED] * 8)
    taken: list[Any] = [take(engine) for _ in range(3)]
    second = claim_beside_another(engine, taken)
    assert second is not None
    assert second.id == taken[-1].id


def test_endpoints_with_something_due_are_found_with_how_many_can_work_for_them(
    engine: Engine,
) -> None:
    def due() -> list[Due]:
        with engine.connect() as db:
            return due_endpoints(db)

    busy = endpoint(engine, URL, BOOKED).id
    failing = endpoint(engine, URL, CANCELLED).id
    endpoint(engine, URL, MOVED)
    assert due() == []
    happens(engine, *[BOOKED] * 6, *[CANCELLED] * 3)
    assert due() == [Due(busy, 4), Due(failing, 3)]

    note(engine, take(engine, failing), ILL)
    [held, *_] = [take(engine, busy) for _ in range(3)]
    assert due() == [Due(busy, 1), Due(failing, 1)]
    take(engine, busy)
    take(engine, failing)
    assert due() == []
    end_leases(engine)
    assert due() == [Due(busy, 4), Due(failing, 1)]
    with engine.begin() as db:
        switch_endpoint(db, busy, ACTOR, enabled=False)
    assert due() == [Due(failing, 1)]
    assert held is not None


# what an answer does


def test_what_arrived_is_delivered_and_says_so(engine: Engine) -> None:
    endpoint(engine, URL)
    happens(engine, BOOKED)
    assert note(engine, take(engine), WELL) == Finished()
    assert row(
        engine,
        "status, attempts, response_status, last_error, lease_token, finished_at IS NOT NULL",
        "webhook_delivery",
    ) == ("DELIVERED", 1, 204, None, None, True)
    assert row(engine, "failing_since") == (None,)


def test_a_failure_is_tried_again_after_growing_pauses_and_then_visibly_dead(
    engine: Engine,
) -> None:
    endpoint(engine, URL)
    happens(engine, BOOKED)
    for pause in PAUSES:
        assert note(engine, take(engine), ILL) == Finished()
        waits, error = row(
            engine, "next_attempt_at - clock_timestamp(), last_error", "webhook_delivery"
        )
        assert pause - timedelta(seconds=2) < waits <= pause * (1 + JITTER)
        assert error == "answered 500"
        assert take(engine) is None
        make_due(engine)
    assert note(engine, take(engine), ILL) == Finished(dead=True)
    assert row(
        engine, "status, attempts, finished_at IS NOT NULL, last_error", "webhook_delivery"
    ) == ("DEAD", ATTEMPTS, True, "answered 500")
    make_due(engine)
    assert take(engine) is None


def test_a_410_ends_the_delivery_and_disables_the_endpoint(engine: Engine) -> None:
    endpoint(engine, URL)
    happens(engine, BOOKED, BOOKED)
    ended = note(engine, take(engine), Answer(410, "answered 410"))
    assert ended == Finished(dead=True, disabled=DisabledReason.GONE)
    assert row(engine, "enabled, disabled_reason, disabled_at IS NOT NULL") == (
        *(False, "GONE", True),
    )
    assert deliveries(engine) == ["DEAD", "PENDING"]
    assert take(engine) is None


def test_after_five_days_without_a_success_it_is_disabled_and_all_staff_are_told(
    engine: Engine, school: School
) -> None:
    staff = [school.person("STAFF"), school.person("ADMIN")]
    school.person("TEACHER")
    endpoint(engine, URL)
    happens(engine, *[BOOKED] * 3)
    assert note(engine, take(engine), ILL) == Finished()
    ago = "UPDATE webhook_endpoint SET failing_since = now() - interval '{}'"
    change(engine, ago.format("4 days 23 hours"))
    assert note(engine, take(engine), ILL) == Finished()
    change(engine, ago.format("5 days"))
    assert note(engine, take(engine), ILL) == Finished(disabled=DisabledReason.FAILING)

    assert row(engine, "enabled, disabled_reason") == (False, "FAILING")
    mails = school.rows(
        "SELECT user_id, topic, status, payload FROM outbox_message WHERE kind = 'MAIL' ORDER BY 1"
    )
    told = ("webhook_disabled", "PENDING", {"webhook_endpoint_id": 1})
    assert mails == [(person, *told) for person in sorted(staff)]


def test_after_two_days_in_which_nothing_failed_the_five_days_begin_anew(engine: Engine) -> None:
    endpoint(engine, URL)
    happens(engine, *[BOOKED] * 3)
    note(engine, take(engine), ILL)
    ago = (
        "UPDATE webhook_endpoint SET failing_since = now() - interval '6 days',"
        " last_failed_at = now() - interval '{}'"
    )
    change(engine, ago.format("2 days"))
    assert note(engine, take(engine), ILL) == Finished()
    assert row(engine, "failing_since > now() - interval '1 minute'") == (True,)
    change(engine, ago.format("1 day 23 hours"))
    assert note(engine, take(engine), ILL) == Finished(disabled=DisabledReason.FAILING)


def test_a_test_that_fails_is_no_failure_of_the_endpoint_unless_it_is_gone(engine: Engine) -> None:
    endpoint(engine, URL)
    for _ in range(2):
        with engine.begin() as db:
            queue_test(db, 1, ACTOR)
    assert note(engine, take(engine), ILL) == Finished()
    assert row(engine, "failing_since, last_failed_at") == (None, None)
    gone = note(engine, take(engine), Answer(410, "answered 410"))
    assert gone == Finished(dead=True, disabled=DisabledReason.GONE)


def test_many_endpoints_get_fewer_events_at_once(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.webhook_fanout.DELIVERIES", 7)
    for _ in range(3):
        endpoint(engine, URL)
    ids = wait_for_places(engine, *[BOOKED] * 5)
    counts = []
    while not counts or counts[-1]:
        with engine.begin() as db:
            counts.append(publish_events(db, 10))
    assert counts == [2, 2, 1, 0]
    assert deliveries(engine, "event_id") == [id_ for id_ in ids for _ in range(3)]


def test_a_success_in_between_begins_the_five_days_anew(engine: Engine) -> None:
    endpoint(engine, URL)
    happens(engine, *[BOOKED] * 3)
    note(engine, take(engine), ILL)
    change(engine, "UPDATE webhook_endpoint SET failing_since = now() - interval '6 days'")
    note(engine, take(engine), WELL)
    assert row(engine, "failing_since") == (None,)
    assert note(engine, take(engine), ILL) == Finished()
    assert row(engine, "failing_since > now() - interval '1 minute'") == (True,)


def test_enabled_again_it_goes_on_with_what_waits_and_isnt_failing_any_more(
    engine: Engine,
) -> None:
    endpoint(engine, URL)
    happens(engine, BOOKED)
    note(engine, take(engine), ILL)
    with engine.begin() as db:
        switch_endpoint(db, 1, ACTOR, enabled=False)
    happens(engine, MOVED)
    make_due(engine)
    assert take(engine) is None
    with engine.begin() as db:
        assert switch_endpoint(db, 1, ACTOR, enabled=True).enabled
    assert row(engine, "disabled_at, disabled_reason, failing_since") == (None, None, None)
    [again] = take_all(engine)
    assert (again.event.type, again.attempts) == (BOOKED, 2)
    assert replayed(engine, 1).queued == 1, "what happened meanwhile"


def test_what_was_sent_while_the_endpoint_was_disabled_or_deleted_is_still_noted(
    engine: Engine,
) -> None:
    endpoint(engine, URL)
    happens(engine, *[BOOKED] * 3)
    [first, second, third] = [take(engine) for _ in range(3)]
    with engine.begin() as db:
        switch_endpoint(db, 1, ACTOR, enabled=False)
    assert note(engine, first, WELL) == Finished()
    with engine.begin() as db:
        assert delete_endpoint(db, 1, ACTOR)
        assert not delete_endpoint(db, 1, ACTOR)
    assert note(engine, second, WELL) == Finished()
    assert note(engine, third, Answer(410, "answered 410")) == Finished(dead=True)
    assert deliveries(engine) == ["DELIVERED", "DELIVERED", "DEAD"]
    assert row(engine, "disabled_reason") == ("STAFF",)


# leases


@pytest.fixture
def overslept(engine: Engine) -> tuple[Claimed, Claimed]:
    """Two claims of one delivery: by one who slept past its lease, and by who came then."""
    endpoint(engine, URL)
    happens(engine, BOOKED)
    slow = take(engine)
    assert take(engine) is None
    end_leases(engine)
    assert take(engine) is None, "nobody has put it back yet"
    with engine.begin() as db:
        rescue(db, 1)
    quick = take(engine)
    assert slow is not None
    assert quick is not None
    assert (quick.id, quick.event.id, quick.attempts) == (slow.id, slow.event.id, 2)
    return slow, quick


def test_a_sender_that_overslept_its_lease_can_not_finish_what_another_one_sends(
    engine: Engine, overslept: tuple[Claimed, Claimed]
) -> None:
    slow, quick = overslept
    for answer in (WELL, ILL, Answer(410, "answered 410")):
        assert note(engine, slow, answer) is None
    assert deliveries(engine) == ["SENDING"]
    assert row(engine, "enabled, failing_since") == (True, None)
    assert note(engine, quick, WELL) == Finished()
    assert note(engine, slow, ILL) is None
    assert deliveries(engine) == ["DELIVERED"]


def test_what_a_sender_tried_for_the_last_time_and_died_is_dead(engine: Engine) -> None:
    endpoint(engine, URL)
    happens(engine, BOOKED, BOOKED)
    change(engine, "UPDATE webhook_delivery SET attempts = :n", n=ATTEMPTS - 1)
    take(engine)
    change(engine, "UPDATE webhook_delivery SET attempts = 3 WHERE status = 'PENDING'")
    take(engine)
    end_leases(engine)
    with engine.begin() as db:
        rescue(db, 1)
        rescue(db, 2)  # of no endpoint
    assert deliveries(engine, "status || ' ' || coalesce(last_error, '-')") == [
        f"DEAD {SENDER_DIED}",
        "PENDING -",
    ]


def test_whoever_goes_on_looks_behind_the_last_one(engine: Engine) -> None:
    endpoint(engine, URL)
    happens(engine, BOOKED, BOOKED)
    first = take(engine)
    assert first is not None
    last = take(engine, behind=first)
    assert last is not None
    assert (last.due, last.id) > (first.due, first.id)
    end_leases(engine)
    with engine.begin() as db:
        rescue(db, 1)
    assert take(engine, behind=last) is None
    assert take(engine) is not None


def test_a_delivery_whose_senders_die_again_and_again_waits_as_after_failures(
    engine: Engine,
) -> None:
    endpoint(engine, URL)
    happens(engine, BOOKED)
    for pause in (timedelta(), *PAUSES[1:3]):
        make_due(engine)
        claimed = take(engine)
        assert claimed is not None
        end_leases(engine)
        with engine.begin() as db:
            rescue(db, 1)
        assert deliveries(engine, "next_attempt_at") == [claimed.due + pause]


def test_an_endpoint_is_made_when_whoever_gives_positions_has_committed(engine: Engine) -> None:
    """Else it would neither get such an event nor have found it in the log."""
    wait_for_places(engine, BOOKED)
    with engine.connect() as publisher:
        assert publish_events(publisher, 500) == 1
        making = threading.Thread(target=endpoint, args=(engine, URL))
        making.start()
        until(lambda: waiting_backends(engine), 10, "the wait")
        publisher.commit()
        making.join(10)
    happens(engine, BOOKED)
    assert deliveries(engine, "position") == [2]


# odd data


def test_an_event_that_the_log_has_no_more_is_visibly_dead_and_holds_nobody_up(
    engine: Engine,
) -> None:
    endpoint(engine, URL)
    happens(engine, BOOKED, MOVED)
    with engine.begin() as db:
        db.execute(text("SET LOCAL thrive.maintenance = 'on'"))
        db.execute(text("DELETE FROM event_log WHERE position = 1"))
    [claimed] = take_all(engine)
    assert claimed.event.type == MOVED
    assert deliveries(engine, "status || ' ' || coalesce(last_error, '-')") == [
        f"DEAD {EVENT_GONE}",
        "SENDING -",
    ]


def test_a_test_is_an_event_without_data_and_place(engine: Engine) -> None:
    endpoint(engine, URL, MOVED)
    with engine.begin() as db:
        assert queue_test(db, 7, ACTOR) is None
        queued: Any = queue_test(db, 1, ACTOR)
    claimed = take(engine)
    assert claimed is not None
    event = claimed.event
    assert (event.id, event.cursor, event.type, event.data) == (
        *(queued.event_id, None, TEST_TYPE, {}),
    )
    assert event.timestamp == queued.created_at


def test_the_secret_before_a_rotation_signs_for_a_day_and_those_before_it_no_more(
    engine: Engine,
) -> None:
    def secrets_of(claimed: Claimed | None) -> tuple[str, ...]:
        assert claimed is not None
        return claimed.secrets

    def rotated(db: Connection, at: datetime) -> str:
        return rotate_secret(db, 1, Actor(1, "192.0.2.7", at)).secret  # type: ignore[union-attr]  # it is there

    now = datetime.now(UTC)
    first = endpoint(engine, URL).secret
    happens(engine, *[BOOKED] * 4)
    assert secrets_of(take(engine)) == (first,)
    with engine.begin() as db:
        second = rotated(db, now - timedelta(hours=23))
    assert secrets_of(take(engine)) == (second, first)
    with engine.begin() as db:
        third = rotated(db, now - timedelta(hours=25))
    assert secrets_of(take(engine)) == (third,)
    with engine.begin() as db:
        assert rotate_secret(db, 9, ACTOR) is None
        assert switch_endpoint(db, 9, ACTOR, enabled=True) is None
        fourth = rotated(db, now)
    assert secrets_of(take(engine)) == (fourth, third)
    assert len({first, second, third, fourth}) == 4
