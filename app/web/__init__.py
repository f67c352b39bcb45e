"""The pages for students and staff: rendered here, whole without scripts, quicker with them.

A page reads through the same functions as the API's calls, and what changes something is the same
job. Times are told by `tasks.wording`, as in mails.
"""
