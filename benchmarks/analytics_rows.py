"""Two years of a school that staff ask their questions about, loaded by set-based statements.

Only the tables that reports read: sessions of twenty seats at all hours, each seat booked up to a
month ahead, a tenth of them given up again; a job for each booking, and a refused one with all its
alternatives for every tenth; a place on a waitlist for every tenth, too. Rows lie in the tables in
the order in which they were made, as they would after two years.
"""

from benchmarks.installation import Installation
from benchmarks.old_rows import load

SEATS = 20
CLASSES = 200
TEACHER = 1


def load_two_years(installation: Installation, bookings: int) -> None:
    """Load so many bookings, their jobs and the waits; the last sessions are four weeks ahead."""
    numbers = {
        "bookings": bookings,
        "seats": SEATS,
        "sessions": bookings // SEATS,
        "classes": CLASSES,
        # so many that nobody has two seats in a month
        "people": max(bookings // 10, SEATS),
        "teacher": TEACHER,
    }
    load(installation, _STATEMENTS, numbers)


_SESSION = """LATERAL (SELECT date_trunc('hour', now()) + interval '28 days'
                                  - (:sessions - s) * (interval '758 days' / :sessions) AS start_at,
                              1 + s % :classes AS class_id,
                              s % 50 = 7 AS is_off) AS session_"""
_EACH = f"""generate_series(0, :bookings - 1) AS n,
            LATERAL (SELECT n / :seats AS s, n % :seats AS seat,
                            lpad(to_hex(n), 12, '0') AS number) AS place,
            {_SESSION},
            LATERAL (SELECT least(start_at - (n % 720 * 7 % 720) * interval '1 hour',
                                  now() - n % 86400 * interval '1 second') AS told_at,
                            CAST('018b0000-0000-7000-8000-' || number AS uuid) AS job_id,
                            is_off OR seat IN (0, 10) AS is_given_up) AS one"""
_STATEMENTS = (
    """INSERT INTO user_account (id, email, name, role)
       VALUES (:teacher, 'teacher@example.org', 'Teacher', 'TEACHER')""",
    """INSERT INTO group_class (id, name, teacher_id, capacity_max)
       SELECT 1 + c, 'Class ' || c, :teacher, :seats FROM generate_series(0, :classes - 1) AS c""",
    f"""INSERT INTO session (id, group_class_id, start_at, end_at, capacity_max, seats_taken,
                             status)
        SELECT 1 + s, class_id, start_at, start_at + interval '1 hour', :seats,
               CASE WHEN is_off THEN 0 ELSE :seats - 2 END,
               CASE WHEN is_off THEN 'CANCELLED' ELSE 'SCHEDULED' END
        FROM generate_series(0, :sessions - 1) AS s, {_SESSION}""",
    f"""INSERT INTO booking (id, user_id, session_id, group_class_id, booking_type, status,
                             payment_status, course_step_id, student_package_id, created_by,
                             created_at, cancelled_at, cancelled_by, cancel_reason, booking_job_id,
                             replaces_booking_id, change_until, cancel_until, metadata, during)
        SELECT 1 + n, 1 + n % :people, 1 + s, class_id, 'COURSE_STEP',
               CASE WHEN is_given_up THEN 'CANCELLED'
                    WHEN start_at > now() OR seat = 1 THEN 'CONFIRMED'
                    WHEN seat = 2 THEN 'NO_SHOW' ELSE 'ATTENDED' END,
               'PAID', 1 + n / :people, 1 + n % :people, 1 + n % :people, told_at,
               CASE WHEN is_given_up THEN told_at + interval '1 hour' END,
               CASE WHEN is_given_up THEN 1 + n % :people END,
               CASE WHEN is_given_up AND seat = 0 THEN 'Student changed to different session' END,
               job_id, CASE WHEN seat = 11 THEN n END, start_at - interval '1 day',
               start_at - interval '1 day',
               jsonb_build_object('stepOrder', 1 + n / :people, 'stepLabel', 'Step 1',
                                  'packageName', 'A package of ten'),
               tstzrange(start_at, start_at + interval '1 hour')
        FROM {_EACH} ORDER BY told_at""",
    f"""INSERT INTO booking_job (id, kind, status, submitted_by, user_id, student_package_id,
                                 course_step_id, request, idempotency_key, fingerprint, lanes,
                                 submitted_at, decided_at, attempts, task_id, result)
        SELECT job_id, CASE WHEN seat = 11 THEN 'CHANGE_STEP' ELSE 'BOOK_STEP' END, 'SUCCEEDED',
               1 + n % :people, 1 + n % :people, 1 + n % :people, 1 + n / :people,
               jsonb_build_object('course_step_option_id', class_id, 'session_id', 1 + s),
               gen_random_uuid(), sha256(CAST(job_id AS text)::bytea),
               ARRAY[class_id % 16]::smallint[], told_at,
               told_at + n % 1009 * interval '1 ms', 1, job_id,
               jsonb_build_object(
                   'booking', jsonb_build_object(
                       'id', 1 + n, 'session_id', 1 + s, 'status', 'CONFIRMED',
                       'booking_type', 'COURSE_STEP', 'course_step_id', 1 + n / :people,
                       'student_package_id', 1 + n % :people, 'payment_status', 'PAID',
                       'created_at', told_at, 'change_until', start_at, 'cancel_until', start_at),
                   'progress', jsonb_build_object(
                       'status', 'BOOKED', 'booking_id', 1 + n,
                       'course_step_id', 1 + n / :people))
        FROM {_EACH} ORDER BY told_at""",
    f"""INSERT INTO booking_job (id, kind, status, submitted_by, user_id, student_package_id,
                                 course_step_id, request, idempotency_key, fingerprint, lanes,
                                 submitted_at, decided_at, attempts, task_id, error)
        SELECT gen_random_uuid(), 'BOOK_STEP', 'REFUSED', 1 + n % :people, 1 + n % :people,
               1 + n % :people, 1, jsonb_build_object('course_step_option_id', class_id),
               gen_random_uuid(), sha256(CAST(job_id AS text)::bytea),
               ARRAY[class_id % 16]::smallint[], told_at,
               told_at + n % 1009 * interval '1 ms', 1, job_id,
               jsonb_build_object(
                   'code', (ARRAY['session_full', 'time_conflict', 'not_open_yet'])[1 + n % 3],
                   'detail', 'session ' || s || ' has no free seat',
                   'message', 'This session is full. Please choose another one.',
                   'waitlist_open', true, 'waitlist_until', start_at,
                   'alternatives', alternatives)
        FROM {_EACH},
             LATERAL (SELECT jsonb_agg(jsonb_build_object(
                          'course_step_option_id', class_id, 'session_id', s + a,
                          'group_class_id', class_id, 'group_class_name', 'Class ' || class_id,
                          'start_at', start_at + a * interval '1 day',
                          'end_at', start_at + a * interval '1 day', 'capacity_max', :seats,
                          'spots_available', a, 'is_active', true, 'teacher_name', 'Teacher',
                          'time_zone', 'Europe/Berlin', 'is_default', false,
                          'waitlist_open', false)) AS alternatives
                      FROM generate_series(1, 10) AS a) AS offered
        WHERE n % 10 = 3 ORDER BY told_at""",
    f"""INSERT INTO waitlist_entry (user_id, student_package_id, course_step_id,
                                    course_step_option_id, group_class_id, session_id, status,
                                    joined_at, booking_job_id, ended_at, end_reason, booking_id)
        SELECT 1 + n % :people, 1 + n % :people, 1, class_id, class_id, 1 + s, stands,
               told_at, job_id,
               CASE WHEN stands <> 'WAITING' THEN told_at + seat * interval '1 hour' END,
               CASE WHEN stands = 'ENDED' THEN 'SESSION_PASSED' END,
               CASE WHEN stands = 'PROMOTED' THEN 1 + n END
        FROM {_EACH},
             LATERAL (SELECT CASE WHEN start_at > now() THEN 'WAITING'
                                  ELSE (ARRAY['PROMOTED', 'ENDED', 'LEFT'])[1 + n % 3] END
                             AS stands) AS standing
        WHERE n % 10 = 3 ORDER BY told_at""",
)
