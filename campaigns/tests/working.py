"""Workers for tests: one beside the test, or as many slices as it takes."""

import threading

from django.db import connections

from campaigns.pipeline import deliver, finish


def in_background(provider_id):
    def work():
        deliver.run_slice(provider_id, urgent_only=False)
        connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def send_all(mailing, slices=10):
    for _slice in range(slices):
        deliver.run_slice(mailing.provider_id, urgent_only=False)
    finish.finish()
    mailing.refresh_from_db()
