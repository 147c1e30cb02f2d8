//! Running upsign: as a server, inside your own service, or as a Lambda function.
//!
//! # `upsign serve`
//!
//! At start the server prints what it will do (bucket, an example key, content types, sizes, who may call) and listens on
//! 127.0.0.1:8080 by default. Every flag has an environment variable, listed by `upsign serve --help`. `--print-config`
//! prints the effective configuration and the origin of each value, `--print-openapi` the OpenAPI description.
//!
//! | topic | behavior |
//! | --- | --- |
//! | limits | The server works on at most `--max-requests` (512) requests at a time and keeps at most `--max-connections` (10,000) connections open; further ones get 503 with `Retry-After`. With TLS, further connections are closed without an answer. A body must arrive within `--request-time` (10 s; otherwise 408), and the answer must be ready within the same time after that (otherwise 503). A request head must arrive within `--head-time` (10 s; otherwise the connection is closed) have at most 16 KiB (otherwise 431), name its host once and end its lines with CRLF (otherwise 400). A body has at most 16 KiB (otherwise 413). A connection is closed after 5 minutes, once the answer in progress is sent. |
//! | shutdown | On SIGTERM `/readyz` answers 503. For `--linger` (250 ms) the server still accepts connections, and every response closes its connection. Then it accepts what the kernel has accepted by then, and closes the socket. Requests that have arrived, or begin to arrive within a second, get up to 20 s to finish; idle connections close after that second. No request that is answered within that time is lost, not even with `--linger 0s` (on Linux; elsewhere a connection that is opened within microseconds of the end may be). A second signal stops the server immediately. |
//! | TLS | `--tls-cert` and `--tls-key`: TLS 1.2 and 1.3 with rustls, HTTP/1.1. Both files are read again on SIGHUP and within seconds of a change; new connections get the new certificate. Use a proxy for HTTP/2. |
//! | client addresses | The client's address is that of the peer. If the peer is in `--trusted-proxies`, `X-Forwarded-For` is read from its end, up to the first address that is not trusted, and the proxy's `X-Request-Id` is kept. All other requests get a new id. The response and the log lines contain it. |
//! | health | `GET /healthz`. With `--admin-listen` also `GET /readyz` (not shutting down, credentials that can sign a grant, keys of the issuer that are less than a day old) and `GET /metrics` for Prometheus. Neither waits for a provider of credentials or for the key endpoint; a poll of `/readyz` starts in the background what is due. |
//! | logs | Standard error, filtered by `RUST_LOG` (default `warn`, which includes a line `request refused` for each refusal; those of unknown paths and methods are at `info`). At most 10 refusals per minute and reason are logged, with a line that says how many were not. Lines wait in a buffer of 10,000; a stalled, full or closed standard error costs lines, which `upsign_log_lines_lost_total` counts, and nothing else. ANSI codes are written only to a terminal (or with `CLICOLOR_FORCE`). `--log-format json` writes one object per line. No secret, token or signature is logged at any level. |
//! | tokens | Verified on every request. `--token-cache COUNT` caches up to COUNT verified tokens for at most 5 minutes. |
//! | credentials | From the environment. `--assume-role ARN` or `--credentials chain` (in a build with `--features chain`) provide credentials that state when they expire. They are renewed in the background, and used until less than `credentials.minimum` and a margin of 30 s remain. |
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
//!
//! `examples/axum` contains a systemd unit and a Dockerfile.
//!
//! # Inside your own service
//!
//! `upsign-axum` offers the same parts separately: `router` (or `router_with_limits`, with `Limits`) for the endpoint,
//! `observe` for request ids, spans and `ClientAddress`, `Server` for connection limits and graceful shutdown, `Metrics`,
//! and `Caller`, an extractor of the verified caller for any handler. The server, TLS, metrics and the verification of tokens
//! are features, none of them by default, so that an application with its own server and sessions does not compile them.
//!
//! The address of a client comes from axum's `ConnectInfo`: serve the application with `Server`, or with `axum::serve` and
//! `into_make_service_with_connect_info::<SocketAddr>()`.
//!
//! [`howto`](super::howto) has recipes: own sessions, own handlers, an outer `CorsLayer`, pending rows, ids from the path.
//!
//! # On Lambda
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
//! In addition to the variables of [`configuration`](super::configuration):
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
