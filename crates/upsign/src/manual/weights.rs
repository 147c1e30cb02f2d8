//! What each crate costs to compile.
//!
//! A library that signs URLs should not slow down the build of the service that uses it. `cargo xtask weights` builds, for
//! each row of this table, a program with that one dependency: cold, in the development profile, with the versions of the
//! workspace's lock file. CPU seconds are those of the compilers and of build scripts on all cores; they depend on the
//! machine, and their ratios hardly do.
//!
//! | crate | features | crates compiled | CPU seconds | pulls in |
//! | --- | --- | ---: | ---: | --- |
//! | `upsign` | – | | | |
//!
//! `upsign-core`, `upsign-policy`, `upsign-sigv4`, `upsign` and `upsign-documents` contain no C code, open no sockets and
//! start no threads (`testing/layers::light_crates_stay_light`), and nothing that they depend on keeps them from
//! `wasm32-unknown-unknown` (`testing/wasm::portable_crates_need_nothing_native`). The C code of aws-lc comes with the
//! verification of tokens (the feature `cognito`) and with TLS.
