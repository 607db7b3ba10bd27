"""What waits in the queues of the workers."""

import json
from base64 import b64decode

from affiliate_site.redis import get_redis

QUEUES = ("imports", "feeds", "images", "mail", "webhooks")
LOOKED_AT = 10_000  # messages of a queue, the next ones to be taken first


def waiting(queue: str) -> set[tuple[str, tuple]]:
    """Return the (name of the task, its arguments) of the messages that no worker has taken yet.

    Raises RedisError.
    """
    found = set()
    for raw in get_redis().lrange(queue, -LOOKED_AT, -1):
        message = json.loads(raw)
        args, _, _ = json.loads(b64decode(message["body"]))
        found.add((message["headers"]["task"], tuple(args)))
    return found
