"""What staff see and do, and teachers about their own classes: each list and deed of the API.

A deed is a job or is done at once, as through the API, and is audited as there. What would concern
many is listed by a dry run first.
"""
