"""The trigger on what the old code writes to `student_package`, and an index for its deletes."""

TRIGGERS = ("hand_over_bookings",)

FOLLOW = """
CREATE FUNCTION hand_over_bookings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE booking SET user_id = NEW.user_id WHERE student_package_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER hand_over_bookings AFTER UPDATE ON student_package
    FOR EACH ROW WHEN (OLD.user_id <> NEW.user_id) EXECUTE FUNCTION hand_over_bookings();

-- a step or a package that the old code deletes or gives away is looked for among the bookings
CREATE INDEX ix_booking_of_package ON booking (student_package_id, course_step_id)
    WHERE student_package_id IS NOT NULL;
"""

STOP = "DROP INDEX ix_booking_of_package"
