//! Which variables are read, and how they override `upsign.toml`.
//!
//! A variable wins over the file; a flag wins over a variable. `upsign serve --print-config` prints every value with its origin.
//!
//! # Variables of keys
//!
//! Each key of [`configuration`](super::configuration) has a variable: `UPSIGN_` and the name of the key, as in `UPSIGN_MAX_SIZE`
//! for `upload.max_size`. Commas separate the items of a list:
//!
//! ```sh
//! UPSIGN_TYPES=image/jpeg,image/png UPSIGN_MAX_SIZE="20 MiB" upsign check
//! ```
//!
//! A key of a route has the variable `UPSIGN_ROUTE_<NAME>_<KEY>`, as in `UPSIGN_ROUTE_AVATARS_MAX_SIZE`; `-` becomes `_`. Two routes
//! whose names make such a variable ambiguous are refused: `UPSIGN_ROUTE_A_KEY_GROUPS` could be `key_groups` of the route `a` or
//! `groups` of the route `a-key`.
//!
//! With several `[[auth]]`, the variables of keys that each issuer has, such as `UPSIGN_ISSUER`, are errors: they do not say which
//! issuer they are about.
//!
//! A variable that begins with `UPSIGN_` and has a value, but is neither in these lists nor of a route, is an error with the nearest
//! name, because a misspelled variable would leave a setting unchanged. The variables that Kubernetes sets for a service named
//! `upsign` (`UPSIGN_SERVICE_HOST`, `UPSIGN_PORT` and so on) are ignored.
//!
//! # Variables of AWS
//!
//! | variable | effect |
//! | --- | --- |
//! | `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` | the credentials that sign |
//! | `AWS_CREDENTIAL_EXPIRATION` | when they expire, as `aws configure export-credentials --format env` prints it. Without it, temporary credentials need `credentials.unknown_expiry` |
//! | `AWS_REGION`, `AWS_DEFAULT_REGION` | the region, if the file does not set `bucket.region` |
//! | `AWS_ENDPOINT_URL_S3` | the endpoint, if the file does not set `bucket.endpoint` |
//! | `AWS_PROFILE`, `AWS_WEB_IDENTITY_TOKEN_FILE`, `AWS_CONTAINER_CREDENTIALS_FULL_URI`, … | read by `--credentials chain`, in a build with `--features chain` |
//! | `ARTICLE_IMAGES_BUCKET` | overrides `bucket.name`; the variable of the original design. `UPSIGN_BUCKET` wins over it |
//!
//! # Variables of the network
//!
//! They apply to what upsign fetches: the keys of issuers, and credentials with `--credentials chain`. See
//! [`keys`](crate::manual::howto::keys#proxies).
//!
//! | variable | effect |
//! | --- | --- |
//! | `HTTPS_PROXY`, `ALL_PROXY`, also in lower case | the proxy for `https`; nothing else goes through it |
//! | `NO_PROXY`, also in lower case | hosts and domains that are connected directly |
//! | `SSL_CERT_FILE`, `SSL_CERT_DIR` | the certificates of authorities that are trusted, in place of those of the system |
//!
//! # Variables of `upsign serve`
//!
//! | variable | flag |
//! | --- | --- |
//! | `UPSIGN_CONFIG` | `--config`, of every command that reads the file |
//! | `UPSIGN_LISTEN`, `UPSIGN_ADMIN_LISTEN`, `UPSIGN_TRUSTED_PROXIES` | `--listen`, `--admin-listen`, `--trusted-proxies` |
//! | `UPSIGN_TLS_CERT`, `UPSIGN_TLS_KEY` | `--tls-cert`, `--tls-key` |
//! | `UPSIGN_MAX_REQUESTS`, `UPSIGN_MAX_CONNECTIONS`, `UPSIGN_REQUEST_TIME`, `UPSIGN_HEAD_TIME`, `UPSIGN_LINGER` | the limits of the same names |
//! | `UPSIGN_TOKEN_CACHE` | `--token-cache` |
//! | `UPSIGN_CREDENTIALS`, `UPSIGN_ASSUME_ROLE`, `UPSIGN_EXTERNAL_ID` | `--credentials`, `--assume-role`, `--external-id` |
//! | `UPSIGN_LOG_FORMAT` | `--log-format` |
//! | `RUST_LOG` | the levels of the log, as in `warn,upsign=info`; default `warn` |
//! | `NO_COLOR`, `CLICOLOR_FORCE` | no ANSI codes; ANSI codes although the output is not a terminal |
//!
//! # Variables of `upsign upload`
//!
//! | variable | meaning |
//! | --- | --- |
//! | `UPSIGN_API` | `--api`, the address of the API |
//! | `UPSIGN_TOKEN` | `--token`, the token of the caller; unlike an argument, other users of the machine cannot see it |
//! | `UPSIGN_PASSWORD` | the password of `--user` |
//! | `XDG_STATE_HOME` | the folder of states, in place of `~/.local/state`: those of interrupted uploads are in `upsign/uploads` below it |
//! | `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY` | with `--proxy`, as above |
//!
//! # Variables of the Lambda function
//!
//! | variable | meaning |
//! | --- | --- |
//! | `UPSIGN_CONFIG` | path of the configuration file, instead of `upsign.toml` in the deployment package |
//! | `UPSIGN_METRICS` | `emf` (default) writes one line of metrics per request, `off` none: see [`metrics`](super::metrics) |
//! | `UPSIGN_ASSUME_ROLE`, `UPSIGN_EXTERNAL_ID` | with the feature `chain`: sign with the credentials of this role |
//! | `UPSIGN_CREDENTIALS` | with the feature `chain`: `chain` uses AWS's whole credential provider chain |
