//! Embed the API in an axum service with your own sessions, under a prefix.
//!
//! # Your own sessions in axum
//!
//! If a middleware of your application authenticates its users, it usually leaves a value in the request's extensions.
//! `Authentication::from_extension` turns that value into an [`Identity`](crate::Identity):
//!
//! ```text
//! let authentication =
//!     Authentication::from_extension(|user: &User| Identity::from_verified("https://app.example.com", &user.id));
//! ```
//!
//! No token is involved, and the 401 of such an application does not ask for one
//! (`axum/embedding::user_of_a_middleware_is_the_caller`). Without the feature `cognito`, which is off by default, the
//! application compiles no code for tokens. `examples/axum-session` is a complete program: cookie sessions, the API
//! nested under `/api/v1`, the application's own fallback, and the first two recipes of this page.
//!
//! # An outer `CorsLayer` in axum
//!
//! `upsign-axum` answers preflights and adds CORS headers itself. An application whose other routes need CORS too may
//! prefer one `tower_http::cors::CorsLayer` around everything. Then give the API no origins of its own
//! (`CorsOrigins::listed([])`). Otherwise there are two lists of origins to keep equal: an origin that only the API lists can
//! read the answers too, with the layer's permission for credentials. If the lists are equal, only the header `Vary` is doubled
//! (`axum/cors::lists_of_origins_in_both_places_must_be_equal`, with tower-http 0.7). With cookies, the layer must list its origins, methods and headers instead of `*`, and allow
//! credentials (`axum/cors::every_answer_has_one_set_of_cors_headers_with_credentials`). The documentation of `upsign-axum`
//! contains the layer.
