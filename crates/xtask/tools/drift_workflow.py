"""usage: drift_workflow.py ENDPOINT WORKFLOW UPSIGN FOLDER: runs the steps of the drift workflow against a stack on the emulator.

Nothing has drifted at first, and each step must succeed. Then one thing after the other is changed: the committed template, the
deployed template, the bucket. The step that compares it must end with 1, and the others must still succeed.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys

import yaml

from emulator import Stacks
from upsign_toml import render

endpoint, workflow, upsign, folder = sys.argv[1:5]
folder = pathlib.Path(folder)
STACK = "uploads"
CONFIG = {"bucket.name": "drifting-images", "deployment.guards": [], "deployment.monitoring": False}
CODE = "target/lambda/bootstrap/bootstrap.zip"
COMMITTED, EXPORT, DEPLOYED, BUCKET, RESOURCES = (
    "Compare the committed template with upsign.toml", "Export the template of the stack",
    "Compare the template of the stack with upsign.toml", "Compare the bucket with upsign.toml",
    "Compare every resource with the template of the stack")
# Steps that do not run here, and why.
LEFT_OUT = {"Install upsign": "it is built already",
            RESOURCES: "the emulator reports resources as changed whose properties it ignores"}
stacks = Stacks(endpoint)


def run(command):
    """Runs a step as GitHub does, and returns its exit code and output."""
    path = f"{folder.resolve()}/bin:{pathlib.Path(upsign).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "STACK": STACK, "AWS_ENDPOINT_URL": endpoint, "UPSIGN_ENDPOINT": endpoint,
                   "UPSIGN_PROVIDER": "aws", "UPSIGN_ADDRESSING": "path"}
    done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", command], cwd=folder, env=environment, capture_output=True, text=True,
                          check=False)
    return done.returncode, done.stdout + done.stderr


def steps():
    """Yields the name and the commands of each step of the workflow."""
    with open(workflow, encoding="utf-8") as file:
        jobs = yaml.safe_load(file)["jobs"]
    for job in jobs.values():
        for step in job["steps"]:
            if "run" in step:
                yield step["name"], step["run"]


def check(description, *drifted):
    """Runs every step: those that find the drift must end with 1, and the others with 0."""
    for name, command in steps():
        if name not in LEFT_OUT:
            code, output = run(command)
            if code != (1 if name in drifted else 0):
                sys.exit(f"{description}: {name}: ended with {code}:\n{output}")
    print(f"{description}: {', '.join(drifted) or 'every step succeeds'}")


def deploy(template):
    """Deploys what `sam deploy --resolve-s3` does: the template with the location of the uploaded code, which CloudFormation returns."""
    packaged = stacks.packaged(yaml.safe_load(template), folder)
    stacks.deploy(STACK, yaml.safe_dump(packaged, sort_keys=False), {})
    # The emulator ignores lifecycle rules; see `deployments.IGNORED`.
    code, lifecycle = run("upsign documents lifecycle 2>/dev/null")
    stacks.aws["s3"].put_bucket_lifecycle_configuration(Bucket=CONFIG["bucket.name"], LifecycleConfiguration=json.loads(lifecycle))


def add_aws():
    """Writes an `aws` that uses the emulator for SQS too, for which version 1 of the AWS CLI ignores AWS_ENDPOINT_URL."""
    program = folder / "bin/aws"
    program.parent.mkdir()
    program.write_text(f"""#!/bin/sh
[ "$1" = sqs ] && set -- --endpoint-url "$AWS_ENDPOINT_URL" "$@"
exec '{shutil.which("aws")}' "$@"
""", encoding="utf-8")
    program.chmod(0o755)


def main():
    add_aws()
    (folder / "upsign.toml").write_text(render(CONFIG), encoding="utf-8")
    code, template = run("upsign documents sam 2>/dev/null")
    (folder / "template.yaml").write_text(template, encoding="utf-8")
    (folder / CODE).parent.mkdir(parents=True)
    (folder / CODE).write_bytes(b"")
    deploy(template)
    check("nothing has drifted")

    public = template.replace("BlockPublicPolicy: true", "BlockPublicPolicy: false")
    if public == template:
        sys.exit("the template has no BlockPublicPolicy")
    (folder / "template.yaml").write_text(public, encoding="utf-8")
    check("the committed template is edited", COMMITTED)
    (folder / "template.yaml").write_text(template, encoding="utf-8")

    rules = stacks.aws["s3"].get_bucket_cors(Bucket=CONFIG["bucket.name"])["CORSRules"]
    anybody = [{**rules[0], "AllowedOrigins": ["*"]}]
    stacks.aws["s3"].put_bucket_cors(Bucket=CONFIG["bucket.name"], CORSConfiguration={"CORSRules": anybody})
    check("the bucket is changed by hand", BUCKET)
    stacks.aws["s3"].put_bucket_cors(Bucket=CONFIG["bucket.name"], CORSConfiguration={"CORSRules": rules})

    lock = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}}
    stacks.aws["s3"].put_object_lock_configuration(Bucket=CONFIG["bucket.name"], ObjectLockConfiguration=lock)
    check("the bucket locks every object by default", BUCKET)
    del lock["Rule"]
    stacks.aws["s3"].put_object_lock_configuration(Bucket=CONFIG["bucket.name"], ObjectLockConfiguration=lock)
    check("the bucket locks no object by default")

    config = (folder / "upsign.toml").read_text(encoding="utf-8")
    (folder / "upsign.toml").write_text(render(CONFIG, {"cors.origins": ["https://new.example.com"]}), encoding="utf-8")
    check("upsign.toml is changed and not deployed", COMMITTED, DEPLOYED, BUCKET)
    (folder / "upsign.toml").write_text(config, encoding="utf-8")


main()
