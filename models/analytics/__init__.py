"""What staff want to know about many bookings at once: one file for each question.

Each is answered by one set-based statement over a span of time; what is counted as what says
`docs/analytics.md`.
"""
