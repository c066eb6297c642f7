"""Verifies requests with the package of Standard Webhooks, and that it refuses them once they are changed.

Reads one JSON object a line, {"secret", "headers", "body"}, and prints how many were verified.
"""

import json
import sys

from standardwebhooks.webhooks import Webhook, WebhookVerificationError


def is_refused(webhook: Webhook, body: str, headers: dict) -> bool:
    try:
        webhook.verify(body, headers)
    except WebhookVerificationError:
        return True
    return False


def main() -> int:
    verified = 0
    for line in sys.stdin:
        request = json.loads(line)
        webhook = Webhook(request["secret"])
        webhook.verify(request["body"], request["headers"])
        if not is_refused(webhook, request["body"] + " ", request["headers"]):
            print("A changed body was taken for genuine.", file=sys.stderr)
            return 1
        verified += 1
    print(verified)
    return 0


sys.exit(main())
