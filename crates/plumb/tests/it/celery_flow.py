"""A real Celery on a real queue, and what its own events tell of it.

Lays messages of today's producer and messages that an old producer once wrote on one queue, lets a
real worker take all of them, and writes what happened as lines of JSON: who laid down which
message, and which tasks the worker finished. Prints how many messages are left on the queue.

usage: celery_flow.py REDIS_URL OLD_MESSAGES EVENTS
"""

import json
import os
import subprocess
import sys
import threading
import time
import uuid

from celery import Celery

PAIRS = 60
SETTLED = 2.5

WORDS = os.environ["FLOW"].split() if "FLOW" in os.environ else sys.argv[1:4]
url, old_messages, events = WORDS
app = Celery("shop", broker=url)


@app.task(name="tasks.add")
def add(x, y):
    return x + y


lines = []
lock = threading.Lock()


def tell(**line):
    with lock:
        lines.append({"at": time.time(), "queue": "celery", **line})


def listen(is_up, finished):
    def seen(event):
        kind = event["type"]
        if kind == "worker-online":
            is_up.set()
        elif kind == "task-received":
            tell(task_id=event["uuid"], step=kind)
        elif kind == "task-succeeded":
            tell(task_id=event["uuid"], step=kind)
            finished.add(event["uuid"])

    with app.connection_for_read() as connection:
        handlers = {"*": seen}
        app.events.Receiver(connection, handlers=handlers).capture(limit=None, wakeup=False)


def main():
    is_up, finished = threading.Event(), set()
    threading.Thread(target=listen, args=(is_up, finished), daemon=True).start()
    time.sleep(0.5)
    words = ["-m", "celery", "-A", "celery_flow:app", "worker", "-P", "solo", "-E"]
    worker = subprocess.Popen(
        [sys.executable, *words],
        env={**os.environ, "FLOW": " ".join(WORDS)},
        cwd=os.path.dirname(os.path.abspath(__file__)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert is_up.wait(60), "the worker does not come up"
        with open(old_messages) as file:
            old = [line for line in file if line.strip()]
        with app.connection_for_write() as connection:
            client = connection.default_channel.client
            for at in range(PAIRS):
                sent = add.apply_async((at, at))
                tell(task_id=sent.id, step="task-sent", version="5.7")
                client.lpush("celery", old[at % len(old)].strip())
                tell(task_id=str(uuid.uuid4()), step="task-sent", version="3.1")
            deadline = time.time() + 60
            while (client.llen("celery") or len(finished) < PAIRS) and time.time() < deadline:
                time.sleep(0.05)
            time.sleep(SETTLED)
            tell(task_id="last", step="task-sent", version="5.7")
            print(client.llen("celery"), len(finished))
    finally:
        worker.kill()
        worker.wait()
    with open(events, "w") as file:
        for line in sorted(lines, key=lambda line: line["at"]):
            file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
