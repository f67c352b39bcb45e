"""Calendars: what a booking is in a student's calendar program, as iCalendar files.

Letters carry them, and the web answers with them. What they are made with takes memory, so they
are imported where one is first written.
"""
