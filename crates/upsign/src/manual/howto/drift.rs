//! Check a deployment for drift.
//!
//! `upsign check --against` compares documents in use with those that `upsign.toml` gives. It reads whole templates and modules, in
//! YAML, JSON or HCL, and single documents: CORS, IAM policies, bucket policies, lifecycle rules and notifications in every form that
//! `upsign documents` writes. `-` is standard input.
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
//! The first line lists what was compared: ✓ agrees, ✗ differs, ? was not compared. Each difference has its consequence.
//!
//! | a difference is | if |
//! | --- | --- |
//! | breaking | uploads or reads fail |
//! | wider | more is permitted than the uploads need |
//! | cosmetic | nothing fails, but storage costs more, or scripts see less |
//! | narrower | more is denied, but nothing that the uploads need |
//!
//! | exit code | meaning |
//! | --- | --- |
//! | 0 | everything was compared, and is equal or narrower |
//! | 1 | something differs, or was not compared |
//! | 2 | a file cannot be read, or `upsign.toml` is not valid |
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
//! at it, and accept it by its name:
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
//! # What is deployed
//!
//! The committed template may not be the deployed one. Export the template of the stack:
//!
//! ```sh
//! aws cloudformation get-template --stack-name uploads --template-stage Original --query TemplateBody --output text > deployed.yaml
//! upsign check --against deployed.yaml
//! ```
//!
//! Somebody may have changed the bucket by hand. A command with the feature `live` reads its configuration from S3, with the
//! credentials of the environment:
//!
//! ```text
//! upsign check --live --queue-arn arn:aws:sqs:ap-southeast-1:123456789012:uploads
//! ```
//!
//! The ARN is that of the queue that the stack has created: the bucket must notify this one. Both commands
//! compare with `[deployment]`. Changes of the function, its role or the API by hand are found by `aws cloudformation
//! detect-stack-drift` and by `terraform plan`.
//!
//! # In CI
//!
//! `examples/drift` has a workflow for GitHub Actions that does all of this: on each pull request for the committed template, and daily
//! for the stack and the bucket.
