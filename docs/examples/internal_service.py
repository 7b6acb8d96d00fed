"""Another service sends an SMS by publishing to the broker: no HTTP, no library of ours, one JSON document.

    merpati nats credentials shop
    MERPATI_NATS_URL=… MERPATI_NATS_USER=shop MERPATI_NATS_PASSWORD=… \\
        python3 internal_service.py +6281234567890 "Your order is ready."

Needs nats-py: pip install nats-py. The answer comes when the message is kept: from then on it survives any restart.
"""

import asyncio
import json
import os
import sys
import uuid

import nats


async def main():
    to, text = sys.argv[1:]
    connection = await nats.connect(
        os.environ["MERPATI_NATS_URL"],
        user=os.environ["MERPATI_NATS_USER"],
        password=os.environ["MERPATI_NATS_PASSWORD"],
    )
    # Our own id, so that we can ask for the message later, and so that publishing it twice sends it once.
    message = f"msg_{uuid.uuid4().hex}"
    kept = await connection.jetstream().publish(
        # The last word is the priority: otp, normal or bulk.
        "sms.v1.mt.request.normal",
        json.dumps({"id": message, "to": to, "text": text}).encode(),
        headers={"Nats-Msg-Id": f"{message}:request:0"},
    )
    print(json.dumps({"id": message, "sequence": kept.seq}))
    await connection.close()


asyncio.run(main())
