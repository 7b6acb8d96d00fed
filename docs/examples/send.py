"""Sends an SMS, follows it until the network has it, and prints the newest messages of the inbox.

    MERPATI_KEY=mrp_… python3 send.py +6281200000002 "Hello"

Needs nothing that Python does not bring.
"""

import json
import os
import sys
import urllib.error
import urllib.request
import uuid

BASE = os.environ.get("MERPATI_URL", "http://127.0.0.1:8080") + "/api/v1"
KEY = os.environ["MERPATI_KEY"]
UNDER_WAY = {"accepted", "admitted", "held", "released", "deferred", "sending"}


def call(method, path, body=None, **headers):
    """Makes a call, and returns what it answers."""
    data = None if body is None else json.dumps(body).encode()
    headers |= {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    request = urllib.request.Request(BASE + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refusal:
        problem = json.load(refusal)
        sys.exit(f"{problem['code']}: {problem['detail']}")


to, text = sys.argv[1:]
# Sent again with the same name after a broken connection, it is still one message.
once = {"Idempotency-Key": str(uuid.uuid4())}
message = call("POST", "/messages", {"to": to, "text": text}, **once)["messages"][0]
version = 0
while message["state"] in UNDER_WAY:
    # Answers when something happened, and after 20 seconds in any case.
    message = call("GET", f"/messages/{message['id']}?after={version}")
    version = message["version"]
print(message["id"], message["state"])

for received in call("GET", "/inbox?limit=5")["messages"]:
    print(received["from"], received["text"])
