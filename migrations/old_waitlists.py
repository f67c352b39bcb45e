"""Triggers that keep the waitlist and the logs right beside the old code, which knows of neither.

They are there while both the waitlist (0005) and the triggers for the old code are, whichever
came first.
"""

FOLLOW = """
DO $follow$ DECLARE name text; BEGIN
IF to_regclass('waitlist_entry') IS NULL OR to_regproc('recount_old_booking') IS NULL THEN
    RETURN;
END IF;

CREATE FUNCTION promote_for_old_code() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    freed session;
    new_id CONSTANT uuid := gen_random_uuid();
BEGIN
    SELECT * INTO freed FROM session
        WHERE id = NEW.id AND status = 'SCHEDULED' AND start_at > clock_timestamp()
          AND seats_taken < capacity_max;
    IF NOT EXISTS (SELECT FROM waitlist_entry
                   WHERE status = 'WAITING' AND group_class_id = freed.group_class_id
                     AND (session_id IS NULL OR session_id = freed.id)) THEN
        RETURN NULL;
    END IF;
    WITH promotion AS (
        INSERT INTO booking_job (id, kind, submitted_by, user_id, session_id, request, lanes,
                                 submitted_at)
            -- the lane is the class modulo 16, never negative
            VALUES (new_id, 'PROMOTE', 0, 0, freed.id,
                    jsonb_build_object('session_id', freed.id),
                    ARRAY[freed.group_class_id & 15]::smallint[], clock_timestamp())
            -- one that was to go on far behind in the line begins at its head again
            ON CONFLICT (session_id) WHERE kind = 'PROMOTE' AND status = 'QUEUED'
                DO UPDATE SET request = excluded.request
            RETURNING id, lanes, arrival, submitted_at
    )
    INSERT INTO job_queue (lane, priority, arrival, job_id, submitted_at)
        SELECT lanes[1], -1, arrival, id, submitted_at FROM promotion WHERE id = new_id;
    RETURN NULL;
END $$;
-- at the commit, when the new code has promoted by itself, or given the seat away again
CREATE CONSTRAINT TRIGGER promote_into_new_session AFTER INSERT ON session
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.status = 'SCHEDULED') EXECUTE FUNCTION promote_for_old_code();
CREATE CONSTRAINT TRIGGER promote_into_session AFTER UPDATE ON session
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.status = 'SCHEDULED'
          AND (NEW.capacity_max - NEW.seats_taken > OLD.capacity_max - OLD.seats_taken
               OR OLD.status <> 'SCHEDULED' OR OLD.group_class_id <> NEW.group_class_id
               OR OLD.start_at <> NEW.start_at OR OLD.end_at <> NEW.end_at))
    EXECUTE FUNCTION promote_for_old_code();

CREATE FUNCTION leave_waitlists_of_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM waitlist_entry
        WHERE student_package_id = OLD.student_package_id AND course_step_id = OLD.course_step_id;
    RETURN NEW;
END $$;
CREATE TRIGGER leave_waitlists_of_step BEFORE UPDATE ON student_course_step_progress
    FOR EACH ROW WHEN (OLD.student_package_id <> NEW.student_package_id
                       OR OLD.course_step_id <> NEW.course_step_id)
    EXECUTE FUNCTION leave_waitlists_of_step();

CREATE FUNCTION end_waits_of_old_class() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'session' THEN
        UPDATE waitlist_entry
            SET status = 'ENDED', ended_at = now(), end_reason = 'SESSION_CANCELLED'
            WHERE status = 'WAITING' AND session_id = NEW.id;
    ELSE
        UPDATE waitlist_entry
            SET status = 'ENDED', ended_at = now(), end_reason = 'SESSION_CANCELLED'
            WHERE status = 'WAITING' AND course_step_option_id = NEW.id;
    END IF;
    RETURN NULL;
END $$;
-- the option doesn't mean the session any more
CREATE TRIGGER end_waits_of_old_class AFTER UPDATE ON session
    FOR EACH ROW WHEN (OLD.group_class_id <> NEW.group_class_id)
    EXECUTE FUNCTION end_waits_of_old_class();
CREATE TRIGGER end_waits_of_old_class AFTER UPDATE ON course_step_option
    FOR EACH ROW WHEN (OLD.group_class_id <> NEW.group_class_id)
    EXECUTE FUNCTION end_waits_of_old_class();

CREATE FUNCTION note_renumbered_booking() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO migration_finding (revision, rule, subject, subject_id, detail)
        VALUES ('0005', 'booking_renumbered', 'booking', NEW.id,
                jsonb_build_object('before', OLD.id,
                                   'done', 'ledger and messages keep the number of before'));
    RETURN NULL;
END $$;
CREATE TRIGGER note_renumbered_booking AFTER UPDATE ON booking
    FOR EACH ROW WHEN (OLD.id <> NEW.id) EXECUTE FUNCTION note_renumbered_booking();

-- the old code's role needs no right on tables that it doesn't know
FOREACH name IN ARRAY
    ARRAY['promote_for_old_code', 'leave_waitlists_of_step', 'end_waits_of_old_class',
          'note_renumbered_booking']
LOOP
    EXECUTE format('ALTER FUNCTION %I SECURITY DEFINER SET search_path = %I, pg_temp',
                   name, current_schema());
END LOOP;
END $follow$;
"""

STOP = """
DROP FUNCTION IF EXISTS
    promote_for_old_code, leave_waitlists_of_step, end_waits_of_old_class,
    note_renumbered_booking CASCADE
"""
