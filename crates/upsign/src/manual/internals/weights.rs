//! What each crate costs to compile.
//!
//! A library that signs URLs should not slow down the build of the service that uses it. `cargo xtask weights` builds, for
//! each row of this table, a program with that one dependency: cold, in the development profile, with the versions of the
//! workspace's lock file. CPU seconds are those of the compilers and of build scripts on all cores; they depend on the
//! machine, and their ratios hardly do.
//!
//! | crate | features | crates compiled | CPU seconds | pulls in |
//! | --- | --- | ---: | ---: | --- |
//! | `upsign-core` | – | 11 | 9 | – |
//! | `upsign-sigv4` | – | 23 | 13 | – |
//! | `upsign-policy` | – | 17 | 12 | – |
//! | `upsign` | – | 31 | 19 | – |
//! | `upsign` | `renewing` | 37 | 20 | tokio |
//! | `upsign-documents` | – | 25 | 21 | serde_json |
//! | `upsign-documents` | `hcl`, `xml` | 37 | 28 | serde_json |
//! | `upsign-cognito` | – | 41 | 47 | C code (aws-lc), serde_json |
//! | `upsign-cognito` | `fetch` | 92 | 81 | C code (aws-lc), TLS (rustls), serde_json, tokio, hyper, an HTTP client (reqwest) |
//! | `upsign-http` | – | 46 | 33 | serde_json |
//! | `upsign-http` | `cognito` | 65 | 62 | C code (aws-lc), serde_json |
//! | `upsign-axum` | – | 73 | 38 | serde_json, tokio, hyper, axum |
//! | `upsign-axum` | `server` | 73 | 45 | serde_json, tokio, hyper, axum |
//! | `upsign-axum` | `cognito` | 88 | 76 | C code (aws-lc), serde_json, tokio, hyper, axum |
//! | `upsign-axum` | `fetch`, `metrics`, `tls` | 123 | 96 | C code (aws-lc), TLS (rustls), serde_json, tokio, hyper, axum, an HTTP client (reqwest) |
//! | `upsign-config` | – | 68 | 68 | C code (aws-lc), serde_json |
//! | `upsign-lambda` | – | 110 | 85 | C code (aws-lc), serde_json, tokio, hyper, the Lambda runtime |
//! | `upsign-lambda` | `verify` | 134 | 98 | C code (aws-lc), TLS (rustls), serde_json, tokio, hyper, an HTTP client (reqwest), the Lambda runtime |
//! | `upsign-lambda` | `chain` | 185 | 147 | C code (aws-lc), TLS (rustls), serde_json, tokio, hyper, the Lambda runtime, the AWS SDK's provider chain |
//! | `upsign-aws` | `sigv4` | 59 | 28 | tokio |
//! | `upsign-aws` | `chain` | 141 | 112 | C code (aws-lc), TLS (rustls), tokio, hyper, the AWS SDK's provider chain |
//! | `upsign-aws` | `sdk` | 100 | 72 | tokio |
//!
//! The table was printed before `upsign-cognito` depended on tokio and `upsign-policy` on strsim. Their rows, and those of the
//! crates above them, compile up to a few crates more today.
//!
//! `upsign-core`, `upsign-policy`, `upsign-sigv4`, `upsign` and `upsign-documents` contain no C code, open no sockets and
//! start no threads (`testing/layers::light_crates_stay_light`), and nothing that they depend on keeps them from
//! `wasm32-unknown-unknown` (`testing/wasm::portable_crates_need_nothing_native`). The C code of aws-lc comes with the
//! verification of tokens (the feature `cognito`) and with TLS.
