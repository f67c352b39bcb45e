"""Deals the enrolments of a course to students, so that nobody has to be in two places."""

from collections import defaultdict
from itertools import groupby

from app.timetable.sections import Section

Hand = tuple[int, ...]
"""The sections that one student takes, by their place in the course, one a component."""


def deal(sections: list[Section]) -> list[Hand]:
    """Return what each student of a course takes.

    There is one student for each enrolled place of the largest component. The places of the
    others go to the same students, those of the same CRN first, where no meetings clash; a
    place that fits nobody goes to a further student. As many students take each section as are
    enrolled in it.
    """
    hands: dict[Hand, int] = {(): 0}
    for component in _largest_first(sections):
        hands = _deal_component(sections, component, hands)
    return [hand for hand in sorted(hands) for _ in range(hands[hand])]


def _largest_first(sections: list[Section]) -> list[list[int]]:
    def component(place: int) -> str:
        return sections[place].component

    places = sorted(range(len(sections)), key=component)
    components = [list(group) for _, group in groupby(places, key=component)]
    return sorted(components, key=lambda group: -sum(sections[place].enrolled for place in group))


def _deal_component(
    sections: list[Section], component: list[int], before: dict[Hand, int]
) -> dict[Hand, int]:
    waiting = dict(before)
    dealt: dict[Hand, int] = defaultdict(int)
    left = {place: sections[place].enrolled for place in component}
    # everybody first gets what belongs to a CRN of theirs, then the rest finds a place
    for same_crn in (True, False):
        for place in component:
            for hand in sorted(waiting):
                if _fits(sections, hand, place) and (
                    not same_crn or _shares_crn(sections, hand, place)
                ):
                    count = min(left[place], waiting[hand])
                    waiting[hand] -= count
                    left[place] -= count
                    dealt[(*hand, place)] += count
    for place in component:
        dealt[(place,)] += left[place]
    for hand, count in waiting.items():
        dealt[hand] += count
    return {hand: count for hand, count in dealt.items() if count}


def _fits(sections: list[Section], hand: Hand, place: int) -> bool:
    return not any(sections[held].clashes(sections[place]) for held in hand)


def _shares_crn(sections: list[Section], hand: Hand, place: int) -> bool:
    return any(sections[held].crn == sections[place].crn for held in hand)
