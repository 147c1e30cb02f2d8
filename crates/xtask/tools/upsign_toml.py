"""Writes `upsign.toml` files from flat tables: {"upload.key": "{id}.{ext}", …}. A value of None leaves a key out, and a key without a
section stands above all sections."""
import json

# The public key of those who sign URLs of CloudFront.
READ_KEY = """\
-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAshW7aOCBg78JfDXWmOco
BgLxC7cDxkqAdzLLR2lHz1s/IHgbMMaELsOTk5J/YpnA338xlmde1hy6GSZixw4y
uznErvxqVOzlSshoT38D3tQa7sNxmyfNsxy+4fUVb3fPeGodzXHVN6xEklei1jgz
d8lBKTGPNxMJbpqBaKQy5sD25Yqg182CMMXQrw9z7uFYVoRqhlaGNLsEd6IzmmGC
TPdQVxqBmkZuOimjoutZxQGBbWdWYqo6qkJ8/OvjDfF4qUgHaXt8tbJdGjaqRjGn
FXH+w4B5un02Q+pPHFeIFwzKt+HsauTbXP1oU+V0hTf3C3dpz+e0EbLboHTOn3fc
owIDAQAB
-----END PUBLIC KEY-----
"""
BASE = {
    "bucket.name": "article-images-bucket",
    "bucket.region": "us-east-1",
    "upload.key": "articles/{article_id}/raw/{id}.{ext}",
    "upload.ids": ["article_id"],
    "upload.types": ["image/jpeg", "image/png", "image/webp"],
    "upload.max_size": "10 MiB",
    "upload.bodyless": "refuse",
    "auth.user_pool": "us-east-1_AbCdEf123",
    "auth.client_ids": ["3n4b5urk1ft4fl3mg5e62d9ado"],
    "auth.token_use": "id",
    "cors.origins": ["https://app.example.com"],
}


def value(item):
    if isinstance(item, dict):
        return "{ " + ", ".join(f"{json.dumps(name)} = {value(inner)}" for name, inner in item.items()) + " }"
    if isinstance(item, list):
        return "[" + ", ".join(map(value, item)) + "]"
    return json.dumps(item, ensure_ascii=False)


def render(*changes):
    """Returns the file with the keys of BASE, changed by each table in turn."""
    sections, keys = {}, {**BASE}
    for change in changes:
        keys.update(change)
    for key, item in keys.items():
        section, _, name = key.rpartition(".")
        if item is not None:
            sections.setdefault(section, []).append(f"{name} = {value(item)}\n")
    top = "".join(sections.pop("", []))
    return top + "\n".join(f"[{section}]\n{''.join(lines)}" for section, lines in sections.items())
