"""Triggers that keep the data right while code from before the consolidation still writes.

Set up by the expanding revisions and taken down by the contracting one, whose downgrade sets
them up again.
"""

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

STOP_KEEPING_GROUP_CLASS = """
DROP TRIGGER keep_group_class ON student_course_step_progress;
DROP FUNCTION keep_progress_group_class;
"""

COUNT_OLD_WRITES = """
CREATE FUNCTION time_if_free(booker bigint, booking_id bigint, wanted tstzrange)
    RETURNS tstzrange LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM booking WHERE user_id = booker AND id <> booking_id
                   AND holds_seat AND during && wanted) THEN
        RETURN wanted;
    END IF;
    INSERT INTO migration_finding (revision, rule, subject, subject_id, detail)
        VALUES ('0003', 'no_overlap', 'booking', booking_id,
                '{"done": "kept, uncovered by the overlap constraints"}');
    RETURN NULL;
END $$;

CREATE FUNCTION take_seat_for_old_code(new_row booking) RETURNS booking LANGUAGE plpgsql AS $$
DECLARE held session;
BEGIN
    UPDATE session SET seats_taken = seats_taken + 1,
            capacity_max = greatest(capacity_max, seats_taken + 1)
        WHERE id = new_row.session_id RETURNING * INTO held;
    INSERT INTO seat_ledger (session_id, booking_id, change, cause, actor_id)
        VALUES (new_row.session_id, new_row.id, 1, 'booked by the old code', new_row.created_by);
    new_row.group_class_id := held.group_class_id;
    new_row.cancelled_at := NULL;
    new_row.during := time_if_free(new_row.user_id, new_row.id,
                                   tstzrange(held.start_at, held.end_at));
    RETURN new_row;
END $$;

CREATE FUNCTION complete_old_booking() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status <> 'CANCELLED' THEN
        RETURN take_seat_for_old_code(NEW);
    END IF;
    SELECT group_class_id, tstzrange(start_at, end_at) INTO NEW.group_class_id, NEW.during
        FROM session WHERE id = NEW.session_id;
    RETURN NEW;
END $$;
CREATE TRIGGER complete_old_booking BEFORE INSERT ON booking
    FOR EACH ROW WHEN (NEW.group_class_id IS NULL) EXECUTE FUNCTION complete_old_booking();

CREATE FUNCTION recount_old_booking() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status <> 'CANCELLED' THEN
        UPDATE session SET seats_taken = seats_taken - 1 WHERE id = OLD.session_id;
        INSERT INTO seat_ledger (session_id, booking_id, change, cause)
            VALUES (OLD.session_id, OLD.id, -1, 'freed by the old code');
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF NEW.status <> 'CANCELLED' THEN
        RETURN take_seat_for_old_code(NEW);
    END IF;
    NEW.cancelled_at := now();
    RETURN NEW;
END $$;
-- the new code cancels with a time, and never revives, moves or deletes a booking
CREATE TRIGGER recount_old_booking BEFORE UPDATE ON booking FOR EACH ROW
    WHEN (OLD.session_id <> NEW.session_id
          OR (OLD.status = 'CANCELLED' AND NEW.status <> 'CANCELLED')
          OR (OLD.status <> 'CANCELLED' AND NEW.status = 'CANCELLED' AND NEW.cancelled_at IS NULL))
    EXECUTE FUNCTION recount_old_booking();
CREATE TRIGGER recount_deleted_booking BEFORE DELETE ON booking FOR EACH ROW
    WHEN (OLD.status <> 'CANCELLED') EXECUTE FUNCTION recount_old_booking();

CREATE FUNCTION audit_raised_capacity() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_entry (action, subject, subject_id, reason, detail)
        VALUES ('session.capacity_raised', 'session', NEW.id, 'oversold by the old code',
                jsonb_build_object('from', OLD.capacity_max, 'to', NEW.capacity_max));
    RETURN NEW;
END $$;
CREATE TRIGGER audit_raised_capacity AFTER UPDATE ON session
    FOR EACH ROW WHEN (NEW.capacity_max > OLD.capacity_max AND NEW.seats_taken > OLD.capacity_max)
    EXECUTE FUNCTION audit_raised_capacity();
"""

STOP_COUNTING_OLD_WRITES = """
DROP TRIGGER audit_raised_capacity ON session;
DROP TRIGGER recount_deleted_booking ON booking;
DROP TRIGGER recount_old_booking ON booking;
DROP TRIGGER complete_old_booking ON booking;
DROP FUNCTION audit_raised_capacity, recount_old_booking, complete_old_booking;
DROP FUNCTION take_seat_for_old_code, time_if_free;
"""
