"""What a step can be booked into: the coming sessions of its options, the earliest first."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select, true

from models.catalog import CourseSession, CourseStepOption, GroupClass, SessionStatus
from models.desk import Desk, Seats
from models.judging import judge_attendance
from models.people import UserAccount
from models.policy import Policy
from models.refusal import Refusal, RefusalCode
from models.wish import Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One session that an option of a step offers; a full one has 0 spots."""

    course_step_id: int
    course_step_option_id: int
    session_id: int
    group_class_id: int
    group_class_name: str
    teacher_name: str
    time_zone: str
    start_at: datetime
    end_at: datetime
    capacity_max: int
    spots_available: int
    is_active: bool = True
    is_default: bool = False
    waitlist_open: bool = False
    hindrance: Refusal | None = None
    """Why the student couldn't attend it, its seats aside; known where `is_default` is."""

    def facts(self) -> dict[str, Any]:
        """The offer as a refused job keeps it among its alternatives."""
        return {
            "course_step_option_id": self.course_step_option_id,
            "session_id": self.session_id,
            "group_class_id": self.group_class_id,
            "group_class_name": self.group_class_name,
            "teacher_name": self.teacher_name,
            "time_zone": self.time_zone,
            "start_at": self.start_at.isoformat(),
            "end_at": self.end_at.isoformat(),
            "capacity_max": self.capacity_max,
            "spots_available": self.spots_available,
            "is_active": self.is_active,
            "is_default": self.is_default,
            "waitlist_open": self.waitlist_open,
        }


def offers_of_steps(
    db: Connection,
    step_ids: Iterable[int],
    now: datetime,
    policy: Policy,
    *,
    per_option: int,
    only_free: bool = False,
    starts_from: datetime | None = None,
    starts_before: datetime | None = None,
) -> dict[int, list[Offer]]:
    """The coming sessions of each step's active options, by step, the earliest first.

    At most `per_option` sessions of an option; with `only_free`, those with a free seat; of
    those, the ones that start in `[starts_from, starts_before)`.
    """
    sessions = _coming_of_class(now, only_free=only_free)
    if starts_from is not None:
        sessions = sessions.where(CourseSession.start_at >= starts_from)
    if starts_before is not None:
        sessions = sessions.where(CourseSession.start_at < starts_before)
    offers: dict[int, list[Offer]] = {}
    for row in db.execute(_offered(step_ids, sessions.limit(per_option))).mappings():
        full = row["spots_available"] <= 0
        waitlist_open = full and policy.waitlist_open(row["start_at"], now)
        offer = Offer(**row, waitlist_open=waitlist_open)
        offers.setdefault(offer.course_step_id, []).append(offer)
    for listed in offers.values():
        listed.sort(key=lambda offer: (offer.start_at, offer.session_id))
    return offers


def mark_defaults(offers: Iterable[Offer], desk: Desk, wish: Wish) -> list[Offer]:
    """The offers with their hindrances, and `is_default` on what each option alone would take.

    Offers come in and go out the earliest first; the desk holds the step's pins and the seats
    that its student holds.
    """
    listed = [replace(offer, hindrance=hindrance_of(offer, desk, wish)) for offer in offers]
    default: dict[int, int] = {}
    for offer in listed:
        pinned = desk.pins.get((wish.step.course_cohort_id, offer.course_step_option_id))
        passed_over = pinned is not None and pinned != offer.session_id
        if not passed_over and offer.spots_available > 0 and offer.hindrance is None:
            default.setdefault(offer.course_step_option_id, offer.session_id)
    return [
        replace(offer, is_default=default.get(offer.course_step_option_id) == offer.session_id)
        for offer in listed
    ]


def can_take(offer: Offer, desk: Desk, wish: Wish) -> bool:
    """Whether the step's student could book or change to this session, by the rules."""
    return offer.spots_available > 0 and hindrance_of(offer, desk, wish) is None


def hindrance_of(offer: Offer, desk: Desk, wish: Wish) -> Refusal | None:
    """Why the step's student couldn't attend this session, its seats aside."""
    if wish.leaving is not None and wish.leaving.session_id == offer.session_id:
        return Refusal(RefusalCode.SAME_SESSION, f"the step is booked in {offer.session_id}")
    seats = Seats(
        id=offer.session_id,
        group_class_id=offer.group_class_id,
        group_class_name=offer.group_class_name,
        start_at=offer.start_at,
        end_at=offer.end_at,
        capacity_max=offer.capacity_max,
        seats_taken=offer.capacity_max - offer.spots_available,
        status=SessionStatus.SCHEDULED,
    )
    return judge_attendance(desk, wish, seats)


def _coming_of_class(now: datetime, *, only_free: bool) -> Select[Any]:
    sessions = select(CourseSession).where(
        CourseSession.group_class_id == GroupClass.id,
        CourseSession.status == SessionStatus.SCHEDULED,
        CourseSession.start_at > now,
    )
    if only_free:
        sessions = sessions.where(CourseSession.seats_taken < CourseSession.capacity_max)
    return sessions.order_by(CourseSession.start_at)


def _offered(step_ids: Iterable[int], sessions: Select[Any]) -> Select[Any]:
    coming = sessions.lateral()
    return (
        select(
            CourseStepOption.course_step_id,
            CourseStepOption.id.label("course_step_option_id"),
            coming.c.id.label("session_id"),
            GroupClass.id.label("group_class_id"),
            GroupClass.name.label("group_class_name"),
            UserAccount.name.label("teacher_name"),
            GroupClass.time_zone,
            coming.c.start_at,
            coming.c.end_at,
            coming.c.capacity_max,
            (coming.c.capacity_max - coming.c.seats_taken).label("spots_available"),
        )
        .select_from(CourseStepOption)
        .join(GroupClass, GroupClass.id == CourseStepOption.group_class_id)
        .join(UserAccount, UserAccount.id == GroupClass.teacher_id)
        .join(coming, true())
        .where(CourseStepOption.course_step_id.in_(step_ids), CourseStepOption.is_active)
    )
