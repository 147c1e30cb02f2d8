//! The client of upsign for browsers, embedded in a Rust program.
//!
//! A service offers the ES modules to its pages, which then need no bundler and no package registry:
//!
//! ```
//! use upsign_browser::{CONTENT_TYPE, module, path};
//!
//! assert_eq!(path("upsign.js"), format!("/upsign/{}/upsign.js", upsign_browser::VERSION));
//! assert!(module("upsign.js").is_some_and(|text| text.contains("export const upload")));
//! assert_eq!(CONTENT_TYPE, "text/javascript; charset=utf-8");
//! ```
//!
//! `upsign dev` and `upsign serve` answer with these texts. The manual describes the client itself: `upsign::manual::howto::browser`.
//!
//! # Why the modules are not minified
//!
//! The modules are embedded as they are in the repository, and the npm package has the same files: what was reviewed is what runs, and
//! building this crate needs no Node.js. A page without a bundler loads about twice the bytes of a minified bundle, once per
//! version, because the answers can be cached forever. An application with a bundler minifies them with the rest of its code.
//!
//! # What it is not
//!
//! It serves nothing by itself, and is not the client for Rust programs: that is `upsign-client`.

mod released;

/// The version of the modules, and of their paths.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The path below which the modules are served, followed by their version and name.
pub const PREFIX: &str = "/upsign/";

/// The `Content-Type` of every module.
pub const CONTENT_TYPE: &str = "text/javascript; charset=utf-8";

/// The module that pages import. It imports the others, relative to its own address.
pub const ENTRY: &str = "upsign.js";

macro_rules! modules {
    ($($name:literal),* $(,)?) => {
        /// The names of all modules with their texts.
        ///
        /// They import each other by these names, so all must be served below one path.
        pub const MODULES: &[(&str, &str)] = &[$(($name, include_str!(concat!("../npm/", $name)))),*];
    };
}

modules![
    "after.js",
    "api.js",
    "checksum.js",
    "element.js",
    "ended.js",
    "errors.js",
    "hash.js",
    "here.js",
    "interrupted.js",
    "load.js",
    "multipart.js",
    "refused.js",
    "resume.js",
    "retry.js",
    "send.js",
    "several.js",
    "state.js",
    "upsign.js",
    "whole.js",
    "worker.js",
];

/// Returns the text of a module.
#[must_use]
pub fn module(name: &str) -> Option<&'static str> {
    text_of(MODULES, name)
}

/// Returns the text of a module of this version or of the release before it, whose pages can be open still.
///
/// ```
/// use upsign_browser::{VERSION, module, module_of};
///
/// assert_eq!(module_of(VERSION, "upsign.js"), module("upsign.js"));
/// assert_eq!(module_of("0.0.1", "upsign.js"), None);
/// ```
#[must_use]
pub fn module_of(version: &str, name: &str) -> Option<&'static str> {
    if version == VERSION { module(name) } else { released::module(version, name) }
}

fn text_of(modules: &[(&str, &'static str)], name: &str) -> Option<&'static str> {
    modules.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// Returns the path of a module of this version: its content never changes, so answers may be cached forever.
///
/// ```
/// assert!(upsign_browser::path("upsign.js").starts_with("/upsign/0."));
/// ```
#[must_use]
pub fn path(name: &str) -> String {
    format!("{PREFIX}{VERSION}/{name}")
}
