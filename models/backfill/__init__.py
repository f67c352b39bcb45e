"""Links what the old code called booked to bookings (plan: Phase 1.3, “Backfill Data”).

The old code only gave a step the status `BOOKED` and a group class. The backfill finds the session
that was meant, takes a seat there by the one path that takes seats, and points the step at the
booking. It may run while both codes go on writing, be killed and begun again.
"""
