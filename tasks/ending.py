"""Whether this process is about to end; tasks that run in threads are reached by no signal."""

import threading

ENDING = threading.Event()
"""Set by the entry point when it is told to end; a task then begins nothing new."""
