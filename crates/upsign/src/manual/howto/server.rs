//! Run the API as a server: `upsign serve`.
//!
//! ```sh
//! upsign check         # what the configuration grants, and what looks wrong
//! upsign serve         # http://127.0.0.1:8080
//! ```
//!
//! At start the server prints what it will do (bucket, an example key, content types, sizes, who may call). Every flag has a variable,
//! listed by `upsign serve --help`. `--print-config` prints the effective configuration and the origin of each value,
//! `--print-openapi` the OpenAPI description for client generators.
//!
//! # In production
//!
//! ```sh
//! upsign serve --listen 0.0.0.0:8080 --admin-listen 127.0.0.1:9090 --trusted-proxies 10.0.0.0/8 --log-format json
//! ```
//!
//! | task | do |
//! | --- | --- |
//! | give it credentials | a build with `--features chain` and `--credentials chain` uses the instance's, the container's or a profile's role and renews it; `--assume-role ARN` signs with another role. Without that feature: `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` |
//! | grant the role only what is needed | `upsign documents iam` prints its policy |
//! | let pages upload | `upsign documents cors` prints the bucket's CORS rules |
//! | run it in a container, or under systemd | `examples/axum/Dockerfile`, `examples/axum/upsign.service` |
//! | know whether it is healthy | `GET /healthz` for liveness; `GET /readyz` at the admin address for the load balancer |
//! | watch it | `GET /metrics` at the admin address: [`reference::metrics`](crate::manual::reference::metrics) |
//! | notice drift | `upsign check --against` in CI, with the documents that are deployed |
//!
//! # Behavior
//!
//! | topic | behavior |
//! | --- | --- |
//! | limits | At most `--max-requests` (512) requests at a time and `--max-connections` (10,000) open connections; further ones get 503 with `Retry-After`. With TLS, further connections are closed without an answer. |
//! | slow clients | A body must arrive within `--request-time` (10 s; otherwise 408), and the answer must be ready within the same time after that (otherwise 503). A request head must arrive within `--head-time` (10 s; otherwise the connection is closed). |
//! | malformed requests | A head has at most 16 KiB (otherwise 431), names its host once and ends its lines with CRLF (otherwise 400). A body has at most 16 KiB (otherwise 413). |
//! | connections | A connection is closed after 5 minutes, once the answer in progress is sent. |
//! | shutdown | On SIGTERM `/readyz` answers 503. For `--linger` (250 ms) the server still accepts connections, and every response closes its connection. Then it accepts what the kernel has accepted by then, and closes the socket. Requests that have arrived, or begin to arrive within a second, get up to 20 s to finish; idle connections close after that second. No request that is answered within that time is lost, not even with `--linger 0s` (on Linux; elsewhere a connection that is opened within microseconds of the end may be). A second signal stops the server immediately. |
//! | TLS | `--tls-cert` and `--tls-key`: TLS 1.2 and 1.3 with rustls, HTTP/1.1. Both files are read again on SIGHUP and within seconds of a change; new connections get the new certificate. Use a proxy for HTTP/2. |
//! | client addresses | The client's address is that of the peer. If the peer is in `--trusted-proxies`, `X-Forwarded-For` is read from its end, up to the first address that is not trusted, and the proxy's `X-Request-Id` is kept. All other requests get a new id. The response and the log lines contain it. |
//! | readiness | `/readyz` answers 200 if the server is not shutting down, has credentials that can sign a grant, and has keys of the issuer that are less than a day old. Neither it nor `/metrics` waits for a provider of credentials or for the key endpoint; a poll of `/readyz` starts in the background what is due. |
//! | logs | Standard error, filtered by `RUST_LOG` (default `warn`, which includes a line `request refused` for each refusal; those of unknown paths and methods are at `info`). At most 10 refusals per minute and reason are logged, with a line that says how many were not. Lines wait in a buffer of 10,000; a stalled, full or closed standard error costs lines, which `upsign_log_lines_lost_total` counts, and nothing else. `--log-format json` writes one object per line. No secret, token or signature is logged at any level. |
//! | tokens | Verified on every request. `--token-cache COUNT` caches up to COUNT verified tokens for at most 5 minutes. |
//! | credentials | Those of `--credentials chain` and `--assume-role` state when they expire. They are renewed in the background, and used until less than `credentials.minimum` and a margin of 30 s remain. |
//!
//! # When it answers 401 or 503
//!
//! A 401 never says what was wrong with the token. The log does: `request refused code=unauthorized reason=…`. `upsign verify` checks a
//! token with the same configuration and explains the result.
//!
//! 503 `keys-unavailable` means that the issuer's keys could not be fetched: the log line `refresh failed` has the endpoint and the
//! causes. 503 `signing-unavailable` and `credentials-too-short` are about the server's own credentials.
//! [`reference::errors`](crate::manual::reference::errors) lists every code.
