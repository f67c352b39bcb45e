"""Triggers that keep the data right while code from before the consolidation still writes.

Set up by the expanding revisions and taken down by the contracting one, whose downgrade sets
them up again. Every write that the old code could make on its own tables goes on succeeding: the
triggers bring after what else has to change, and list in `migration_finding` what can't be kept
as it was written.

They tell old writes from new ones by the row alone. The old code knows nothing of
`booking.group_class_id`, `booking.cancelled_at` and `progress.booking_id`; the new code writes
the first with each booking, the second with each cancellation and the third whenever it links a
step to another booking or to none.
"""

from migrations import (
    old_bookings,
    old_calendars,
    old_packages,
    old_progress,
    old_sessions,
    old_waitlists,
)

KEEP_GROUP_CLASS = """
CREATE FUNCTION keep_progress_group_class() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.group_class_id := coalesce(NEW.group_class_id, NEW.session_id);
        NEW.session_id := NEW.group_class_id;
    ELSIF NEW.group_class_id IS DISTINCT FROM OLD.group_class_id THEN
        NEW.session_id := NEW.group_class_id;
    ELSIF NEW.session_id IS DISTINCT FROM OLD.session_id THEN
        NEW.group_class_id := NEW.session_id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_group_class BEFORE INSERT OR UPDATE ON student_course_step_progress
    FOR EACH ROW EXECUTE FUNCTION keep_progress_group_class();
"""

STOP_KEEPING_GROUP_CLASS = "DROP FUNCTION keep_progress_group_class CASCADE"

_HELPERS = (*old_sessions.HELPERS, *old_bookings.HELPERS, *old_progress.HELPERS)
_TRIGGERS = (
    *old_sessions.TRIGGERS,
    *old_bookings.TRIGGERS,
    *old_progress.TRIGGERS,
    *old_packages.TRIGGERS,
)

# the old code's role needs no right on tables that it doesn't know
_WITH_THE_MIGRATIONS_RIGHTS = f"""
DO $$ DECLARE name text; BEGIN
    FOREACH name IN ARRAY string_to_array('{" ".join(_TRIGGERS)}', ' ') LOOP
        EXECUTE format('ALTER FUNCTION %I SECURITY DEFINER SET search_path = %I, pg_temp',
                       name, current_schema());
    END LOOP;
END $$;
"""

FOLLOW_OLD_WRITES = (
    old_sessions.FOLLOW,
    old_bookings.FOLLOW,
    old_progress.FOLLOW,
    old_packages.FOLLOW,
    _WITH_THE_MIGRATIONS_RIGHTS,
    old_waitlists.FOLLOW,
    old_calendars.FOLLOW,
)
"""What 0003 sets up, statement by statement; the last two wait for 0005 and 0006."""

STOP_FOLLOWING_OLD_WRITES = (
    old_calendars.STOP,
    old_waitlists.STOP,
    f"DROP FUNCTION {', '.join(_TRIGGERS)} CASCADE",
    f"DROP FUNCTION {', '.join(_HELPERS)}",
    old_packages.STOP,
)
"""What 0004 takes down; a function takes its triggers with it."""
