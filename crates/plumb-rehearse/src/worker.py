"""A worker for tests: takes messages from a list and finishes those that it understands."""

import json
import os
import socket
import sys
import urllib.parse

understands = sys.argv[1]
url = urllib.parse.urlparse(os.environ["BROKER"])
stream = socket.create_connection((url.hostname, url.port)).makefile("rwb")


def ask(*words):
    """One command, and what it answers: a list of texts."""
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        word = word.encode()
        parts.append(b"$%d\r\n%s\r\n" % (len(word), word))
    stream.write(b"".join(parts))
    stream.flush()
    count = int(stream.readline()[1:])
    answer = []
    for _ in range(count):
        length = int(stream.readline()[1:])
        answer.append(stream.read(length + 2)[:-2].decode())
    return answer


while True:
    _, message = ask("BRPOP", "celery", "0")
    message = json.loads(message)
    if message.get("kind") == "end":
        sys.exit(1)
    if message.get("form") in understands.split(","):
        for _ in range(message.get("work", 1)):
            print("succeeded in 0.0 s", flush=True)
    else:
        # The message is gone, and nobody did what it asked for.
        print("received and deleted unknown message", flush=True)
