"""Words for letters and calendars alike: languages, dates and times, texts that people gave.

A language is a folder of `locale/`. Babel takes memory that only who writes needs: all but
`time_zones.py` and `plain_text.py` is imported where a letter or calendar is first written.
"""
