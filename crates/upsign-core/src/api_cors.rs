//! The CORS headers of the upload API that do not depend on its configuration.
//!
//! The API sends them itself, and a gateway in front of it that answers preflights repeats them. Both read them here, so that
//! a gateway allows what the API allows. The allowed origins are a [`CorsOrigins`](crate::CorsOrigins).
//!
//! Source: <https://fetch.spec.whatwg.org/#http-cors-protocol>.

/// The value of `Access-Control-Allow-Methods`.
pub const ALLOW_METHODS: &str = "POST";

/// The value of `Access-Control-Allow-Headers`: the token of the caller, and the type of the body.
pub const ALLOW_HEADERS: &str = "authorization, content-type";

/// The value of `Access-Control-Expose-Headers`: what a page needs to retry, or to learn why its token was rejected.
pub const EXPOSE_HEADERS: &str = "retry-after, www-authenticate";

/// The value of `Access-Control-Max-Age`, in seconds: how long a browser keeps the answer to a preflight.
pub const MAX_AGE: u32 = 600;
