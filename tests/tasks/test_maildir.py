"""The Maildir, where mail goes without a mail server."""

import mailbox
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from pathlib import Path
from threading import Barrier

from tasks.mailing import Courier

COURIERS = 8
TIMES = 50


def test_couriers_that_begin_at_the_same_time_all_deliver(tmp_path: Path) -> None:
    together = Barrier(COURIERS)

    def deliver(directory: Path) -> None:
        together.wait(10)
        with Courier(None, directory).open() as drop:
            drop(EmailMessage())

    with ThreadPoolExecutor(COURIERS) as pool:
        for number in range(TIMES):
            directory = tmp_path / str(number) / "mail"
            list(pool.map(deliver, [directory] * COURIERS))
            assert len(mailbox.Maildir(directory, create=False)) == COURIERS
