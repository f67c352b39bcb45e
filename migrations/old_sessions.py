"""Triggers on what the old code writes to `session`."""

HELPERS = ("raise_capacity_for_old_code",)
TRIGGERS = (
    "hold_capacity_above_seats",
    "mend_session_time",
    "move_bookings_with_session",
    "class_bookings_with_session",
)

FOLLOW = """
CREATE FUNCTION raise_capacity_for_old_code(
    raised_id bigint, written bigint, seats bigint, cause text
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO migration_finding (revision, rule, subject, subject_id, detail)
        VALUES ('0003', 'seats_within_capacity', 'session', raised_id,
                jsonb_build_object('capacity_max', written, 'seats_taken', seats,
                                   'done', 'capacity_max raised to seats_taken'));
    INSERT INTO audit_entry (action, subject, subject_id, reason, detail)
        VALUES ('session.capacity_raised', 'session', raised_id, cause,
                jsonb_build_object('from', written, 'to', seats));
END $$;

CREATE FUNCTION hold_capacity_above_seats() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM raise_capacity_for_old_code(NEW.id, NEW.capacity_max, NEW.seats_taken,
                                        'set below the seats taken by the old code');
    NEW.capacity_max := NEW.seats_taken;
    RETURN NEW;
END $$;
-- only who writes a capacity is helped: taking a seat too many stays an error
CREATE TRIGGER hold_capacity_above_seats BEFORE INSERT OR UPDATE OF capacity_max ON session
    FOR EACH ROW WHEN (NEW.capacity_max < NEW.seats_taken)
    EXECUTE FUNCTION hold_capacity_above_seats();

CREATE FUNCTION mend_session_time() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    written_end timestamptz := NEW.end_at;
BEGIN
    -- the old code may move start and end one by one: an end that came too early is tried again
    IF TG_OP = 'UPDATE' AND NEW.end_at = OLD.end_at THEN
        SELECT (detail ->> 'end_at')::timestamptz INTO written_end FROM migration_finding
            WHERE rule = 'start_before_end' AND subject = 'session' AND subject_id = NEW.id
            ORDER BY id DESC LIMIT 1;
        written_end := coalesce(written_end, NEW.end_at);
    END IF;
    NEW.end_at := written_end;
    IF written_end <= NEW.start_at THEN
        NEW.end_at := NEW.start_at + interval '1 second';
        INSERT INTO migration_finding (revision, rule, subject, subject_id, detail)
            VALUES ('0003', 'start_before_end', 'session', NEW.id,
                    jsonb_build_object('start_at', NEW.start_at, 'end_at', written_end,
                                       'done', 'end_at set one second after start_at'));
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER mend_new_session_time BEFORE INSERT ON session FOR EACH ROW
    WHEN (NEW.end_at <= NEW.start_at) EXECUTE FUNCTION mend_session_time();
CREATE TRIGGER mend_session_time BEFORE UPDATE OF start_at, end_at ON session FOR EACH ROW
    WHEN (NEW.end_at <= NEW.start_at
          OR (OLD.end_at = OLD.start_at + interval '1 second' AND NEW.start_at <> OLD.start_at))
    EXECUTE FUNCTION mend_session_time();

CREATE FUNCTION move_bookings_with_session() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    seat record;
BEGIN
    FOR seat IN SELECT id, user_id FROM booking
        WHERE session_id = NEW.id AND holds_seat
          AND during IS DISTINCT FROM time_of_session(NEW.id)
        ORDER BY during IS NULL, id
    LOOP
        UPDATE booking SET during = time_if_free(seat.user_id, seat.id, NEW.id)
            WHERE id = seat.id;
    END LOOP;
    RETURN NULL;
END $$;
-- at the commit, when the new code, which moves its bookings itself, has left nothing to do
CREATE CONSTRAINT TRIGGER move_bookings_with_session AFTER UPDATE ON session
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.start_at <> NEW.start_at OR OLD.end_at <> NEW.end_at)
    EXECUTE FUNCTION move_bookings_with_session();

CREATE FUNCTION class_bookings_with_session() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE booking SET group_class_id = NEW.group_class_id WHERE session_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER class_bookings_with_session AFTER UPDATE ON session
    FOR EACH ROW WHEN (OLD.group_class_id <> NEW.group_class_id)
    EXECUTE FUNCTION class_bookings_with_session();
"""
