//! How callers are identified, and the handling of credentials with an unknown expiry.

use std::time::Duration;

use upsign_cognito::{DEFAULT_MAX_TOKEN_BYTES, MAX_TOKEN_BYTES_RANGE};
use upsign_core::{InvalidTokenHeader, TokenHeader};
use upsign_documents::AuthSource;

use super::values::Reader;
use crate::auth::Auth;
use crate::config::UnknownExpiry;
use crate::source::finding::{Finding, shown};
use crate::source::raw::Value;
use crate::units;

impl Reader {
    pub(super) fn unknown_expiry(&mut self) -> Option<UnknownExpiry> {
        let assumes = self.choice("credentials.unknown_expiry", &UNKNOWN_EXPIRY);
        let seconds = self.amount("credentials.assume_for", units::parse_seconds);
        if assumes.is_none()
            && (self.has("credentials.unknown_expiry") || self.raw.is_spoiled("credentials.unknown_expiry"))
        {
            return None;
        }
        match (assumes.unwrap_or(false), seconds) {
            (false, None) if assumes.is_none() => None,
            (false, None) => Some(UnknownExpiry::Refuse),
            (true, Some(seconds)) => Some(UnknownExpiry::Assume(seconds)),
            (false, Some(_)) => {
                let message = "has an effect only with unknown_expiry = \"assume\"";
                let help = "write unknown_expiry = \"assume\", or remove assume_for";
                self.report("credentials.assume_for", Finding::contradiction(message).help(help));
                None
            }
            (true, None) => {
                self.report_missing("credentials.assume_for", "\"1h\"");
                None
            }
        }
    }

    /// Returns whether the file or a variable describes how callers are identified.
    pub(super) fn has_auth(&self) -> bool {
        self.raw.values.keys().any(|key| key.starts_with("auth.")) || self.raw.heading("auth").is_some()
    }

    /// Returns how callers are identified, or `None` if there is no `[auth]` or a part of it is invalid.
    pub(super) fn auth(&mut self, claims: &[String]) -> Option<Auth> {
        if !self.has_auth() {
            return None;
        }
        let source = self.choice("auth.source", &SOURCES);
        let accept_raw_authorization = self.flag("auth.accept_raw_authorization").unwrap_or(false);
        let token_header = self.token_header().unwrap_or_default();
        let max_token_bytes = self.max_token_bytes().unwrap_or(DEFAULT_MAX_TOKEN_BYTES);
        let fetch_timeout = self.fetch_timeout().unwrap_or(FETCH_TIMEOUT);
        self.report_keys_of_the_api();
        // Which other keys are missing or without effect depends on the source.
        if source.is_none() && (self.has("auth.source") || self.raw.is_spoiled("auth.source")) {
            return None;
        }
        let gateway = match source {
            Some(source @ (AuthSource::LambdaAuthorizer | AuthSource::Iam)) => {
                Some(self.gateway(source, claims)?)
            }
            _ => {
                self.report_identity_pool();
                None
            }
        };
        let issuers = if gateway.is_some() { Vec::new() } else { self.issuers(claims, max_token_bytes)? };
        Some(Auth {
            issuers,
            accept_raw_authorization,
            token_header,
            max_token_bytes,
            fetch_timeout,
            source,
            gateway,
        })
    }

    /// Returns the header with the token.
    fn token_header(&mut self) -> Option<TokenHeader> {
        let key = "auth.token_header";
        let text = self.text(key)?;
        let report = |error: InvalidTokenHeader| {
            let meant = text.trim().trim_end_matches(':').replace([' ', '_'], "-").parse::<TokenHeader>();
            let meant = meant.as_ref().map_or("x-upload-token", TokenHeader::as_str);
            let help = self.assignment(key, &Value::Text(meant.to_owned()));
            let message = match error {
                InvalidTokenHeader::Name => format!(
                    "{} is not the name of a header that holds a token: 1 to 64 letters, digits and `-`, beginning with a letter",
                    shown(&text)
                ),
                _ => format!(
                    "{} is a header that browsers, proxies or gateways set or interpret themselves",
                    shown(&text)
                ),
            };
            self.report(key, Finding::invalid(message).help(help));
        };
        text.parse().map_err(report).ok()
    }

    /// Returns the maximum length of a token.
    fn max_token_bytes(&mut self) -> Option<usize> {
        let key = "auth.max_token_size";
        let bytes = self.amount_within(key, TOKEN_SIZES, units::parse_size)?;
        let size = usize::try_from(bytes).ok().filter(|bytes| MAX_TOKEN_BYTES_RANGE.contains(bytes));
        if size.is_none() {
            let message = format!("must be {TOKEN_SIZES}, not {}", units::format_size(bytes));
            let help = match bytes {
                // Without a unit, a number is in bytes.
                1..=64 => self.assignment(key, &Value::Text(format!("{bytes} KiB"))),
                _ => "remove it for 8 KiB, which most servers and gateways accept as a header".to_owned(),
            };
            self.report(key, Finding::invalid(message).help(help));
        }
        size
    }

    /// Returns the time limit of a request for keys.
    fn fetch_timeout(&mut self) -> Option<Duration> {
        let key = "auth.fetch_timeout";
        let seconds = self.amount_within(key, FETCH_TIMEOUTS, units::parse_seconds)?;
        let timeout = Duration::from_secs(seconds);
        let is_valid = (1..=30).contains(&seconds);
        if !is_valid {
            let message = format!("must be {FETCH_TIMEOUTS}, not {}", units::format_duration(timeout));
            let help = match seconds {
                1_000..=30_000 => format!(
                    "{}: a number without a unit is in seconds",
                    self.assignment(key, &Value::Text(format!("{}s", seconds / 1_000)))
                ),
                _ => "remove it for 3 seconds: clients wait for the keys as well".to_owned(),
            };
            self.report(key, Finding::invalid(message).help(help));
        }
        is_valid.then_some(timeout)
    }
}

/// The possible lengths of a token, for messages.
const TOKEN_SIZES: &str = "from 1 KiB to 64 KiB";

/// The possible time limits of a request for keys, for messages.
const FETCH_TIMEOUTS: &str = "from 1s to 30s";

/// The time limit of a request for keys by default.
const FETCH_TIMEOUT: Duration = Duration::from_secs(3);

const SOURCES: [(&str, AuthSource); 4] = [
    (AuthSource::Token.as_str(), AuthSource::Token),
    (AuthSource::Authorizer.as_str(), AuthSource::Authorizer),
    (AuthSource::LambdaAuthorizer.as_str(), AuthSource::LambdaAuthorizer),
    (AuthSource::Iam.as_str(), AuthSource::Iam),
];
const UNKNOWN_EXPIRY: [(&str, bool); 2] = [("refuse", false), ("assume", true)];
