//! Callers whose token is the password of Basic authentication, as credential helpers of Git send it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use upsign_core::{Identity, Presigner, TokenHeader};

use crate::dialect::DialectCall;
use crate::refused::RefusedRequest;

impl<P: Presigner> DialectCall<'_, P> {
    /// Returns the verified caller, whose token is a bearer token or the password of Basic authentication. The user name is ignored.
    pub(super) async fn authenticate_with_password(&self) -> Result<Identity, RefusedRequest> {
        let header = self.auth.token_header();
        let Some(headers) = header.and_then(|header| with_bearer(self.request.headers(), header)) else {
            return self.authenticate().await;
        };
        let mut request = Request::new(());
        *request.method_mut() = self.request.method().clone();
        *request.uri_mut() = self.request.uri().clone();
        *request.extensions_mut() = self.request.extensions().clone();
        *request.headers_mut() = headers;
        let caller = self.auth.authenticate(&(&request).into(), self.at).await;
        let challenge = self.auth.challenge();
        caller.map_err(|error| RefusedRequest::unauthenticated(&error, challenge.as_ref(), self.at))
    }
}

/// Returns the headers with the password as a bearer token in `header`, or `None` if the request has other credentials, or if it has
/// a token in that header already.
fn with_bearer(headers: &HeaderMap, header: &TokenHeader) -> Option<HeaderMap> {
    if !header.is_authorization() && headers.contains_key(header.as_str()) {
        return None;
    }
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let mut bearer = HeaderValue::try_from(format!("Bearer {}", password(value.to_str().ok()?)?)).ok()?;
    bearer.set_sensitive(true);
    let name = HeaderName::from_bytes(header.as_str().as_bytes()).ok()?;
    let mut headers = headers.clone();
    headers.insert(name, bearer);
    Some(headers)
}

/// Returns the password of Basic credentials (RFC 7617 section 2).
fn password(value: &str) -> Option<String> {
    let (scheme, credentials) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
    // The user name contains no colon, the password may.
    decoded.split_once(':').map(|(_, password)| password.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn password_becomes_a_bearer_token() {
        let basic = |credentials: &str| format!("Basic {}", STANDARD.encode(credentials));
        let token = |value: &str, header: &str| {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, value.parse().unwrap())]);
            let header: TokenHeader = header.parse().unwrap();
            let headers = with_bearer(&headers, &header)?;
            Some(headers[header.as_str()].to_str().unwrap().to_owned())
        };
        let cases = [
            (basic("git:eyJ.a.b"), Some("Bearer eyJ.a.b")),
            (basic(":eyJ.a.b"), Some("Bearer eyJ.a.b")),
            (basic("a:b:c"), Some("Bearer b:c")),
            (basic("git:eyJ").replace("Basic", "bAsIc"), Some("Bearer eyJ")),
            (basic("no colon"), None),
            (basic("a:b\r\nx: y"), None),
            ("Basic !!!".to_owned(), None),
            ("Bearer eyJ.a.b".to_owned(), None),
            ("Basic".to_owned(), None),
        ];
        for (value, expected) in cases {
            for header in ["authorization", "x-upload-token"] {
                assert_eq!(token(&value, header).as_deref(), expected, "{value} in {header}");
            }
        }
    }

    #[test]
    fn other_credentials_are_left_alone() {
        let basic: HeaderValue = format!("Basic {}", STANDARD.encode("a:b")).parse().unwrap();
        let mut two = HeaderMap::new();
        two.append(AUTHORIZATION, basic.clone());
        two.append(AUTHORIZATION, HeaderValue::from_static("Bearer x"));
        assert_eq!(with_bearer(&two, &TokenHeader::default()), None);
        assert_eq!(with_bearer(&HeaderMap::new(), &TokenHeader::default()), None);
        // The caller has sent a token where it is expected.
        let mut both = HeaderMap::from_iter([(AUTHORIZATION, basic)]);
        both.insert("x-upload-token", HeaderValue::from_static("Bearer x"));
        assert_eq!(with_bearer(&both, &"x-upload-token".parse().unwrap()), None);
    }

    #[test]
    fn token_is_not_shown() {
        let headers = HeaderMap::from_iter([(
            AUTHORIZATION,
            format!("Basic {}", STANDARD.encode("git:eyJsecret")).parse().unwrap(),
        )]);
        let headers = with_bearer(&headers, &TokenHeader::default()).unwrap();
        assert!(!format!("{headers:?}").contains("eyJ"), "{headers:?}");
    }
}
