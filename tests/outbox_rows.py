"""Messages of the outbox as time would leave them, for tests."""

from sqlalchemy import Engine, text


def end_leases(engine: Engine) -> None:
    """As if the time of all couriers' leases had passed."""
    with engine.begin() as db:
        db.execute(
            text(
                "UPDATE outbox_message SET lease_until = now() - interval '1 s'"
                " WHERE status = 'SENDING'"
            )
        )
