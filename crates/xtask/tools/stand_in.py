"""usage: stand_in.py PROGRAM ARGUMENT…: runs in place of a program that needs AWS, for the commands that `upsign documents` prints.

`python3 -m venv` creates a folder whose `pip` installs an empty cargo-lambda, `cargo lambda build` makes a development build, `sam
deploy` deploys on the emulator, `curl` and `upsign upload` find the host names of AWS there. `configure FILE` lets the configuration of an example use the
emulator, and `trust FILE` lets it accept the tokens of the emulator's user pool. With MULTIPART, the configuration has multipart
uploads. Reads ENDPOINT, CHECKOUT, TARGET, CARGO, CURL, UPSIGN and POOL (the output of `pool.py`) from the environment.
"""
import fcntl
import json
import os
import pathlib
import re
import secrets
import shutil
import subprocess
import sys
import tomllib
import urllib.parse
import zipfile

endpoint = os.environ["ENDPOINT"]


def options(arguments):
    """Returns the options of a command line, each with the words that follow it."""
    found, name = {}, None
    for word in arguments:
        if word.startswith("--"):
            name = word.removeprefix("--")
            found.setdefault(name, [])
        else:
            found[name].append(word)
    return found


def python3(*arguments):
    if arguments[:2] != ("-m", "venv"):
        sys.exit(f"unexpected: python3 {arguments}")
    programs = pathlib.Path(arguments[2]) / "bin"
    programs.mkdir(parents=True)
    pip, installed = programs / "pip", programs / "cargo-lambda"
    pip.write_text(f"#!/bin/sh\ntest \"$*\" = 'install cargo-lambda' && install -m 755 /dev/null '{installed}'\n", encoding="utf-8")
    pip.chmod(0o755)


def cargo(*arguments):
    """Builds the package like `cargo lambda build --output-format zip`, but in the development profile and for this machine."""
    if arguments[:2] != ("lambda", "build"):
        sys.exit(f"unexpected: cargo {arguments}")
    if "/.cargo-lambda/" not in (shutil.which("cargo-lambda") or ""):
        sys.exit("error: no such command: `lambda`")
    given = options(arguments[2:])
    if given.get("output-format") != ["zip"]:
        sys.exit("cargo lambda build makes no zip file")
    manifest = pathlib.Path(given.get("manifest-path", ["Cargo.toml"])[0])
    name = tomllib.loads(manifest.read_text(encoding="utf-8"))["package"]["name"]
    # A package that the folder holds no sources of is that of this repository.
    sources = manifest.parent if (manifest.parent / "src").is_dir() else pathlib.Path(os.environ["CHECKOUT"])
    build = [os.environ["CARGO"], "build", "--bin", "bootstrap", "--package", name]
    if "features" in given:
        build += ["--features", given["features"][0]]
    target = pathlib.Path(os.environ["TARGET"])
    # Every package writes the same file, which is read before another process builds.
    with open(target / "bootstrap.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run(build, cwd=sources, check=True, env={**os.environ, "CARGO_TARGET_DIR": str(target)})
        content = (target / "debug/bootstrap").read_bytes()
    packed = lambda_dir(given, manifest) / "bootstrap/bootstrap.zip"
    packed.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        program = zipfile.ZipInfo("bootstrap")
        program.external_attr, program.compress_type = 0o755 << 16, zipfile.ZIP_DEFLATED
        archive.writestr(program, content)
        for included in given.get("include", []):
            destination, _, source = included.rpartition(":")
            archive.write(source, destination or source)


def lambda_dir(given, manifest):
    """Returns the folder of the zip files: the one of the option, or that of cargo-lambda below the target folder of the workspace."""
    if "lambda-dir" in given:
        return pathlib.Path(given["lambda-dir"][0])
    metadata = [os.environ["CARGO"], "metadata", "--no-deps", "--format-version", "1", "--manifest-path", manifest]
    found = subprocess.run(metadata, check=True, stdout=subprocess.PIPE).stdout
    return pathlib.Path(json.loads(found)["target_directory"]) / "lambda"


def sam(*arguments):
    """Packs and deploys a template like `sam deploy`."""
    import yaml
    from emulator import Stacks

    if arguments[0] != "deploy":
        sys.exit(f"unexpected: sam {arguments}")
    given = options(arguments[1:])
    template = yaml.safe_load(pathlib.Path(given["template-file"][0]).read_text(encoding="utf-8"))
    stacks = Stacks(endpoint)
    template = stacks.packaged(template, pathlib.Path(given["template-file"][0]).parent)
    parameters = dict(word.split("=", 1) for word in given.get("parameter-overrides", []))
    stacks.deploy(given["stack-name"][0], json.dumps(template), parameters)


def curl(*arguments):
    """Runs curl with the emulator's address in place of the host names of AWS."""
    words = []
    for word in arguments:
        parts = urllib.parse.urlsplit(word) if word.startswith("https://") else None
        if parts and re.search(r"\.(execute-api|lambda-url)\.", parts.netloc):
            host = re.sub(r"\.execute-api\..*", f".execute-api.localhost:{urllib.parse.urlsplit(endpoint).port}", parts.netloc)
            words += [endpoint + parts.path, "-H", f"Host: {host}"]
        else:
            words.append(word)
    os.execv(os.environ["CURL"], ["curl", *words])


def upsign(*arguments):
    """Runs upsign, which sends no Host of another server: the emulator has a path for each API."""
    words = list(arguments)
    if words[0] == "upload":
        place = words.index("--api") + 1
        url = urllib.parse.urlsplit(words[place])
        api, _, rest = url.netloc.partition(".")
        if not rest.startswith("execute-api."):
            sys.exit(f"unexpected: upsign {arguments}")
        # An HTTP API has the stage $default, which is not in its addresses.
        stage = "" if url.path.count("/") > 1 else "/$default"
        words[place] = f"{endpoint}/_aws/execute-api/{api}{stage}{url.path}"
    os.execv(os.environ["UPSIGN"], ["upsign", *words])


def configure(path):
    """Changes the bucket, the region, the identity and the deployment of a configuration, as somebody does who uses it."""
    pool = json.loads(os.environ["POOL"])
    changes = {
        "bucket.name": os.environ["BUCKET"], "bucket.region": "us-east-1", "auth.user_pool": pool["pool"],
        "auth.client_ids": [pool["client"]], "deployment.guards": [], "deployment.monitoring": False,
        "deployment.variables": {"AWS_ENDPOINT_URL_S3": endpoint}}
    if "API" in os.environ:
        changes["deployment.api"] = os.environ["API"]
    if "MULTIPART" in os.environ:
        # ministack 1.5.33 has no checksums of whole objects for multipart uploads: it refuses the right CRC.
        changes |= {"upload.multipart": os.environ["MULTIPART"], "upload.bodyless": "refuse", "upload.max_size": "1 GiB",
                    "upload.checksums": ["sha256"], "upload.require_checksum": True,
                    "token.keys": [f"secretsmanager:{token_secret()}"]}
        changes["deployment.variables"]["AWS_ENDPOINT_URL_SECRETS_MANAGER"] = endpoint
    change(path, changes)


def token_secret():
    """Returns the ARN of a new secret of AWS Secrets Manager."""
    import boto3

    manager = boto3.client("secretsmanager", endpoint_url=endpoint)
    return manager.create_secret(Name="uploads", SecretString=secrets.token_urlsafe(32))["ARN"]


def trust(path):
    """Names the issuer of the emulator's user pool, whose tokens and keys have other addresses than those of AWS."""
    pool = json.loads(os.environ["POOL"])
    change(path, {"auth.user_pool": None, "auth.issuer": pool["issuer"], "auth.danger_http_keys": True,
                  "auth.jwks_uri": f"{endpoint}/{pool['pool']}/.well-known/jwks.json"})


def change(path, changes):
    """Writes a configuration again, with other values of some keys."""
    from upsign_toml import BASE, render

    file = tomllib.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    keys = {key: None for key in BASE}
    keys.update({f"{section}.{name}": value for section, names in file.items() for name, value in names.items()})
    pathlib.Path(path).write_text(render(keys, changes), encoding="utf-8")


{program.__name__: program for program in (python3, cargo, sam, curl, upsign, configure, trust)}[sys.argv[1]](*sys.argv[2:])
