"""Rows and rules of booking: what is kept, and what may happen to it.

Knows SQLAlchemy and PostgreSQL; knows no web framework, no task queue and no network beyond
the database connection it is handed.
"""
