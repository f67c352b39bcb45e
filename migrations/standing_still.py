"""Gets tables to itself without holding one while it waits for another."""


def lock_tables(*tables: str) -> str:
    """The statement that locks all these tables, once nobody is at work on any of them.

    Each is waited for alone, for as long as `lock_timeout` says, and let go again: whoever holds
    one and wants the next gets it, where a lock on the next would have made a deadlock. Only
    when all are free at once are they taken. Fails with `lock_not_available`.
    """
    listed = ", ".join(tables)
    return f"""
DO $$
DECLARE
    give_up_at CONSTANT timestamptz :=
        clock_timestamp() + current_setting('lock_timeout')::interval;
    busy text;
BEGIN
    LOOP
        BEGIN
            LOCK TABLE {listed} IN ACCESS EXCLUSIVE MODE NOWAIT;
            RETURN;
        EXCEPTION WHEN lock_not_available THEN
            IF clock_timestamp() > give_up_at THEN
                RAISE;
            END IF;
        END;
        FOREACH busy IN ARRAY string_to_array('{listed}', ', ') LOOP
            BEGIN
                -- in the queue, so that a vacuum of the server's own gives way
                EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', busy);
                RAISE EXCEPTION USING ERRCODE = 'LETGO';
            EXCEPTION WHEN SQLSTATE 'LETGO' THEN
                NULL;
            END;
        END LOOP;
    END LOOP;
END $$;
"""
