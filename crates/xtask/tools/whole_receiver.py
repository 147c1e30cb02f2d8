"""Receives webhooks, and refuses those whose signature is not that of Standard Webhooks.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md"""
import base64
import hashlib
import hmac
import http.server
import json
import threading
import time


class Receiver:
    """A server on a port, by default a free one. `messages` has each message once, by its id."""

    def __init__(self, secret, port=0):
        self.messages, self.refused, key = {}, [], base64.b64decode(secret.removeprefix("whsec_"))
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                message_id, stamp = self.headers["webhook-id"], self.headers["webhook-timestamp"]
                signed = f"{message_id}.{stamp}.".encode() + body
                expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
                is_valid = expected in self.headers["webhook-signature"].split() and abs(int(stamp) - time.time()) < 300
                if is_valid:
                    receiver.messages[message_id] = json.loads(body)
                else:
                    receiver.refused.append(dict(self.headers))
                self.send_response(204 if is_valid else 401)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks/uploads"

    def wait_for(self, kind, key):
        """Returns the message about an object."""
        for _ in range(200):
            found = [it for it in list(self.messages.values()) if it["type"] == kind and it["data"]["key"] == key]
            if found:
                return found[0]
            time.sleep(0.1)
        raise RuntimeError(f"no {kind} about {key}; received {self.messages}, refused {self.refused}")
