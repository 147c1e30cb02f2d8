"""Git LFS against `upsign serve`: pushes, pulls, refusals, interruptions, expired URLs.

usage: git_lfs.py SERVICE STORE BUCKET MANUAL LOG MEGABYTES FILES

The tokens are in the environment: TOKEN of the caller, OTHER_TOKEN of one who may not use the route `team`; or TOKEN_URL of `upsign dev`,
which gives both.
Every folder is temporary. Prints what was checked, with times.
"""
import base64
import hashlib
import http.server
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

import boto3

SERVICE, STORE, BUCKET, MANUAL, LOG = sys.argv[1:6]
MEGABYTES, FILES = int(sys.argv[6]), int(sys.argv[7])
# The lifetime of the URLs of the route `short`, in seconds. git-lfs uses none in its last 5 s.
LIFETIME = 6


def token(name, user):
    """Returns a token of the environment, or one of a user of `upsign dev`."""
    if name in os.environ:
        return os.environ[name]
    with urllib.request.urlopen(f"{os.environ['TOKEN_URL']}?user={user}") as answer:
        return answer.read().decode().strip()


TOKEN, OTHER = token("TOKEN", "alice"), token("OTHER_TOKEN", "bob")
# The starts of all upload tokens that this script receives: those of one server begin alike.
UPLOAD_TOKENS = set()
ROOT = pathlib.Path(tempfile.mkdtemp(prefix="git-lfs-"))
S3 = boto3.client("s3", endpoint_url=STORE)
# Neither the configuration of this machine nor its credential helpers.
ENV = {
    **os.environ, "HOME": str(ROOT / "home"), "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "true",
    "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com",
}


def check(holds, what):
    print(f"    {'ok' if holds else 'FAILED'}: {what}")
    if not holds:
        sys.exit(1)


def run(*command, cwd, ok=True, env=None):
    """Returns the output of a command, which must succeed or fail as stated."""
    done = subprocess.run(command, cwd=cwd, env={**ENV, **(env or {})}, capture_output=True, text=True, timeout=600)
    output = done.stdout + done.stderr
    if (done.returncode == 0) != ok:
        print(output[-4000:], file=sys.stderr)
        check(False, f"{' '.join(command)} ends with {done.returncode}")
    return output


def git(folder, *arguments, **options):
    return run("git", *arguments, cwd=folder, **options)


def url(route=""):
    return f"{SERVICE}{route}/info/lfs"


def repository(name, route="", token=TOKEN):
    """Creates a repository with a bare remote, whose LFS server is a route of the service."""
    remote, folder = ROOT / f"{name}.git", ROOT / name
    run("git", "init", "-q", "--bare", "-b", "main", str(remote), cwd=ROOT)
    run("git", "init", "-q", "-b", "main", str(folder), cwd=ROOT)
    git(folder, "remote", "add", "origin", str(remote))
    git(folder, "lfs", "install", "--local")
    git(folder, "config", "-f", ".lfsconfig", "lfs.url", url(route))
    git(folder, "lfs", "track", "*.bin")
    authorize(folder, token)
    return folder


def authorize(folder, token):
    # For the service only: git-lfs would send a header of every URL to the store too.
    git(folder, "config", "--replace-all", f"http.{SERVICE}/.extraHeader", f"Authorization: Bearer {token}")


def commit(folder, message="files"):
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", message)


def push(folder, **options):
    return git(folder, "push", "-q", "origin", "main", **options)


def clone(folder, name):
    """Clones the remote of a repository without the objects, then pulls them, as a new colleague does."""
    copy = ROOT / name
    git(ROOT, "clone", "-q", str(ROOT / f"{folder.name}.git"), str(copy), env={"GIT_LFS_SKIP_SMUDGE": "1"})
    git(copy, "lfs", "install", "--local")
    authorize(copy, TOKEN)
    return copy


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write(path, size, seed):
    """Writes bytes that depend on the seed, without holding them in memory."""
    block = hashlib.shake_256(f"{seed}".encode()).digest(min(size, 1 << 20))
    with open(path, "wb") as file:
        for index in range(size // len(block) if block else 0):
            file.write(index.to_bytes(8, "big") + block[8:] if len(block) >= 8 else block)


def keys(prefix):
    pages = S3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
    return {item["Key"]: item["Size"] for page in pages for item in page.get("Contents", [])}


def timed(what, action):
    start = time.monotonic()
    result = action()
    print(f"    {what}: {time.monotonic() - start:.1f} s")
    return result


def api(path, body, token=TOKEN, headers=None):
    """Calls the service itself. Returns the status and the JSON."""
    request = urllib.request.Request(f"{SERVICE}{path}", json.dumps(body).encode(), method="POST")
    request.add_header("Content-Type", "application/vnd.git-lfs+json")
    request.add_header("Authorization", f"Bearer {token}")
    for name, value in (headers or {}).items():
        request.add_header(name, value)
    try:
        with urllib.request.urlopen(request) as answer:
            status, read, headers = answer.status, json.load(answer), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, json.load(error), error.headers
    verify = [item["actions"]["verify"] for item in read.get("objects", []) if "verify" in item.get("actions", {})]
    UPLOAD_TOKENS.update(value[:12] for action in verify for name, value in action["header"].items() if name.lower() == "upsign-upload-token")
    return status, read, headers


def batch(operation, *objects, route="", token=TOKEN):
    body = {"operation": operation, "transfers": ["basic"], "objects": [{"oid": oid, "size": size} for oid, size in objects]}
    return api(f"{route}/info/lfs/objects/batch", body, token)


def put(action, data):
    """Sends bytes to the store as git-lfs does. Returns the status."""
    request = urllib.request.Request(action["href"], data, method="PUT", headers=action["header"])
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        error.read()
        return error.code


def manual():
    """Runs the commands of the manual as printed, with the address of this service."""
    page = re.sub(r"^//! ?", "", pathlib.Path(MANUAL).read_text(), flags=re.M)
    lines = re.search(r"```shell\n(.*?)```", page, re.S).group(1).strip().splitlines()
    check(len(lines) <= 10, f"the manual needs {len(lines)} lines")
    script = "\n".join(lines).replace("https://uploads.example.com", SERVICE)
    remote, folder = ROOT / "manual.git", ROOT / "manual"
    run("git", "init", "-q", "--bare", "-b", "main", str(remote), cwd=ROOT)
    run("git", "init", "-q", "-b", "main", str(folder), cwd=ROOT)
    git(folder, "remote", "add", "origin", str(remote))
    write(folder / "scene.psd", 50_000, "manual")
    output = run("bash", "-euc", script, cwd=folder, env={"TOKEN": TOKEN})
    check(f"lfs/{sha256(folder / 'scene.psd')}" in keys("lfs/"), "the commands of the manual push a file")
    check("locking" not in output.lower(), "git-lfs is silent about locks")
    check(git(folder, "config", "--get", f"lfs.{url()}.locksverify").strip() == "false", "and does not ask for them again")


def large():
    folder = repository("large")
    write(folder / "large.bin", MEGABYTES << 20, "large")
    timed("hash", lambda: commit(folder))
    timed(f"push {MEGABYTES} MiB", lambda: push(folder))
    digest = sha256(folder / "large.bin")
    check(keys("lfs/").get(f"lfs/{digest}") == MEGABYTES << 20, "the store has the file under its SHA-256")
    # The copy is all that remains of the bytes on this machine.
    shutil.rmtree(folder)
    copy = clone(folder, "large-copy")
    timed(f"pull {MEGABYTES} MiB", lambda: git(copy, "lfs", "pull"))
    check(sha256(copy / "large.bin") == digest, "a fresh clone has the same bytes")
    shutil.rmtree(copy)


def small():
    folder = repository("small")
    for index in range(FILES):
        write(folder / f"{index}.bin", 1_000 + index, f"small {index}")
    timed(f"hash {FILES} files", lambda: commit(folder))
    timed(f"push {FILES} files", lambda: push(folder))
    digests = {path.name: sha256(path) for path in folder.glob("*.bin")}
    stored = keys("lfs/")
    check(all(f"lfs/{digest}" in stored for digest in digests.values()), "the store has every file")
    copy = clone(folder, "small-copy")
    timed(f"pull {FILES} files", lambda: git(copy, "lfs", "pull"))
    check({path.name: sha256(path) for path in copy.glob("*.bin")} == digests, "a fresh clone has the same bytes")
    start = time.monotonic()
    status, answer, _ = batch("upload", *((digest, 1) for digest in list(digests.values())[:100]))
    took = time.monotonic() - start
    check(status == 200 and len(answer["objects"]) == min(FILES, 100), f"100 objects are looked for in {took * 1000:.0f} ms")
    shutil.rmtree(folder)
    shutil.rmtree(copy)


def callers():
    folder = repository("wrong", route="/team", token=OTHER)
    write(folder / "a.bin", 2_000, "wrong caller")
    commit(folder)
    output = push(folder, ok=False)
    check("route" in output, f"a caller without the group is refused: {output.strip().splitlines()[0]}")
    check(not keys("team/"), "and nothing is stored")
    authorize(folder, "eyJhbGciOiJub25lIn0.e30.")
    push(folder, ok=False)
    check(not keys("team/"), "nor with a forged token")
    authorize(folder, TOKEN)
    push(folder)
    check(len(keys("team/")) == 1, "a caller with the group is not")
    oid = sha256(folder / "a.bin")
    status, answer, _ = batch("download", (oid, 2_000), route="/team", token=OTHER)
    check(status == 403 and "actions" not in str(answer), "who may not push may not read")
    # A credential helper has the token as the password.
    git(folder, "config", "--unset-all", f"http.{SERVICE}/.extraHeader")
    git(folder, "config", "credential.helper", f"!f() {{ echo username=git; echo password={TOKEN}; }}; f")
    write(folder / "b.bin", 2_001, "password")
    commit(folder)
    push(folder)
    check(len(keys("team/")) == 2, "a credential helper of Git gives the token as the password")
    status, _, headers = api("/team/info/lfs/objects/batch", {}, token="x")
    check(status == 401 and headers["LFS-Authenticate"].startswith("Basic"), "401 asks for it")
    shutil.rmtree(folder)


def integrity():
    data, other = b"the content", b"The content"
    oid = hashlib.sha256(data).hexdigest()
    _, answer, _ = batch("upload", (oid, len(data)))
    actions = answer["objects"][0]["actions"]
    check(put(actions["upload"], other) == 400, "the store refuses other bytes of the same size")
    forged = {**actions["upload"], "header": {**actions["upload"]["header"],
              "x-amz-checksum-sha256": base64.b64encode(hashlib.sha256(other).digest()).decode()}}
    check(put(forged, other) == 403, "and another checksum, which the URL signs")
    check(f"lfs/{oid}" not in keys("lfs/"), "nothing is stored")
    verify = actions["verify"]
    body = {"oid": oid, "size": len(data)}
    path = verify["href"].removeprefix(SERVICE)
    check(api(path, body, headers=verify["header"])[0] == 404, "verify says that the object has not arrived")
    check(put(actions["upload"], data) == 200, "the bytes of the oid are stored")
    check(api(path, body, headers=verify["header"])[0] == 200, "and verified")
    check(put(actions["upload"], data) == 412, "the same URL does not store them again")


def damaged():
    folder = repository("damaged")
    git(folder, "config", "lfs.transfer.maxretries", "1")
    write(folder / "a.bin", 4_000, "damaged")
    oid = sha256(folder / "a.bin")
    commit(folder)
    # The disk of the client: git-lfs compares only the size before it sends a file.
    stored = folder / ".git/lfs/objects" / oid[:2] / oid[2:4] / oid
    stored.chmod(0o644)
    write(stored, 4_000, "other bytes")
    trace = push(folder, ok=False, env={"GIT_TRACE": "1"})
    check("400" in statuses(trace), "the store refuses a file whose bytes are not those of its oid, and the push fails")
    check(f"lfs/{oid}" not in keys("lfs/"), "nothing is stored")
    shutil.rmtree(folder)


def between(name, change):
    """Returns a repository whose requests pass through here. `change` is called with the first batch that has something to upload."""

    class Proxy(http.server.BaseHTTPRequestHandler):
        changed = False

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            own = {"Upsign-Upload-Token": self.headers["Upsign-Upload-Token"]} if "Upsign-Upload-Token" in self.headers else {}
            status, answer, _ = api(self.path, json.loads(body), headers=own)
            actions = [item["actions"]["upload"] for item in answer.get("objects", []) if "actions" in item]
            if actions and not Proxy.changed:
                Proxy.changed = True
                change(actions)
            text = json.dumps(answer).replace(SERVICE, f"http://{self.headers['Host']}").encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/vnd.git-lfs+json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, repository(name), f"http://127.0.0.1:{server.server_port}"


def statuses(trace):
    """Returns the statuses of the store's and the service's answers in a trace of git-lfs."""
    return re.findall(r"HTTP: (\d+)", trace)


def race():
    stored = []
    server, folder, address = between("race", lambda actions: stored.append(put(actions[0], data)))
    git(folder, "config", "-f", ".lfsconfig", "lfs.url", f"{address}/info/lfs")
    write(folder / "a.bin", 3_000, "race")
    data = (folder / "a.bin").read_bytes()
    commit(folder)
    trace = push(folder, env={"GIT_TRACE": "1"})
    check(stored == [200], "another client stores the object while git-lfs has a URL for it")
    check("412" in statuses(trace), "the store answers 412 to git-lfs")
    check(f"lfs/{sha256(folder / 'a.bin')}" in keys("lfs/"), "and the push succeeds")
    server.shutdown()
    shutil.rmtree(folder)


def interrupted():
    folder = repository("interrupted")
    for index in range(40):
        write(folder / f"{index}.bin", 500_000, f"interrupted {index}")
    commit(folder)
    wanted = {f"lfs/{sha256(path)}" for path in folder.glob("*.bin")}
    git(folder, "config", "lfs.concurrenttransfers", "1")
    pushing = subprocess.Popen(["git", "push", "-q", "origin", "main"], cwd=folder, env=ENV, start_new_session=True,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while pushing.poll() is None and not wanted & set(keys("lfs/")):
        time.sleep(0.01)
    was_running = pushing.poll() is None
    if was_running:
        os.killpg(pushing.pid, 9)
    pushing.wait()
    stored = wanted & set(keys("lfs/"))
    check(was_running and 0 < len(stored) < len(wanted), f"a push is killed after {len(stored)} of {len(wanted)} files")
    trace = push(folder, env={"GIT_TRACE": "1"})
    sent = len(re.findall(r"HTTP: PUT ", trace))
    check(wanted <= set(keys("lfs/")), "the next push stores the others")
    check(0 < sent <= len(wanted) - len(stored), f"and sends only those: {sent}")
    shutil.rmtree(folder)


def expired():
    def outdate(actions):
        # The clock of the client is late by an hour: it does not know that the URL has expired.
        time.sleep(LIFETIME + 1)
        for action in actions:
            del action["expires_at"]
            action["expires_in"] = 3600

    server, folder, address = between("late", outdate)
    git(folder, "config", "-f", ".lfsconfig", "lfs.url", f"{address}/short/info/lfs")
    write(folder / "a.bin", 3_000, "late")
    commit(folder)
    trace = push(folder, env={"GIT_TRACE": "1"})
    check("403" in statuses(trace), "the store refuses a URL that has expired")
    check(f"short/{sha256(folder / 'a.bin')}" in keys("short/"), "git-lfs asks for another one, and the push succeeds")
    server.shutdown()
    shutil.rmtree(folder)

    # The first batch arrives when its URLs are about to expire.
    server, folder, address = between("long", lambda _: time.sleep(LIFETIME - 1))
    git(folder, "config", "-f", ".lfsconfig", "lfs.url", f"{address}/short/info/lfs")
    git(folder, "config", "lfs.concurrenttransfers", "1")
    for index in range(40):
        write(folder / f"{index}.bin", 100_000, f"long {index}")
    commit(folder)
    trace = push(folder, env={"GIT_TRACE": "1"})
    server.shutdown()
    batches = len(re.findall(r"api: batch \d+ files", trace))
    check(len(keys("short/")) == 41, "a push that lasts longer than its URLs stores every file")
    check(batches > 1, f"git-lfs asks for URLs again before they expire: {batches} batches")
    shutil.rmtree(folder)


def main():
    (ROOT / "home").mkdir()
    for scenario in (manual, integrity, damaged, callers, race, interrupted, expired, small, large):
        print(f"  {scenario.__name__}")
        scenario()
    log = pathlib.Path(LOG).read_text()
    check("git-lfs batch" in log, "the log of the service has a line for each batch")
    check(TOKEN not in log and OTHER not in log and "X-Amz-Signature" not in log, "and neither a token nor a URL")
    check(UPLOAD_TOKENS and not any(start in log for start in UPLOAD_TOKENS), "nor an upload token")


try:
    main()
finally:
    shutil.rmtree(ROOT, ignore_errors=True)
