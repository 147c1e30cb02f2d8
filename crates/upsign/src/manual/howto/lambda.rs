//! Run the API as a Lambda function.
//!
//! `upsign-lambda` answers REST APIs, HTTP APIs, function URLs and load balancers with one handler; `examples/lambda` is a
//! complete function. The function answers CORS itself, except behind an HTTP API, whose gateway does it. A panic in an
//! application hook fails only its own request, with status 500. A malformed request gets 400 `request-malformed`; only an
//! event that is not an HTTP request fails its invocation. For a load balancer, enable the target group's attribute
//! `lambda.multi_value_headers.enabled`: without it, only the last of several `Authorization` headers reaches the function.
//!
//! A function with other routes of its own creates the API with `FunctionSettings::api`, which keeps the credentials and
//! the lines of metrics, and runs with `UploadFunction::run_with`; the documentation of `upsign-lambda` has an example.
//!
//! In addition to the variables of [`configuration`](crate::manual::reference::configuration):
//!
//! | variable | meaning |
//! | --- | --- |
//! | `UPSIGN_CONFIG` | path of the configuration file, instead of `upsign.toml` in the deployment package |
//! | `UPSIGN_METRICS` | `emf` (default) writes one line per request in CloudWatch's embedded metric format: `Issued`, `Rejected` by `Reason`, `SignMicros`, `CredentialsSeconds`, and `JwksRefreshFailures` and `CredentialsRefreshFailures` when one occurs; `off` writes none. The generated stacks have an alarm on both |
//! | `UPSIGN_ASSUME_ROLE`, `UPSIGN_EXTERNAL_ID` | with the feature `chain`: sign with the credentials of this role |
//! | `UPSIGN_CREDENTIALS` | with the feature `chain`: `chain` uses AWS's whole credential provider chain |
//!
//! The execution role's credentials in the environment do not state when they expire. A function therefore refuses to
//! start until `credentials.unknown_expiry` is set. With `assume`, grants carry `"expiresAtIs": "upper-bound"`.
//!
//! These credentials never change within a process. When their assumed lifetime has passed, the function answers the event at
//! hand with 503 and its process ends, so that the platform starts a new one with new credentials. The last invocation of a
//! process counts as an error in the metrics of Lambda (`Runtime.ExitError`), although its caller has received the answer.
//! `CredentialsSeconds` shows how long the credentials of a process still last. A role that the function assumes
//! (`UPSIGN_ASSUME_ROLE`) has none of these limits: its credentials state their expiry and are renewed within the process.
