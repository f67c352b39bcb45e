"""Letters: what each mail says, in the reader's language and times, as text and as HTML.

A language is a folder of `locale/`, a topic a file of `templates/`. Nothing but `orders.py` and
`letterhead.py` is to be imported where no letter is written: templates, catalogs and time zones in
words take memory that only couriers need.
"""
