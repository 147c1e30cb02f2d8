//! The metrics of `upsign serve` and of the Lambda function.
//!
//! Metrics: `upsign_issued_total{route}`, `upsign_refused_total{code,route}`, `upsign_signing_seconds`,
//! `upsign_http_requests_total{status}`, `upsign_http_request_seconds`, `upsign_http_requests_gone_total` (the client
//! disconnected before the answer), `upsign_http_requests_in_flight`, `upsign_connections_open`,
//! `upsign_connections_turned_away_total` (rejected at the limit), `upsign_credentials_remaining_seconds` (-1 if the
//! credentials have no known expiry, 0 without credentials), `upsign_credentials_refresh_failures_total`,
//! `upsign_jwks_age_seconds` (-1 before the first fetch), `upsign_jwks_refresh_failures_total`,
//! `upsign_log_lines_lost_total`. No label contains text from a request.
//!
//! A key endpoint or a provider of credentials that fails is not noticed by callers until the keys are 24 hours old or the
//! credentials end; then all of them are refused. Each failed attempt is logged at WARN, `refresh failed` with all causes and
//! the time until the next attempt. Set an alarm on both counters of failures, or on `upsign_jwks_age_seconds > 7200`.
