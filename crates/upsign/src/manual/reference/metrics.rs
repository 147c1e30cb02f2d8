//! The metrics of `upsign serve` and of the Lambda function, and what to set alarms on.
//!
//! No label and no dimension contains text from a request: codes and routes come from fixed sets.
//!
//! # `upsign serve`
//!
//! `GET /metrics` at the address of `--admin-listen`, in the text format of OpenMetrics, which Prometheus reads.
//!
//! | metric | type | meaning |
//! | --- | --- | --- |
//! | `upsign_issued_total{route}` | counter | grants |
//! | `upsign_refused_total{code,route}` | counter | refusals |
//! | `upsign_signing_seconds` | histogram | time to sign one grant |
//! | `upsign_session_calls_total{call,route,outcome}` | counter | answered calls that continue an upload. `call` and `outcome`: `parts` is `signed`; `status` is `open`, `completed` or `gone`; `complete` is `completed`, or `repeated` if the upload was complete before; `abort` is `aborted` |
//! | `upsign_parts_signed_total{route}` | counter | parts for which a URL was signed |
//! | `upsign_completed_bytes_total{route}` | counter | sizes of the objects whose multipart upload was completed |
//! | `upsign_confirmations_total{route,state,reason}` | counter | answered confirmations; a repeated request counts again. `reason` is empty for `confirmed` and `missing` |
//! | `upsign_limits_skipped_total{step}` | counter | steps of a quota or rate limit that were left out because its store failed and `fail = "open"` |
//! | `upsign_quota_decisions_total{route,decision}` | counter | decisions of the quota about uploads. `decision`: `granted`, `denied` (429), `unavailable` (its store failed and `fail = "closed"`: 503) or `skipped` (its store failed and `fail = "open"`: not counted) |
//! | `upsign_inspection_seconds{route,result}` | histogram | time to inspect an uploaded object, with reading it. `result`: `accepted`, `rejected`, `later` (the inspector wants to be called again), `changed` (replaced meanwhile) or `unavailable` (the inspector failed) |
//! | `upsign_announcements_total{route,kind,result}` | counter | announcements of uploads that are `confirmed`, `rejected` or `expired`. `result`: `accepted` by the outbox, or `failed`, and the client repeats its request |
//! | `upsign_webhook_attempts_total{result}` | counter | with `outbox = "process"`, or `deliver = true`: attempts to deliver webhooks. `result`: `delivered`, `retried` (failed, and another attempt follows) or `lost` |
//! | `upsign_webhooks_waiting` | gauge | with `outbox = "process"`: webhooks that are not delivered yet; at 1,000 further ones are refused |
//! | `upsign_events_total{outcome}` | counter | with `[events]`: events of the bucket. `outcome`: `confirmed`, `mismatch`, `missing` or `rejected`; `observed` (nothing proves that it was granted), `expired`, `ignored` (not about an upload), `repeated`; `pending`, `failed` and `unreadable` are delivered again |
//! | `upsign_queue_failures_total{queue}` | counter | failed calls to receive messages. `queue`: `events`, or `webhooks` with `deliver = true` |
//! | `upsign_store_seconds{operation}` | histogram | time of calls to the store, such as `CompleteMultipartUpload`, with all attempts |
//! | `upsign_store_failures_total{operation,code}` | counter | failed calls to the store. `code` is the store's, such as `SlowDown`, or `timeout`, `connection`, `presign`, `answer` or `other`. `ListParts` with `NoSuchUpload` is usual: a client asks for an upload that has ended |
//! | `upsign_http_requests_total{status}` | counter | answered requests |
//! | `upsign_http_request_seconds` | histogram | time from the head of a request to its answer |
//! | `upsign_http_requests_gone_total` | counter | clients that disconnected before the answer |
//! | `upsign_http_requests_in_flight` | gauge | requests in progress |
//! | `upsign_connections_open` | gauge | open connections |
//! | `upsign_connections_turned_away_total` | counter | connections rejected at `--max-connections` |
//! | `upsign_credentials_remaining_seconds` | gauge | until the signing credentials expire: -1 without a known expiry, 0 without credentials |
//! | `upsign_credentials_refresh_failures_total` | counter | failed attempts to renew the credentials |
//! | `upsign_jwks_age_seconds` | gauge | age of the issuer's keys: -1 before the first fetch. With several issuers, the label `issuer` has the name of each |
//! | `upsign_jwks_refresh_failures_total` | counter | failed attempts to fetch the keys, with the same label |
//! | `upsign_log_lines_lost_total` | counter | log lines that could not be written |
//!
//! # Lambda
//!
//! One line per request, and one per call to the store, in CloudWatch's embedded metric format, on standard output, in the
//! namespace `upsign`.
//!
//! | metric | meaning |
//! | --- | --- |
//! | `Issued`, `SignMicros` | a grant, and the microseconds that signing took |
//! | `Rejected`, by `Reason` | a refusal, and its code |
//! | `PartsSigned` | the parts for which a request got URLs |
//! | `Completed`, `CompletedBytes` | a multipart upload that was completed, and the size of its object. Not written for a repeated request |
//! | `Aborted` | a multipart upload that was aborted |
//! | `UploadConfirmed`, `UploadRejected`, `UploadMismatch`, the last two by `ConfirmReason` | what a confirmation found. An object that was confirmed before is not counted again |
//! | `UploadDeleted` | a deleted upload |
//! | `QuotaGranted`, `QuotaDenied`, `QuotaUnavailable` | a decision of the quota about an upload; the last if its store failed and `fail = "closed"` |
//! | `LimitsSkipped`, by `Step` | a step of a quota or rate limit that was left out because its store failed and `fail = "open"` |
//! | `InspectMillis`, by `Inspection` | the milliseconds that inspecting an object took, and the result: `accepted`, `rejected`, `later`, `changed` or `unavailable` |
//! | `Announced`, `AnnounceFailures`, by `Announcement` | an announcement that the outbox accepted or not, and its kind: `confirmed`, `rejected` or `expired` |
//! | `WebhooksDelivered`, `WebhooksRetried`, `WebhooksLost` | by the function that delivers the webhooks of a queue: those of one event that the receiver has, that the queue delivers again, and that left the queue without delivery |
//! | `StoreMillis`, by `Operation` | the milliseconds that a call to the store took, with all attempts |
//! | `CredentialsSeconds` | for how long the credentials are still valid |
//! | `JwksRefreshFailures`, `CredentialsRefreshFailures` | a failed attempt to fetch the keys or to renew the credentials; written only when one occurs. With several issuers, the first has the dimension `Issuer` in addition. The generated stacks have an alarm on the second, and on the first if the function verifies tokens |
//!
//! # Alarms
//!
//! Callers do not notice a key endpoint or a provider of credentials that fails until the keys are 24 hours old or the credentials
//! end. Then all of them are refused. Each failed attempt is logged at WARN, as `jwks refresh failed` or `credentials refresh
//! failed`, with the causes and the time until the next attempt.
//!
//! | alarm | means |
//! | --- | --- |
//! | either counter of refresh failures increases for ten minutes, or `upsign_jwks_age_seconds > 7200` | the service stops within a day |
//! | `upsign_credentials_remaining_seconds` below 600 and not -1 | the credentials are not renewed |
//! | `upsign_refused_total` with a code of status 5xx | the service is misconfigured or overloaded: [`errors`](super::errors) |
//! | `upsign_refused_total{code="unauthorized"}` rises | a client uses expired tokens, or someone guesses tokens |
//! | `upsign_confirmations_total{state="rejected"}` rises | someone tries to upload what the route does not accept |
//! | `upsign_limits_skipped_total` increases | the store of the quota does not answer, and uploads are not counted |
//! | `upsign_quota_decisions_total{decision="unavailable"}` increases | the store of the quota does not answer, and uploads are refused |
//! | `upsign_inspection_seconds_count{result="unavailable"}` increases | the inspector fails, and nothing that it has to look at is confirmed |
//! | `upsign_webhook_attempts_total{result="lost"}` increases, or `upsign_webhooks_waiting` stays above 100 | the receiver of the webhooks does not answer |
//! | `upsign_connections_turned_away_total` increases | more load than the limits permit |
//! | `upsign_store_failures_total{code="AccessDenied"}` increases | the role lacks a permission of multipart uploads: compare it with `upsign documents iam` |
//! | `upsign_refused_total{code="upload-token-invalid"}` rises | `[token]` keys were removed before their uploads ended, or someone tries tokens of others |
