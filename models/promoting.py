"""The use case “promote”: give a session's free seats to those who wait for them, in order.

A job of its own, because a promotion may need the locks of other classes: a student who waits
to swap gives up a seat there, which is promised to the next in line in turn.
"""

from dataclasses import dataclass, field
from typing import Any

from models.changing_step import swap_seat
from models.choosing import comes, judge_option
from models.desk import Desk, Entry, Held, Job, Seats
from models.judging import (
    judge_attendance,
    judge_beforehand,
    judge_change_window,
    judge_unbooked,
)
from models.refusal import Refusal, RefusalCode
from models.seating import end_entry, promise
from models.telling import tell_changed, tell_promoted
from models.verdict import Verdict, done
from models.waitlist import EndReason, WaitlistStatus
from models.wish import Wish


@dataclass(slots=True)
class Promoted:
    """Who was promoted, with the new booking, and who was passed over, and why."""

    seated: list[tuple[Entry, Held]] = field(default_factory=list)
    skipped: list[tuple[Entry, Refusal]] = field(default_factory=list)

    def facts(self) -> dict[str, Any]:
        """What the job's result keeps."""
        return {
            "promoted": [
                {"waitlist_entry_id": entry.id, "booking_id": held.booking_id}
                for entry, held in self.seated
            ],
            "skipped": [
                {"waitlist_entry_id": entry.id, "code": refusal.code.value}
                for entry, refusal in self.skipped
            ],
        }


def promote(desk: Desk, job: Job) -> Verdict:
    """Give the session's free seats to the first who wait for them and may take them."""
    session = desk.sessions.get(job.about_session_id or 0)
    if session is None:
        return done(job, Promoted().facts())
    desk.promised.discard(session.id)
    return done(job, promote_into(desk, job, session).facts())


def promote_into(desk: Desk, job: Job, session: Seats) -> Promoted:
    """Seat those at the head of the line while there are seats; nobody once it is closed.

    Where seats and people are left when all candidates are through, a further promotion goes on
    behind them.
    """
    came_to = Promoted()
    if not comes(desk, session) or not desk.policy.waitlist_open(session.start_at, desk.now):
        return came_to
    line = desk.lines[session.id]
    for entry in line.entries:
        if not session.has_free_seat:
            break
        if desk.may_be_promoted(entry):
            _promote_or_skip(desk, job, entry, session, came_to)
    if session.has_free_seat and line.goes_on:
        promise(desk, session, after=line.entries[-1].id)
    return came_to


def _promote_or_skip(desk: Desk, job: Job, entry: Entry, session: Seats, came_to: Promoted) -> None:
    wish = _wish(desk, entry, session)
    refusal = judge_promotion(desk, wish, session)
    if refusal is None:
        came_to.seated.append((entry, _seat(desk, job, entry, wish, session)))
        return
    came_to.skipped.append((entry, refusal))
    desk.changes.skips.append(
        {
            "waitlist_entry_id": entry.id,
            "session_id": session.id,
            "code": refusal.code.value,
            "message": refusal.message,
            "booking_job_id": job.id,
            "at": desk.now,
        }
    )


def judge_promotion(desk: Desk, wish: Wish, session: Seats) -> Refusal | None:
    """Why somebody who waits for the session can't have its seat now.

    Judged again in full: much may have happened since they joined.
    """
    option = judge_option(desk, wish)
    refusal = judge_beforehand(desk, wish) or (option if isinstance(option, Refusal) else None)
    if wish.leaving is None:
        refusal = refusal or judge_unbooked(wish.step)
    elif wish.leaving.session_id == session.id:
        refusal = refusal or Refusal(RefusalCode.SAME_SESSION, "the student has this seat already")
    return refusal or judge_change_window(desk, wish) or judge_attendance(desk, wish, session)


def _wish(desk: Desk, entry: Entry, session: Seats) -> Wish:
    step = desk.steps[entry.student_package_id, entry.course_step_id]
    return Wish(
        step=step,
        option_id=entry.course_step_option_id,
        session_id=session.id,
        asked_at=desk.now,
        leaving=desk.seat_of(step),
    )


def _seat(desk: Desk, job: Job, entry: Entry, wish: Wish, session: Seats) -> Held:
    siblings = desk.waiting_for(wish.step)
    held = swap_seat(desk, job, wish, session, promoted=True)
    for sibling in siblings:
        end_entry(desk, sibling, WaitlistStatus.ENDED, EndReason.SEATED_ELSEWHERE)
    end_entry(desk, entry, WaitlistStatus.PROMOTED, booking=held)
    if wish.leaving is None:
        tell_promoted(desk, job, held)
    else:
        tell_changed(desk, job, held, wish.leaving, promoted=True)
    return held
