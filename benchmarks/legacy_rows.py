"""A school as the old code left it, at revision 0001, with so many booked steps without a booking.

Programs of ten steps, each in one of ten classes of some 25 students, weekly for sixteen weeks, of
which eight are to come. A student has completed the first step, booked the next eight and not the
last; some newcomers have booked nothing. As in life some of it is odd: see `ODD`. The same numbers
give the same school, but for its clock: `now()` is between its eighth and its ninth week.
"""

from sqlalchemy import Connection, text

BOOKED_EACH = 8
STUDENTS_OF_PROGRAM = 250
ODD = {
    "a class that isn't there": "n % 997 = 3",
    "no class at all": "n % 1009 = 5",
    "a class without coming sessions": "class_id % 101 = 7",
    "a class whose next session was cancelled": "class_id % 61 = 5",
    "a cancelled package": "s % 97 = 11",
    "a package that ends tomorrow": "s % 89 = 7",
    "a seat elsewhere at the time of the step with index 3": "s % 50 = 0",
    "a class with fewer seats than students": "class_id % 8 < 3",
}


def newcomers(booked_steps: int) -> int:
    """How many more students there are who have booked nothing yet, behind the others."""
    return booked_steps // BOOKED_EACH // 10


def load_legacy_school(db: Connection, booked_steps: int) -> None:
    """Load it into the empty tables of revision 0001; `booked_steps` is a multiple of eight."""
    students = booked_steps // BOOKED_EACH
    programs = max(1, students // STUDENTS_OF_PROGRAM)
    seats = max(1, students // programs // 10 - 3)
    people = students + newcomers(booked_steps)
    numbers = {"students": students, "people": people, "programs": programs, "seats": seats}
    for statement in _STATEMENTS:
        db.execute(text(statement), numbers)


_CLASSES = """generate_series(0, :programs - 1) AS p, generate_series(0, 9) AS k,
              generate_series(0, 9) AS c,
              LATERAL (SELECT 1 + (p * 10 + k) * 10 + c AS class_id,
                              1 + p * 10 + k AS step_id) AS of"""
_START = """date_trunc('week', now()) + week * interval '7 days' + (k % 7) * interval '1 day'
            + (CASE WHEN k < 7 THEN 8 ELSE 14 END + c % 5) * interval '1 hour'"""
_STEPS = """generate_series(0, :people - 1) AS s, generate_series(0, 9) AS k,
            LATERAL (SELECT s % :programs AS p, s * 10 + k AS n,
                            (s / :programs + k * 3) % 10 AS c) AS which,
            LATERAL (SELECT 1 + (p * 10 + k) * 10 + c AS class_id,
                            1 + p * 10 + k AS step_id) AS of"""
_STATEMENTS = (
    """INSERT INTO user_account (id, email, name, role, time_zone)
       SELECT 1 + t, 'teacher' || t || '@old.example', 'Teacher ' || t, 'TEACHER', 'Europe/Berlin'
       FROM generate_series(0, 49) AS t""",
    """INSERT INTO user_account (id, email, name, role, time_zone, locale)
       SELECT 1001 + s, 'student' || s || '@old.example',
              (ARRAY['Ada', 'Ben', 'Cem', 'Dörte', 'Émile', 'Femi', 'Gül', 'Hòa'])[1 + s % 8] || ' '
              || (ARRAY['Meyer', 'O''Neill', 'Şahin', 'van Dyk', 'Łukasik', 'García'])[1 + s % 6],
              'STUDENT', CASE s % 5 WHEN 0 THEN 'UTC' ELSE 'Europe/Berlin' END,
              CASE s % 3 WHEN 0 THEN 'de' ELSE 'en' END
       FROM generate_series(0, :people - 1) AS s""",
    """INSERT INTO course_program (id, title)
       SELECT 1 + p, 'Course ' || p FROM generate_series(0, :programs - 1) AS p""",
    """INSERT INTO course_step (id, course_program_id, label, title, step_order)
       SELECT 1 + p * 10 + k, 1 + p, 'Step ' || 1 + k, 'The step number ' || 1 + k, 1 + k
       FROM generate_series(0, :programs - 1) AS p, generate_series(0, 9) AS k""",
    f"""INSERT INTO group_class (id, name, teacher_id, capacity_max, time_zone)
        SELECT class_id, 'Class ' || class_id, 1 + class_id % 50, :seats + class_id % 8,
               'Europe/Berlin'
        FROM {_CLASSES}""",
    f"""INSERT INTO session (group_class_id, start_at, end_at, capacity_max, status)
        SELECT class_id, {_START}, {_START} + interval '90 minutes', :seats + class_id % 8,
               CASE WHEN class_id % 61 = 5 AND {_START} BETWEEN now() AND now() + interval '7 days'
                    THEN 'CANCELLED' ELSE 'SCHEDULED' END
        FROM {_CLASSES}, generate_series(-8, 7) AS week
        WHERE class_id % 101 <> 7 OR {_START} < now()
        ORDER BY week, class_id""",
    f"""INSERT INTO course_step_option (id, course_step_id, group_class_id)
        SELECT class_id, step_id, class_id FROM {_CLASSES}""",
    """INSERT INTO course_cohort (id, course_program_id, name)
       SELECT 1 + p * 2 + half, 1 + p, CASE half WHEN 0 THEN 'Spring' ELSE 'Autumn' END
       FROM generate_series(0, :programs - 1) AS p, generate_series(0, 1) AS half""",
    # Spring: a session to come for two steps, one that is over for the next; it is for the
    # backfill to take no notice of that
    f"""INSERT INTO course_cohort_session (course_cohort_id, course_step_option_id, session_id)
        SELECT DISTINCT ON (class_id) 1 + p * 2, class_id, session.id
        FROM {_CLASSES} JOIN session ON session.group_class_id = class_id
        WHERE k IN (2, 3) AND start_at > now() + interval '14 days' OR k = 4 AND start_at < now()
        ORDER BY class_id, start_at""",
    """INSERT INTO student_package (id, user_id, course_cohort_id, package_name, status, expires_at)
       SELECT 1 + s, 1001 + s, 1 + s % :programs * 2 + s / :programs % 2, 'Package ' || s,
              CASE WHEN s % 97 = 11 THEN 'CANCELLED' ELSE 'ACTIVE' END,
              CASE WHEN s % 89 = 7 THEN now() + interval '1 day' END
       FROM generate_series(0, :people - 1) AS s""",
    f"""INSERT INTO student_course_step_progress
            (id, student_package_id, course_step_id, status, session_id, booked_at)
        SELECT 1 + n, 1 + s, step_id,
               CASE WHEN k = 9 OR s >= :students THEN 'UNBOOKED' WHEN k = 0 THEN 'COMPLETED'
                    ELSE 'BOOKED' END,
               CASE WHEN k = 9 OR s >= :students OR n % 1009 = 5 THEN NULL
                    WHEN n % 997 = 3 THEN 90000000 + n ELSE class_id END,
               CASE WHEN k < 9 AND s < :students
                    THEN now() - (n::bigint * 7919 % 8640000) * interval '1 second' END
        FROM {_STEPS}""",
    # in the class of the same hour five further on
    f"""INSERT INTO booking (user_id, session_id, payment_status, created_by)
        SELECT DISTINCT ON (s) 1001 + s, session.id, 'PAID', 1
        FROM {_STEPS} CROSS JOIN session
        WHERE session.group_class_id = 1 + (p * 10 + k) * 10 + (c + 5) % 10
          AND k = 3 AND s % 50 = 0 AND status = 'SCHEDULED' AND start_at > now()
        ORDER BY s, start_at""",
    *(
        f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))"
        for table in (
            "user_account",
            "course_program",
            "course_step",
            "group_class",
            "session",
            "course_step_option",
            "course_cohort",
            "student_package",
            "student_course_step_progress",
        )
    ),
    "ANALYZE",
)
