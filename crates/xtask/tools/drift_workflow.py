"""usage: drift_workflow.py ENDPOINT WORKFLOW UPSIGN FOLDER: runs the steps of the drift workflow against a stack on the emulator.

Nothing has drifted at first, and each step must succeed. Then one thing after the other is changed: the committed template, the
deployed template, the bucket. The step that compares it must end with 1, and the others must still succeed. A second stack is one
whose uploads are confirmed: its bucket loses what keeps readers out, what deletes pending objects, and what lets pages read.
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
# A stack whose uploads are confirmed, without a consumer of events: then its function has the only role that reads pending objects.
CONFIRMED_STACK = "photos"
CONFIRMED = {**CONFIG, "bucket.name": "drifting-photos", "upload.confirm": True, "upload.inspect": "magic",
             "upload.pending_key": "pending/{article_id}/raw/{id}.{ext}", "deployment.reads": "presigned",
             "token.keys": ["secretsmanager:arn:aws:secretsmanager:us-east-1:000000000000:secret:tokens-AbCdEf"]}
CODE = "target/lambda/bootstrap/bootstrap.zip"
COMMITTED, EXPORT, DEPLOYED, BUCKET, RESOURCES = (
    "Compare the committed template with upsign.toml", "Export the template of the stack",
    "Compare the template of the stack with upsign.toml", "Compare the bucket with upsign.toml",
    "Compare every resource with the template of the stack")
# Steps that do not run here, and why.
LEFT_OUT = {"Install upsign": "it is built already",
            RESOURCES: "the emulator reports resources as changed whose properties it ignores"}
stacks = Stacks(endpoint)


def run(command, stack=STACK):
    """Runs a step as GitHub does, and returns its exit code and output."""
    path = f"{folder.resolve()}/bin:{pathlib.Path(upsign).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "STACK": stack, "AWS_ENDPOINT_URL": endpoint, "UPSIGN_ENDPOINT": endpoint,
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


def check(description, *drifted, stack=STACK, named=""):
    """Runs every step: those that find the drift must end with 1 and print `named`, and the others must end with 0."""
    for name, command in steps():
        if name not in LEFT_OUT:
            code, output = run(command, stack)
            if code != (1 if name in drifted else 0) or (name in drifted and named not in output):
                sys.exit(f"{description}: {name}: ended with {code}:\n{output}")
    print(f"{description}: {', '.join(drifted) or 'every step succeeds'}")


def packaged(template):
    """Returns what `sam deploy --resolve-s3` deploys: the template with the location of the uploaded code, which CloudFormation returns."""
    return yaml.safe_dump(stacks.packaged(yaml.safe_load(template), folder), sort_keys=False)


def deploy(template, config=None, stack=STACK):
    stacks.deploy(stack, packaged(template), {})
    # The emulator ignores lifecycle rules; see `deployments.IGNORED`.
    code, lifecycle = run("upsign documents lifecycle 2>/dev/null")
    bucket = (config or CONFIG)["bucket.name"]
    stacks.aws["s3"].put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=json.loads(lifecycle))


def configure(config):
    """Writes upsign.toml and the template that is committed with it, which it returns."""
    (folder / "upsign.toml").write_text(render(config), encoding="utf-8")
    code, template = run("upsign documents sam 2>/dev/null")
    (folder / "template.yaml").write_text(template, encoding="utf-8")
    return template


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
    template = configure(CONFIG)
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


def check_confirmed():
    """The bucket of a stack whose uploads are confirmed loses one thing after the other."""
    deploy(configure(CONFIRMED), CONFIRMED, CONFIRMED_STACK)
    # The policy of the bucket names the role of the function, which is known now.
    cloudformation, s3, bucket = stacks.aws["cloudformation"], stacks.aws["s3"], {"Bucket": CONFIRMED["bucket.name"]}
    role = cloudformation.describe_stack_resource(StackName=CONFIRMED_STACK, LogicalResourceId="UploadRole")["StackResourceDetail"]
    arn = stacks.aws["iam"].get_role(RoleName=role["PhysicalResourceId"])["Role"]["Arn"]
    template = configure({**CONFIRMED, "deployment.service_role": arn})
    cloudformation.update_stack(StackName=CONFIRMED_STACK, TemplateBody=packaged(template), Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"])
    cloudformation.get_waiter("stack_update_complete").wait(StackName=CONFIRMED_STACK, WaiterConfig={"Delay": 1})
    check("nothing has drifted where uploads are confirmed", stack=CONFIRMED_STACK)

    policy = s3.get_bucket_policy(**bucket)["Policy"]
    sids = [statement["Sid"] for statement in json.loads(policy)["Statement"]]
    if sids != ["PendingIsNotRead"]:
        sys.exit(f"the policy of the bucket has the statements {sids}")
    s3.delete_bucket_policy(**bucket)
    check("readers may read pending objects", BUCKET, stack=CONFIRMED_STACK,
          named="s3:GetObject on arn:aws:s3:::drifting-photos/pending/* is not denied")
    s3.put_bucket_policy(**bucket, Policy=policy)

    rules = s3.get_bucket_lifecycle_configuration(**bucket)["Rules"]
    others = [rule for rule in rules if rule["ID"] != "upsign-unconfirmed-1"]
    s3.put_bucket_lifecycle_configuration(**bucket, LifecycleConfiguration={"Rules": others})
    check("pending objects are not deleted", BUCKET, stack=CONFIRMED_STACK, named="objects under `pending/` are never deleted")
    s3.put_bucket_lifecycle_configuration(**bucket, LifecycleConfiguration={"Rules": rules})

    rules = s3.get_bucket_cors(**bucket)["CORSRules"]
    others = [rule for rule in rules if rule["AllowedMethods"] != ["GET"]]
    s3.put_bucket_cors(**bucket, CORSConfiguration={"CORSRules": others})
    check("pages may not read", BUCKET, stack=CONFIRMED_STACK, named="GET from https://app.example.com is not allowed")
    s3.put_bucket_cors(**bucket, CORSConfiguration={"CORSRules": rules})
    check("everything is restored", stack=CONFIRMED_STACK)


main()
check_confirmed()
