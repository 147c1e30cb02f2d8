//! What each crate costs to compile.
//!
//! A library that signs URLs should not slow down the build of the service that uses it. `cargo xtask weights` compiles each
//! crate alone, into an empty target directory, and prints this table: the crates that are compiled, the CPU time of the
//! compiler on all cores in seconds (a debug build), and the heaviest dependencies.
//!
//! | crate | crates compiled | CPU seconds | what it pulls in |
//! | --- | --: | --: | --- |
//! | `upsign` | | | |
//!
//! CPU seconds depend on the machine; their ratios hardly do.
//!
//! `upsign-core`, `upsign-policy`, `upsign-sigv4`, `upsign` and `upsign-documents` contain no C code, open no sockets and
//! start no threads. A test over the dependency graph keeps it so (`testing/layers::light_crates_stay_light`).
