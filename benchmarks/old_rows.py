"""Years of bookings, loaded by a few set-based statements, as the product would have left them.

Each old booking has its job, its ledger row, its mail and event that were sent, and the event's
place in the log. A person has ten of them, all attended: the students of the school that is given
first, then people who only were there once.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, NullPool, create_engine, text

from benchmarks.installation import Installation
from benchmarks.school import SPACE, School

EACH = 10
"""Old bookings of one person: a course of ten steps."""
SEATS = 100
OLD = 900 * SPACE
"""Where old ids begin, far above those of the schools."""


def load_old_rows(installation: Installation, count: int, school: School) -> None:
    """Load so many old bookings with all that belongs to them, and write them to the disk."""
    numbers = {
        "count": count,
        "each": EACH,
        "people": count // EACH,
        "students": min(count // EACH, school.students),
        "base": school.base,
        "old": OLD + school.base,
        "seats": SEATS,
        "teacher": school.numbers()["teacher"],
    }
    load(installation, _STATEMENTS, numbers)


def load(installation: Installation, statements: Iterable[str], numbers: dict[str, int]) -> None:
    """Load very many rows by these statements, and write them to the disk.

    As the superuser with the triggers of foreign keys off, or it would take hours.
    """
    engine = create_engine(
        installation.superuser_url, poolclass=NullPool, isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as db:
        for setting in _SETTINGS:
            db.execute(text(setting))
        indexes = _drop_indexes(db)
        for statement in statements:
            db.execute(text(statement), numbers)
        for index in indexes:
            db.execute(text(index))
        db.execute(text("VACUUM ANALYZE"))
        db.execute(text("CHECKPOINT"))


def _drop_indexes(db: Connection) -> list[str]:
    """Drop what is only an index, and return how to make it again, which is much faster.

    Those of what is open stay: no old row goes into them, and the processes that run meanwhile
    would read all old rows without them.
    """
    found = db.execute(text(_INDEXES)).all()
    for row in found:
        db.execute(text(row.undo))
    return [row.redo for row in found]


_SETTINGS = (
    "SET session_replication_role = replica",
    "SET synchronous_commit = off",
    "SET maintenance_work_mem = '512MB'",
    "SET work_mem = '256MB'",
)
_INDEXES = """
    SELECT 'DROP INDEX ' || indexrelid::regclass AS undo, pg_get_indexdef(indexrelid) AS redo
    FROM pg_index
    WHERE indrelid IN ('booking_job'::regclass, 'booking'::regclass, 'outbox_message'::regclass,
                       'seat_ledger'::regclass, 'event_log'::regclass)
      AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
      AND (indpred IS NULL OR indrelid = 'booking'::regclass)
    UNION ALL
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
           format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname,
                  pg_get_constraintdef(oid))
    FROM pg_constraint WHERE contype = 'x'
"""
_PERSON = "LATERAL (SELECT CASE WHEN i < :students THEN :base + i ELSE :old + i END AS person)"
_EACH = """generate_series(0, :count - 1) AS n,
           LATERAL (SELECT n / :each AS i, n % :each AS step,
                           lpad(to_hex(:old + n), 12, '0') AS number) AS place,
           LATERAL (SELECT CASE WHEN i < :students THEN :base + i ELSE :old + i END AS person,
                           :old + step * ((:people - 1) / :seats + 1) + i / :seats AS session_id,
                           CAST('018b0000-0000-7000-8000-' || number AS uuid) AS job_id,
                           CAST('018b0000-0000-7000-9000-' || number AS uuid) AS mail_id,
                           CAST('018b0000-0000-7000-a000-' || number AS uuid) AS event_id,
                           date_trunc('hour', now()) - interval '400 days'
                               + step * interval '30 days' + i / :seats % 700 * interval '1 hour'
                               AS start_at,
                           date_trunc('hour', now()) - interval '500 days'
                               + n * interval '1 second' AS told_at) AS one"""
_STATEMENTS = (
    """INSERT INTO user_account (id, email, name, role)
       SELECT :old + i, 'old' || :old + i || '@example.org', 'Old ' || i, 'STUDENT'
       FROM generate_series(:students, :people - 1) AS i""",
    "INSERT INTO course_program (id, title) VALUES (:old, 'Old program')",
    "INSERT INTO course_cohort (id, course_program_id, name) VALUES (:old, :old, 'Old run')",
    """INSERT INTO course_step (id, course_program_id, label, title, step_order)
       SELECT :old + step, :old, 'S', 'Old step', step + 1
       FROM generate_series(0, :each - 1) AS step""",
    """INSERT INTO group_class (id, name, teacher_id, capacity_max)
       SELECT :old + step, 'Old class', :teacher, :seats
       FROM generate_series(0, :each - 1) AS step""",
    """INSERT INTO session (id, group_class_id, start_at, end_at, capacity_max, seats_taken)
       SELECT :old + step * ((:people - 1) / :seats + 1) + g, :old + step, start_at,
              start_at + interval '1 hour', :seats, least(:seats, :people - g * :seats)
       FROM generate_series(0, :each - 1) AS step,
            generate_series(0, (:people - 1) / :seats) AS g,
            LATERAL (SELECT date_trunc('hour', now()) - interval '400 days'
                            + step * interval '30 days' + g % 700 * interval '1 hour'
                                AS start_at)""",
    """INSERT INTO course_step_option (id, course_step_id, group_class_id)
       SELECT :old + step, :old + step, :old + step FROM generate_series(0, :each - 1) AS step""",
    f"""INSERT INTO student_package (id, user_id, course_cohort_id, package_name)
        SELECT :old + i, person, :old, 'Old package'
        FROM generate_series(0, :people - 1) AS i, {_PERSON}""",
    f"""INSERT INTO booking (id, user_id, session_id, group_class_id, booking_type, status,
                             payment_status, course_step_id, student_package_id, created_by,
                             created_at, booking_job_id, change_until, cancel_until, during)
        SELECT :old + n, person, session_id, :old + step, 'COURSE_STEP', 'ATTENDED', 'PAID',
               :old + step, :old + i, person, told_at, job_id, start_at - interval '1 day',
               start_at - interval '1 day', tstzrange(start_at, start_at + interval '1 hour')
        FROM {_EACH}""",
    f"""INSERT INTO student_course_step_progress (student_package_id, course_step_id, status,
                                                  group_class_id, booking_id, booked_at)
        SELECT :old + i, :old + step, 'COMPLETED', :old + step, :old + n, told_at FROM {_EACH}""",
    f"""INSERT INTO booking_job (id, kind, status, submitted_by, user_id, student_package_id,
                                 course_step_id, request, idempotency_key, fingerprint, lanes,
                                 submitted_at, decided_at, attempts, task_id, result)
        SELECT job_id, 'BOOK_STEP', 'SUCCEEDED', person, person, :old + i, :old + step,
               jsonb_build_object('course_step_option_id', :old + step, 'session_id', session_id),
               gen_random_uuid(), sha256(CAST(job_id AS text)::bytea),
               ARRAY[(:old + step) % 16]::smallint[], told_at, told_at + interval '0.1 s', 1,
               job_id,
               jsonb_build_object(
                   'booking', jsonb_build_object(
                       'id', :old + n, 'session_id', session_id, 'status', 'CONFIRMED',
                       'booking_type', 'COURSE_STEP', 'course_step_id', :old + step,
                       'student_package_id', :old + i, 'payment_status', 'PAID',
                       'created_at', told_at, 'change_until', start_at, 'cancel_until', start_at),
                   'progress', jsonb_build_object(
                       'status', 'BOOKED', 'booking_id', :old + n, 'course_step_id', :old + step))
        FROM {_EACH}""",
    f"""INSERT INTO seat_ledger (session_id, booking_id, change, cause, actor_id, booking_job_id,
                                 at)
        SELECT session_id, :old + n, 1, 'BOOKED', person, job_id, told_at FROM {_EACH}""",
    f"""INSERT INTO outbox_message (id, kind, topic, user_id, student_package_id, course_step_id,
                                    booking_job_id, payload, status, attempts, created_at,
                                    next_attempt_at, finished_at)
        SELECT message_id, kind, topic, person, :old + i, :old + step, job_id, payload, 'SENT', 1,
               told_at, told_at, told_at
        FROM {_EACH},
             LATERAL (VALUES
                 (mail_id, 'MAIL', 'booking_confirmed',
                  jsonb_build_object('booking_id', :old + n)),
                 (event_id, 'EVENT', 'course.step.booked',
                  jsonb_build_object('studentId', person, 'packageId', :old + i,
                                     'stepId', :old + step, 'bookingId', :old + n,
                                     'sessionId', session_id))
             ) AS message (message_id, kind, topic, payload)""",
    f"""INSERT INTO event_log (position, id, type, timestamp, data)
        SELECT (SELECT coalesce(max(position), 0) FROM event_log) + 1 + n, event_id,
               'course.step.booked', told_at,
               jsonb_build_object('studentId', person, 'packageId', :old + i,
                                  'stepId', :old + step, 'bookingId', :old + n,
                                  'sessionId', session_id)
        FROM {_EACH}""",
)
