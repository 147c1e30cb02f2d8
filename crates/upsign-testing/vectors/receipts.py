#!/usr/bin/env python3
"""Computes receipts.json: python3 receipts.py > receipts.json

Implements the format of receipts that `upsign::confirm` documents, with Python's standard library only and without any code of
the crate.
"""

import base64
import hashlib
import hmac
import json
import struct


def hmac_sha256(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


def derive(secret, deployment, purpose):
    """RFC 5869 with the salt `upsign`; one block is enough for both lengths."""

    def expand(use, length):
        info = f"{purpose}/{use}\0{deployment}".encode()
        return hmac_sha256(hmac_sha256(b"upsign", secret), info + b"\x01")[:length]

    return expand("key-id", 8), expand("mac", 32)


def text(value):
    data = value.encode()
    return struct.pack(">H", len(data)) + data


ALGORITHMS = ["sha256", "sha1", "crc32", "crc32c", "crc64nvme"]
SECRET = bytes(range(32))
DEPLOYMENT = "production"
RECEIPT = {
    "issuer": "https://issuer.example",
    "subject": "alice",
    "confirmedAt": 1_767_225_600,
    "size": 48_213,
    "checksum": "crc64nvme",
    "checksumValue": "AAAAAAAAAAA=",
    "versionId": "3sL4kqtJlcpXroDTDmJ",
    "route": "images",
    "bucket": "article-images-bucket",
    "endpoint": "https://s3.ap-southeast-1.amazonaws.com",
    "key": "images/\u65e5\u672c/1.jpg",
    "etag": "9b2cf535f27731c974343645a3985328",
    "contentType": "image/jpeg",
}


def owner(receipt):
    issuer, subject = receipt["issuer"].encode(), receipt["subject"].encode()
    _, key = derive(SECRET, DEPLOYMENT, "owner/v1")
    return hmac_sha256(key, struct.pack(">Q", len(issuer)) + issuer + subject)[:16]


def sign(receipt):
    key_id, key = derive(SECRET, DEPLOYMENT, "receipt/v1")
    flags = ALGORITHMS.index(receipt["checksum"]) + 1 if receipt["checksum"] else 0
    flags |= 1 << 4 if receipt["versionId"] else 0
    message = b"\x01" + key_id + struct.pack(">QQB", receipt["confirmedAt"], receipt["size"], flags) + owner(receipt)
    names = ["checksumValue"] if receipt["checksum"] else []
    names += ["versionId"] if receipt["versionId"] else []
    names += ["route", "bucket", "endpoint", "key", "etag", "contentType"]
    message += b"".join(text(receipt[name] or "") for name in names)
    return base64.urlsafe_b64encode(message + hmac_sha256(key, message)).decode().rstrip("=")


CASES = [
    ("typical", {}),
    ("unnamed route", {"route": None}),
    ("without a version", {"versionId": None}),
    ("without a checksum", {"checksum": None, "checksumValue": None}),
    ("nothing but the object", {"route": None, "versionId": None, "checksum": None, "checksumValue": None, "size": 0}),
]
cases = [(name, RECEIPT | change) for name, change in CASES]
print(
    json.dumps(
        {
            "secret": SECRET.hex(),
            "deployment": DEPLOYMENT,
            "cases": [
                {"name": name, "receipt": receipt, "owner": owner(receipt).hex(), "text": sign(receipt)}
                for name, receipt in cases
            ],
        },
        indent=1,
    )
)
