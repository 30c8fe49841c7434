"""Replays each request of a mended cassette against vcrpy: status and body must be those that the
file says. Prints what differs, and how many were sent.

Usage: replay.py CASSETTE
"""

import base64
import sys

import requests
import vcr
import yaml


def said(response):
    """The status and the body of a response, as the file has them."""
    body = response["body"]
    text = body.get("string")
    if text is None and "base64_string" in body:
        text = base64.b64decode(body["base64_string"])
    if text is None:
        text = b""
    return response["status"]["code"], text if isinstance(text, bytes) else text.encode()


def difference(session, interaction):
    request = interaction["request"]
    headers = {name: values[0] for name, values in request["headers"].items()}
    # What is sent is counted anew.
    headers.pop("Content-Length", None)
    answer = session.request(
        request["method"], request["uri"], data=request["body"], headers=headers,
        allow_redirects=False,
    )
    status, body = said(interaction["response"])
    if answer.status_code != status:
        return f"status {answer.status_code}, not {status}"
    if answer.content != body:
        return f"body {answer.content[:200]}\n  not {body[:200]}"
    if answer.reason != interaction["response"]["status"]["message"]:
        return f"message {answer.reason}"
    return None


def main(path):
    with open(path, encoding="utf-8") as file:
        interactions = yaml.safe_load(file)["interactions"]
    recorder = vcr.VCR(record_mode="none", match_on=["method", "uri", "body"])
    differences = []
    with recorder.use_cassette(path) as cassette, requests.Session() as session:
        for at, interaction in enumerate(interactions):
            try:
                found = difference(session, interaction)
            except vcr.errors.CannotOverwriteExistingRequestException as error:
                found = f"no interaction answers: {error}"
            if found:
                differences.append(f"interaction {at}: {found}")
        if not cassette.all_played:
            differences.append("not every interaction was played")
    print(f"{len(interactions)} interactions replayed, {len(differences)} differ")
    for one in differences:
        print(one)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
