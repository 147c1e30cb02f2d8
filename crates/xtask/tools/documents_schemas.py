"""usage: documents_schemas.py UPSIGN TERRAFORM_SCHEMA FOLDER EXAMPLE [TERRAFORM]: checks generated stacks against the schemas of AWS.

Generates SAM templates and Terraform modules for configurations in which every two choices of `documents_options.py` meet. Templates
are checked by the SAM translator and cfn-lint, which has the schema of every CloudFormation resource; modules against the schema of
Terraform's AWS provider, and by `terraform validate` if TERRAFORM is given. Before that, documents with mistakes show that each kind of
mistake is found. The modules of EXAMPLE must be what its configurations give. Exits with 1 if there is a finding.
"""
import collections
import json
import os
import pathlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, ProcessPoolExecutor

os.environ["AWS_DEFAULT_REGION"] = "us-east-1"

from cfnlint.api import lint
from cfnlint.config import ManualArgs

from documents_options import OPTIONS, REFUSED, STORES, changes, configurations
from terraform_modules import Module
from terraform_validate import findings as findings_of_terraform
from upsign_toml import render

PROCESSES = 2
# Finding of cfn-lint and part of its text: the reason why it is accepted.
ACCEPTED = {}


def findings_of_template(name, text):
    """Returns what cfn-lint finds in a template after the SAM translator."""
    return [f"{name}: {finding.rule.id}: {'/'.join(map(str, finding.path or []))}: {finding.message}"
            for finding in lint(text, config=ManualArgs(regions=["us-east-1"]))]


def findings_of_module(schema, name, text):
    try:
        module = Module(schema, name, text)
    except Exception as error:  # the parser has exceptions of its own
        return [f"{name}: cannot be read: {error}"], 0
    return module.findings, module.checked


def generate(upsign, folder, kind, *changed):
    """Returns a generated document, or else the message of the refusal."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "upsign.toml").write_text(render(*changed), encoding="utf-8")
    arguments = ["sam", "--format", "json"] if kind == "sam" else ["terraform"]
    environment = {name: text for name, text in os.environ.items() if not name.startswith("UPSIGN_")}
    done = subprocess.run([upsign, "documents", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return (done.stdout, None) if done.returncode == 0 else (None, done.stderr)


def mistakes(template, module):
    """Yields documents with one mistake each: (kind, text, part of the finding)."""
    def changed(change):
        copy = json.loads(template)
        change(copy["Resources"])
        return json.dumps(copy)
    def bucket(resources):
        return next(resource["Properties"] for resource in resources.values() if resource["Type"] == "AWS::S3::Bucket")
    def function(resources):
        return next(resource["Properties"] for resource in resources.values() if resource["Type"] == "AWS::Serverless::Function")
    yield "sam", changed(lambda all: bucket(all).update(Versioning={"Status": "Enabled"})), "Versioning"
    yield "sam", changed(lambda all: bucket(all)["CorsConfiguration"]["CorsRules"][0].update(MaxAge="an hour")), "MaxAge"
    yield "sam", changed(lambda all: bucket(all)["CorsConfiguration"]["CorsRules"][0].update(ExposeHeaders=["ETag"])), "ExposeHeaders"
    yield "sam", changed(lambda all: function(all).update(Timeout="ten")), "Timeout"
    yield "sam", changed(lambda all: function(all).update(Tracing="On")), "Tracing"
    for right, wrong, finding in [
        ("max_age_seconds = 3600", "max_age = 3600", "cors_rule.max_age: the provider has no such argument"),
        ("max_age_seconds = 3600", 'max_age_seconds = "an hour"', "is string, and not number"),
        ("max_age_seconds = 3600", "max_age_seconds = [3600]", "not number"),
        ("  cors_rule {", "  cors_rules {", "cors_rules: the provider has no such argument"),
        ("  cors_rule {", "  cors_rule = {", "is no block"),
        ("  bucket = aws_s3_bucket.uploads.id\n\n  cors_rule", "  cors_rule", "bucket: the argument is required"),
        ("bucket = aws_s3_bucket.uploads.id", "bucket = aws_s3_bucket.upload.id", "aws_s3_bucket.upload is not declared"),
        ("bucket = aws_s3_bucket.uploads.id", "bucket = aws_s3_bucket.uploads.name", "aws_s3_bucket has no attribute name"),
        ("bucket = aws_s3_bucket.uploads.id", "bucket = var.bucket_of_another", "var.bucket_of_another is not declared"),
        ('resource "aws_s3_bucket_versioning"', 'resource "aws_s3_bucket_versions"', "the provider has no such type"),
        ("sqs_managed_sse_enabled    = true", 'sqs_managed_sse_enabled    = "yes"', "is string, and not boolean"),
    ]:
        yield "terraform", module.replace(right, wrong, 1), finding


def self_test(upsign, folder, schema, schema_path, terraform):
    """Checks that mistakes are found, and returns what is not found."""
    documents = [generate(upsign, folder, kind)[0] for kind in ("sam", "terraform")]
    missed, count, folders = [], 0, []
    for kind, text, expected in mistakes(*documents):
        count += 1
        if kind == "terraform":
            folders.append(folder / str(count))
            folders[-1].mkdir()
            (folders[-1] / "main.tf").write_text(text, encoding="utf-8")
        found = findings_of_template(kind, text) if kind == "sam" else findings_of_module(schema, kind, text)[0]
        if text in documents or not any(expected in finding for finding in found):
            missed.append(f"a mistake in {kind} is not found: {expected}: {found[:3]}")
    if terraform:
        missed += [f"terraform validate finds nothing in {module}" for module, found in zip(
            folders, findings_of_terraform(terraform, schema_path, folders)) if not found]
    print(f"{count} documents with a mistake each: all but {len(missed)} are found")
    return missed


def check_examples(upsign, example):
    """Yields the modules of the example that are not what its configurations give."""
    for config in sorted(pathlib.Path(example).glob("*/upsign.toml")):
        committed = config.parent / "uploads/main.tf"
        generated = subprocess.run([upsign, "documents", "terraform", "--config", config], capture_output=True, text=True, check=True)
        if committed.read_text(encoding="utf-8") != generated.stdout:
            yield f"{committed} differs: upsign documents terraform --config {config} > {committed}"


def main(upsign, schema_path, folder, example, terraform=None):
    folder, failures, counts = pathlib.Path(folder), [], collections.Counter()
    schema = json.loads(pathlib.Path(schema_path).read_text(encoding="utf-8"))
    failures += self_test(upsign, folder / "mistakes", schema, schema_path, terraform)
    failures += check_examples(upsign, example)
    modules = sorted(path.parent for path in pathlib.Path(example).glob("*/upsign.toml"))

    configured = [choices for options in (OPTIONS, STORES) for choices in configurations(options)]
    jobs = [(choices, kind) for choices in configured for kind in ("sam", "terraform")]
    with ThreadPoolExecutor(PROCESSES) as threads:
        texts = list(threads.map(lambda job: generate(
            upsign, folder / f"{job[0]}-{job[1][1]}", job[1][1], *changes(job[1][0])), enumerate(jobs)))
    templates = []
    for number, ((choices, kind), (text, refusal)) in enumerate(zip(jobs, texts)):
        name = f"{number}-{kind} ({', '.join(choices.values())})"
        if refusal is not None:
            failures.append(f"{name}: {'; '.join(line for line in refusal.splitlines() if line.startswith('error'))}")
        elif kind == "sam":
            templates.append((name, text))
        else:
            found, checked = findings_of_module(schema, name, text)
            failures += found
            counts["Terraform modules"] += 1
            counts["arguments of them"] += checked
            modules.append(folder / f"{number}-{kind}")
            (modules[-1] / "main.tf").write_text(text, encoding="utf-8")
    with ProcessPoolExecutor(PROCESSES) as processes:
        for found in processes.map(findings_of_template, *zip(*templates)):
            counts["SAM templates"] += 1
            failures += [finding for finding in found if not any(part in finding for part in ACCEPTED)]
    if terraform:
        counts["modules by terraform validate"] = len(modules)
        failures += [finding for found in findings_of_terraform(terraform, schema_path, modules) for finding in found]
        formatted = subprocess.run([terraform, "fmt", "-check", "-recursive", example], capture_output=True, text=True, check=False)
        failures += [f"terraform fmt: {formatted.stdout}{formatted.stderr}"] if formatted.returncode else []
    for pair, reason in REFUSED.items():
        counts["refused pairs of options"] += 1
        _, refusal = generate(upsign, folder / "refused", "sam", *changes(dict(pair)))
        if refusal is None or reason not in refusal:
            failures.append(f"{pair}: expected a refusal with {reason!r}, got {refusal}")
    print(f"{'; '.join(f'{count} {name}' for name, count in counts.items())}; provider {schema['version']}, "
          f"{sum(map(len, OPTIONS.values()))} choices of {len(OPTIONS)} options, {len(STORES['provider'])} other stores")
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
