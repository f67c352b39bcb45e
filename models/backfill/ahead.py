"""What earlier batches of a dry run would have taken; they were rolled back, one by one."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from models.desk import Desk, Held


class Ahead:
    """Seats that are gone and seats that students hold, for the batches that come after."""

    def __init__(self) -> None:
        self._seats: Counter[int] = Counter()
        self._held: defaultdict[int, list[Held]] = defaultdict(list)

    def lay_on(self, desk: Desk) -> None:
        """Put on the desk what would be there by now."""
        for session in desk.sessions.values():
            session.seats_taken += self._seats[session.id]
        for user_id in desk.people:
            for held in self._held[user_id]:
                desk.lay(held)

    def remember(self, booked: Iterable[Held]) -> None:
        """Note what a batch took."""
        for held in booked:
            self._seats[held.session_id] += 1
            self._held[held.user_id].append(held)
