"""Letters: what each mail says, in the reader's language and times, as text and as HTML.

A topic is a file of `templates/`. Nothing but `orders.py` is to be imported where no letter is
written: templates and languages take memory that only couriers need.
"""
