"""When each kind of process was last seen alive, by the database's clock; for `/readyz`."""

from datetime import datetime

from sqlalchemy import Connection, Float, cast, extract, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class ProcessHeartbeat(Base):
    """The last sign of life of one kind of process; unlogged, worth nothing after a crash."""

    __tablename__ = "process_heartbeat"

    process: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime]

    __table_args__ = {"prefixes": ["UNLOGGED"]}  # noqa: RUF012 - the name and form are SQLAlchemy's


def beat(db: Connection, process: str) -> None:
    """Note that a process of this kind is alive now."""
    row = insert(ProcessHeartbeat).values(process=process, seen_at=func.clock_timestamp())
    db.execute(
        row.on_conflict_do_update(
            index_elements=["process"], set_={"seen_at": row.excluded.seen_at}
        )
    )


def seconds_since(db: Connection, process: str) -> float | None:
    """How many seconds ago a process of this kind was alive; None when none ever was."""
    age = extract("epoch", func.clock_timestamp() - ProcessHeartbeat.seen_at)
    query = select(cast(age, Float)).where(ProcessHeartbeat.process == process)
    return db.scalar(query)
