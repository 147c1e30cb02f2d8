//! Write your own handler around the parts of `upsign-http`.
//!
//! # Your own handler
//!
//! `upsign-http` exports the parts that its own endpoint is made of, for handlers with another path, another body or further
//! members in the answer:
//!
//! | part | does |
//! | --- | --- |
//! | `UploadBody::read` | reads the request's JSON strictly, as the endpoint does |
//! | `GrantBody` | serializes an [`UploadGrant`](crate::UploadGrant) as the endpoint's answer |
//! | `Problem: From<&IssueError>` | turns an error into a problem document (RFC 9457) with the right status |
//! | `Api::issue_under` | counts the caller, issues under chosen ids, and logs and reports refusals, as the endpoint does |
//! | `Api::with_path`, `Api::with_max_body`, `Api::with_grant_members` | change the path, the size of bodies or the members of the answer, so that no handler is needed |
//!
//! Its documentation has a complete handler. In `upsign-axum`, `UploadDescription`, `GrantResponse` and `ProblemResponse` are
//! the same parts as an extractor and two responses (`axum/embedding::own_handler_answers_like_the_api`). The page of
//! `UploadDescription` lists what a handler does not do by itself.
//!
//! The endpoint and the handlers share one rate limit and one set of observers if they share the service: its clones are
//! cheap, and so are those of `Api` (`axum/embedding::router_and_own_handler_share_the_rate_limit_and_the_observers`).
//!
//! ```text
//! let service = UploadService::from(issuer).with_rate_limit(limit).with_observer(observer);
//! let api = Api::new(service.clone(), origins);
//! let app = Router::new()
//!     .route("/articles/{article}/images", post(add_image)) // uses state.service or state.api
//!     .with_state(AppState { service, api: api.clone(), authentication: authentication.clone() })
//!     .merge(router(api, authentication));
//! ```
//!
//! An application with error answers of its own maps the error. [`IssueError::status`](crate::IssueError::status),
//! [`retry_after`](crate::IssueError::retry_after) and [`code`](crate::IssueError::code) are all that an answer needs, with or
//! without `upsign-http`, whose `Problem` has the same three. The text of an error is for the log: send it only if
//! [`is_service_fault`](crate::IssueError::is_service_fault) is `false`.
//!
//! ```
//! use upsign::IssueError;
//!
//! /// Returns the status, the value of `Retry-After`, and the body in the application's own format.
//! fn answer(error: &IssueError) -> (u16, Option<u32>, String) {
//!     if error.is_service_fault() {
//!         eprintln!("no grant: {error}"); // or the log of the application
//!     }
//!     match error {
//!         // This application hides articles that belong to others.
//!         IssueError::Forbidden => (404, None, r#"{"error":"no-such-article"}"#.to_owned()),
//!         error => (error.status(), error.retry_after(), format!(r#"{{"error":"{}"}}"#, error.code())),
//!     }
//! }
//! # let limited = answer(&upsign::TooManyRequests::new(7).into());
//! # assert_eq!(limited, (429, Some(7), r#"{"error":"too-many-requests"}"#.to_owned()));
//! # assert_eq!(answer(&IssueError::Forbidden).0, 404);
//! ```
//!
//! In axum, a handler that extracts `Result<Caller, _>`, to answer rejected callers in its own format, should know that the
//! extractors after it run first: the body is read before the handler can refuse the caller.
