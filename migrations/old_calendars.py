"""A trigger that keeps the numbers of calendar entries rising beside the old code.

The new code raises a step's number whenever it unbooks it or gives it another booking. The old code
knows of none; and a calendar takes what comes with a lower number for old news.

It is there while both the numbers (0006) and the triggers for the old code are, whichever came
first.
"""

FOLLOW = """
DO $follow$ BEGIN
-- the numbers outlive 0006, this table doesn't
IF to_regclass('user_token') IS NULL OR to_regproc('recount_old_booking') IS NULL THEN
    RETURN;
END IF;

CREATE FUNCTION raise_calendar_sequence() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    reached CONSTANT integer := greatest(
        OLD.calendar_sequence,
        (SELECT calendar_sequence FROM booking WHERE id = OLD.booking_id));
BEGIN
    IF OLD.booking_id IS NOT NULL THEN
        NEW.calendar_sequence := reached + 1;
    END IF;
    UPDATE booking SET calendar_sequence = reached + 1
        WHERE id = NEW.booking_id AND calendar_sequence <= reached;
    RETURN NEW;
END $$;
-- by its name after unlink_old_progress, which takes the booking from a step
CREATE TRIGGER unlinked_raises_calendar_sequence BEFORE UPDATE ON student_course_step_progress
    FOR EACH ROW
    WHEN (OLD.booking_id IS DISTINCT FROM NEW.booking_id
          AND OLD.calendar_sequence IS NOT DISTINCT FROM NEW.calendar_sequence
          AND (OLD.booking_id IS NOT NULL OR OLD.calendar_sequence IS NOT NULL))
    EXECUTE FUNCTION raise_calendar_sequence();

-- the old code's role needs no right on tables that it doesn't know
EXECUTE format('ALTER FUNCTION raise_calendar_sequence SECURITY DEFINER'
               ' SET search_path = %I, pg_temp', current_schema());
END $follow$;
"""

STOP = "DROP FUNCTION IF EXISTS raise_calendar_sequence CASCADE"
