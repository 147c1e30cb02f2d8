"""usage: stand_in.py PROGRAM ARGUMENT…: runs in place of a program that needs AWS, for the commands that `upsign documents` prints.

`pip` installs nothing, `cargo lambda build` makes a development build, `sam deploy` deploys on the emulator, `curl` finds the host
names of AWS there, and `configure FILE` lets the configuration of an example use the emulator. Reads ENDPOINT, CHECKOUT, TARGET, CARGO,
CURL and POOL (the output of `pool.py`) from the environment.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tomllib
import urllib.parse
import zipfile

endpoint = os.environ["ENDPOINT"]


def options(arguments, flags=()):
    """Returns the options of a command line: each with its value, or True for a flag."""
    words, found = iter(arguments), {}
    for word in words:
        name = word.removeprefix("--")
        found.setdefault(name, []).append(True if name in flags else next(words))
    return found


def pip(*arguments):
    sys.exit(0 if arguments == ("install", "cargo-lambda") else f"unexpected: pip {arguments}")


def cargo(*arguments):
    """Builds the package like `cargo lambda build --output-format zip`, but in the development profile and for this machine."""
    if arguments[:2] != ("lambda", "build"):
        sys.exit(f"unexpected: cargo {arguments}")
    given = options(arguments[2:], ("release", "arm64"))
    if given.get("output-format") != ["zip"]:
        sys.exit("cargo lambda build makes no zip file")
    package = given.get("package", [None])[0]
    folder = os.environ["CHECKOUT"] if package else os.getcwd()
    build = [os.environ["CARGO"], "build", "--bin", "bootstrap", *(["--package", package] if package else [])]
    subprocess.run(build, cwd=folder, check=True, env={**os.environ, "CARGO_TARGET_DIR": os.environ["TARGET"]})
    packed = pathlib.Path("target/lambda/bootstrap/bootstrap.zip")
    packed.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        program = zipfile.ZipInfo("bootstrap")
        program.external_attr, program.compress_type = 0o755 << 16, zipfile.ZIP_DEFLATED
        archive.writestr(program, (pathlib.Path(os.environ["TARGET"]) / "debug/bootstrap").read_bytes())
        for included in given.get("include", []):
            name, _, source = included.rpartition(":")
            archive.write(source, name or source)


def sam(*arguments):
    """Packs and deploys a template like `sam deploy`."""
    import yaml
    from emulator import Stacks

    if arguments[0] != "deploy":
        sys.exit(f"unexpected: sam {arguments}")
    given = options(arguments[1:], ("resolve-s3",))
    template = yaml.safe_load(pathlib.Path(given["template-file"][0]).read_text(encoding="utf-8"))
    stacks = Stacks(endpoint)
    for resource in template["Resources"].values():
        code = resource["Properties"].get("CodeUri", "s3:")
        if not code.startswith("s3:"):
            stacks.aws["s3"].create_bucket(Bucket="sam-artifacts")
            stacks.aws["s3"].upload_file(code, "sam-artifacts", "code.zip")
            resource["Properties"]["CodeUri"] = "s3://sam-artifacts/code.zip"
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


def configure(path):
    """Changes the bucket, the region, the identity and the deployment of a configuration, as somebody does who uses it."""
    from upsign_toml import BASE, render

    pool = json.loads(os.environ["POOL"])
    file = tomllib.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    keys = {key: None for key in BASE}
    keys.update({f"{section}.{name}": value for section, names in file.items() for name, value in names.items()})
    keys.update({
        "bucket.name": os.environ["BUCKET"], "bucket.region": "us-east-1", "auth.user_pool": None, "auth.issuer": pool["issuer"],
        "auth.jwks_uri": f"{endpoint}/{pool['pool']}/.well-known/jwks.json", "auth.danger_http_issuer": True,
        "auth.client_ids": [pool["client"]], "deployment.guards": [], "deployment.monitoring": False,
        "deployment.variables": {"AWS_ENDPOINT_URL_S3": endpoint}})
    if "API" in os.environ:
        keys["deployment.api"] = os.environ["API"]
    pathlib.Path(path).write_text(render(keys), encoding="utf-8")


{program.__name__: program for program in (pip, cargo, sam, curl, configure)}[sys.argv[1]](*sys.argv[2:])
