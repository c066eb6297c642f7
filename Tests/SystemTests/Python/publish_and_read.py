"""Publishes the plan on standard input and prints every event up to its completion, one JSON object a line.

An independent client: pika, publisher confirms, mandatory messages; it declares nothing that it only uses.
Usage: publish_and_read.py EVENTS_QUEUE, with the broker's URL in AMQP_URL.
"""

import json
import os
import sys

import pika


def main() -> int:
    plan = sys.stdin.buffer.read()
    connection = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"]))
    channel = connection.channel()
    channel.confirm_delivery()
    channel.basic_publish(
        exchange="distribution.plans",
        routing_key="plan.requested",
        body=plan,
        properties=pika.BasicProperties(content_type="application/json", delivery_mode=2),
        mandatory=True,
    )
    for method, properties, body in channel.consume(sys.argv[1]):
        event = json.loads(body)
        if properties.message_id != event["id"] or properties.content_type != "application/cloudevents+json":
            print("The properties do not match the event.", file=sys.stderr)
            return 1
        print(json.dumps(event), flush=True)
        channel.basic_ack(method.delivery_tag)
        if event["type"] == "distribution.plan.completed":
            break
    connection.close()
    return 0


sys.exit(main())
