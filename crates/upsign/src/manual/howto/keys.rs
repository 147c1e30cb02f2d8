//! Keys of an issuer: networks without a way out, proxies, time limits, rotation, and emulators without TLS.
//!
//! `upsign serve` and the Lambda function fetch the issuer's keys at start, and again when they are an hour old or a token names a
//! key that is not known, at most once in 10 seconds. They use the keys they have for up to a day if the issuer does not answer.
//! Nothing else is fetched to verify a token or to sign a URL.
//!
//! # Keys in the configuration
//!
//! A network without a way to the issuer gets the key set with the configuration. `curl ISSUER/.well-known/jwks.json`, or the
//! `jwks_uri` of the discovery document, prints it:
//!
//! ```toml
//! [auth]
//! provider = "oidc"
//! issuer = "https://id.acme.example"
//! audiences = ["upload-api"]
//! token_use = "access"
//! algorithms = ["EdDSA"]
//! jwks = '{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "2026-01", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}'
//! ```
//!
//! `jwks_file` names a file in place of the text, relative to the folder of `upsign.toml`. The commands that `upsign documents` prints
//! pack it with the function if it is in that folder or below:
//!
//! ```toml
//! [auth]
//! user_pool = "ap-southeast-1_AbCdEf123"
//! client_ids = ["3n4b5urk1ft4fl3mg5e62d9ado"]
//! token_use = "access"
//! jwks_file = "jwks.json"
//! ```
//!
//! Both are read once, at start: deploy them again before the issuer signs with a new key. Keep the old key in the set until the
//! last token that it signed has expired. Public keys are not secret, but a party that can change them can issue tokens.
//!
//! # Proxies
//!
//! Requests for keys, and those to AWS for credentials, go through the proxy of `HTTPS_PROXY` (or `ALL_PROXY`), except for the hosts in
//! `NO_PROXY`; each can be written in lower case. The proxy only sees the name of the issuer: the connection through it is
//! encrypted (CONNECT). What has no TLS, and what is on this machine, never goes through a proxy.
//!
//! ```sh
//! HTTPS_PROXY=http://proxy.acme.example:3128 NO_PROXY=.acme.example upsign serve
//! ```
//!
//! A proxy that replaces certificates, and an issuer with a certificate of a private authority, need that authority:
//! `SSL_CERT_FILE` names a file of certificates in PEM that are trusted in place of the system's.
//!
//! # Time limits
//!
//! A request for keys may take 3 seconds, a third of that until it is connected. With discovery there are two requests. For an
//! issuer far away or behind a slow proxy:
//!
//! ```toml
//! [auth]
//! provider = "oidc"
//! issuer = "https://id.acme.example"
//! audiences = ["upload-api"]
//! token_use = "access"
//! fetch_timeout = "10s"
//! ```
//!
//! A caller whose token needs keys that cannot be fetched gets 503 `keys-unavailable`, and the log has `jwks refresh failed` with the
//! reason.
//!
//! # Rotation
//!
//! An issuer that publishes a new key before it signs with it needs nothing: the first token with the new key lets the keys be
//! fetched. A key that is removed is accepted until the next fetch, so for an hour at most, or as long as `Cache-Control` of the
//! key set says, from 5 minutes to a day. To end it at once, restart the server. `upsign jwks` prints the keys and their ids.
//!
//! # Emulators
//!
//! The issuer is a name that is only compared. Where the keys are is what matters: over `http`, a party that can change the answers can
//! issue tokens. Keys without TLS therefore need `danger_http_keys = true`, for this machine as for any other host. `upsign check`
//! and `upsign serve` print that http is allowed, and warn if the keys come from another machine. The option has no place in
//! production.
//!
//! LocalStack, with the program in the same compose network. The tokens name the address that LocalStack has from outside:
//!
//! ```toml
//! [auth]
//! issuer = "http://localhost.localstack.cloud:4566/us-east-1_AbCdEf123"
//! jwks_uri = "http://localstack:4566/us-east-1_AbCdEf123/.well-known/jwks.json"
//! danger_http_keys = true
//! client_ids = ["3n4b5urk1ft4fl3mg5e62d9ado"]
//! token_use = "access"
//! ```
//!
//! cognito-local in a compose network, where its host is `cognito`. `TokenConfig.IssuerDomain` of its configuration is the
//! beginning of the issuer:
//!
//! ```toml
//! [auth]
//! issuer = "http://localhost:9229/local_AbCdEf12"
//! jwks_uri = "http://cognito:9229/local_AbCdEf12/.well-known/jwks.json"
//! danger_http_keys = true
//! client_ids = ["3n4b5urk1ft4fl3mg5e62d9ado"]
//! token_use = "access"
//! ```
//!
//! Ministack has the issuer of AWS, so only the keys are elsewhere:
//!
//! ```toml
//! [auth]
//! issuer = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_AbCdEf123"
//! jwks_uri = "http://host.docker.internal:4566/us-east-1_AbCdEf123/.well-known/jwks.json"
//! danger_http_keys = true
//! client_ids = ["3n4b5urk1ft4fl3mg5e62d9ado"]
//! token_use = "access"
//! ```
//!
//! A Keycloak for development, `start-dev`, from a container: the issuer is the address that browsers use, and discovery would name
//! it for the keys too, so `jwks_uri` is given:
//!
//! ```toml
//! [auth]
//! provider = "oidc"
//! issuer = "http://localhost:8080/realms/main"
//! jwks_uri = "http://keycloak:8080/realms/main/protocol/openid-connect/certs"
//! danger_http_keys = true
//! audiences = ["upload-api"]
//! token_use = "access"
//! ```
//!
//! `cargo xtask test --only issuers` signs callers in at cognito-local, Ministack and an issuer in the shape of Keycloak, and fetches keys
//! in each of the ways above.
