//! Running upsign: as a server, in a service of your own, as a Lambda function.
//!
//! # `upsign serve`
//!
//! It says what it will do (bucket, an example of a key, types, sizes, who may call), then listens on 127.0.0.1:8080 unless told
//! otherwise. Every flag has a variable, which `upsign serve --help` names; `--print-config` prints what is in effect and where
//! each value comes from, `--print-openapi` the API's description.
//!
//! | | |
//! | --- | --- |
//! | limits | `--max-requests` (512) worked on at once and `--max-connections` (10,000): one more is answered 503 with `Retry-After`; `--request-time` (10 s) for a body (408) and for the work (503); `--head-time` (10 s) for a request's head, of 16 KiB at most (431); bodies of 16 KiB at most (413) |
//! | its end | SIGTERM: `/readyz` turns 503; for `--linger` (250 ms) connections are still taken, and every answer closes its own; then idle ones are closed and open requests answered, 20 s at most. No request that it has taken is lost. A second signal ends it at once |
//! | TLS | `--tls-cert`, `--tls-key`: TLS 1.2 and 1.3 by rustls, HTTP/1.1. A proxy in front brings HTTP/2 |
//! | addresses | the peer's, unless it lies in `--trusted-proxies`: then `X-Forwarded-For` is read from its end as far as it is trusted, and `X-Request-Id` is kept. Otherwise each request gets an id of its own; its answer and its log lines carry it |
//! | health | `GET /healthz`; with `--admin-listen`, `GET /readyz` (not ending, and credentials that have not ended) and `GET /metrics` for Prometheus |
//! | logs | on standard error, as `RUST_LOG` says; `--log-format json` for one object a line. No secret, token or signature is written at any level |
//! | tokens | verified every time; `--token-cache N` keeps N verified ones, each for five minutes at most |
//! | credentials | the environment's; `--assume-role ARN` or `--credentials chain` (a build with `--features chain`) for those that say when they end |
//!
//! Metrics: `upsign_issued_total{route}`, `upsign_refused_total{code,route}`, `upsign_signing_seconds`,
//! `upsign_http_requests_total{status}`, `upsign_http_request_seconds`, `upsign_http_requests_in_flight`,
//! `upsign_connections_open`, `upsign_connections_turned_away_total`, `upsign_credentials_remaining_seconds` (-1 where nobody
//! says). No label holds a word of a caller's.
//!
//! A systemd unit and a Dockerfile are in `examples/axum`.
//!
//! # In a service of your own
//!
//! `upsign-axum` has the same in parts: `router` (or `limited_router`, with `Limits`), `observed` for ids, spans and
//! `ClientAddress`, `Server` for the limits on connections and the end, `Metrics`, and `Caller`, an extractor for any handler.
//!
//! # On Lambda
//!
//! `upsign-lambda` answers REST APIs, HTTP APIs, function URLs and load balancers with one handler; `examples/lambda` is the whole
//! function. The API's own CORS is answered for all but HTTP APIs, which do that themselves. A panic in a hook ends its own request
//! with 500.
//!
//! Beside the variables of [`configuration`](super::configuration):
//!
//! | variable | |
//! | --- | --- |
//! | `UPSIGN_CONFIG` | the file, in place of `upsign.toml` in the zip |
//! | `UPSIGN_METRICS` | `emf` (one line a request in CloudWatch's embedded format: `Issued`, `Rejected` by `Reason`, `SignMicros`, `CredentialsSeconds`) or `off` |
//! | `UPSIGN_ASSUME_ROLE`, `UPSIGN_EXTERNAL_ID` | with the feature `chain`: sign with that role's credentials |
//! | `UPSIGN_CREDENTIALS` | with the feature `chain`: `chain`, for AWS's whole provider chain |
//!
//! A role's credentials in the environment do not say when they end, so a function refuses to start until
//! `credentials.unknown_expiry` says what to do: `assume`, and a grant says `"expiresAtIs": "upper-bound"`. Those of a role that is
//! assumed say when they end, so a grant's end is its end. Past it nothing is signed: 503.
