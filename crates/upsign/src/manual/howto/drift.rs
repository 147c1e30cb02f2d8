//! Check a deployment for drift.
//!
//! `upsign check --against` compares documents in use with those that `upsign.toml` gives. It reads whole templates and modules, in
//! YAML, JSON or HCL, the output of `terraform show -json`, and single documents: CORS, IAM policies, bucket policies, lifecycle
//! rules and notifications in every form that `upsign documents` writes, and the answer of `aws s3api get-object-lock-configuration`.
//! `-` is standard input.
//!
//! ```sh
//! upsign documents sam > template.yaml
//! upsign check --against template.yaml
//! ```
//!
//! # What it says
//!
//! ```text
//! template.yaml: bucket ✓  bucket policy ✓  public access ✗  ownership ✓  encryption ✓  versioning ✓  cors ✗  lifecycle ✓  …
//!
//! wider: template.yaml: UploadsBucket.PublicAccessBlockConfiguration.BlockPublicPolicy is false, not true
//!     an ACL or a policy can make the bucket or its objects public
//! cosmetic: template.yaml: preflights are cached for 60 s instead of 3600 s
//!     browsers send more preflights, so uploads start later
//!
//! 2 differences: 0 breaking, 1 wider, 1 cosmetic, 0 narrower
//! ```
//!
//! The first line lists what was compared: ✓ agrees, `✓ (narrower)` denies more, ✗ differs, ? was not compared, and `? (allowed)` was
//! not compared, which you have accepted. The consequence of each difference is below it.
//!
//! | a difference is | if |
//! | --- | --- |
//! | breaking | something fails; its line names what, as in `breaks uploads`: `uploads`, their `confirmation`, `reads`, `processing` (no notifications) or `retention` (uploads are deleted) |
//! | wider | more is permitted than the uploads need |
//! | cosmetic | nothing fails, but storage costs more, or scripts see less |
//! | narrower | more is denied, but nothing that the uploads need |
//!
//! | exit code | meaning |
//! | --- | --- |
//! | 0 | everything was compared or accepted, and is equal or narrower |
//! | 1 | something differs, or was not compared |
//! | 2 | a file cannot be read, `upsign.toml` is not valid, or `--allow-uncompared` has a name that accepts nothing |
//!
//! # How it compares
//!
//! Every resource that the stack would have is compared property by property. Order and names do not count. Policies are compared by
//! meaning: by which requests of which caller they allow or deny, with `NotAction`, `NotResource`, `NotPrincipal` and conditions.
//!
//! # What was not compared
//!
//! A part that `upsign` does not understand is never ✓. It is listed as *not compared* with the reason, and the exit code is 1: a
//! resource that you added to the template, a condition operator that is not known, a value that is only known to CloudFormation. Look
//! at it, and accept it by exactly the name that the report prints:
//!
//! ```text
//! not compared: template.yaml: Table
//!     the generated stack has no such AWS::DynamoDB::Table
//! ```
//!
//! ```text
//! upsign check --against template.yaml --allow-uncompared Table
//! ```
//!
//! Secrets, the server of Redis, and the receivers of webhooks and of the queue are no part of the stack, so nothing compares them.
//!
//! What changes no resource is not compared, and not listed either: the outputs, metadata and description of a template, the outputs
//! of a module, and parameters, variables and conditions to which no resource refers. The modules that a root module calls are not
//! read: each call is listed as not compared, so pass the files of the generated module.
//!
//! # What is deployed
//!
//! The committed template may not be the deployed one. Export the template of the stack:
//!
//! ```sh
//! aws cloudformation get-template --stack-name uploads --template-stage Original --query TemplateBody --output text > deployed.yaml
//! upsign check --against deployed.yaml
//! ```
//!
//! With Terraform, the state shows what is deployed, including resources of the root module and of other modules:
//!
//! ```text
//! terraform show -json > state.json
//! upsign check --against state.json
//! ```
//!
//! Of a plan (`terraform show -json PLAN`), the planned values are compared. Outputs and values that AWS computes, such as ARNs and
//! hashes of the code, are not.
//!
//! Somebody may have changed the bucket by hand. A command with the feature `live` reads its configuration from S3, with the
//! credentials of the environment:
//!
//! ```text
//! upsign check --live --queue-arn arn:aws:sqs:ap-southeast-1:123456789012:uploads
//! ```
//!
//! It also sends what browsers send before an upload, for each route and each origin of `[cors]`, and reports a refusal with the line of
//! `upsign.toml` that needs the permission; that works without credentials and in every build. `--probe` adds the experiments of
//! [`probe`](mod@crate::manual::howto::probe) for what the routes rely on, which write objects and remove them.
//! [`preflight`](crate::manual::howto::preflight) describes both. What could not be checked fails the check, unless
//! `--allow-uncompared` names it.
//!
//! The comparison includes Object Lock, which routes with `object_lock` or `legal_hold` need, and a default retention of the bucket. A setting
//! that the credentials may not read is listed as not compared. Directory buckets have no configuration that could be read so.
//!
//! The ARN is that of the queue that the stack has created: the bucket must notify this one. All of these commands
//! compare with `[deployment]`. Changes of the function, its role or the API by hand are found by `aws cloudformation
//! detect-stack-drift` and by `terraform plan`.
//!
//! # In CI
//!
//! `examples/drift` has a workflow for GitHub Actions that does all of this: on each pull request for the committed template, and daily
//! for the stack and the bucket.
