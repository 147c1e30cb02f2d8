//! Request bodies in a host application that enables every feature of `serde_json`: the integration tests of `upsign-http`
//! that send bodies, and its corpus of bodies through the whole API.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic in a test reports the failure")]

mod bodies;
#[path = "../../../../../upsign-http/tests/it/fixture.rs"]
mod fixture;
#[path = "../../../../../upsign-http/tests/it/grants.rs"]
mod grants;
#[path = "../../../../../upsign-http/tests/it/refusals.rs"]
mod refusals;
#[path = "../../../../../upsign-http/tests/it/routes.rs"]
mod routes;
