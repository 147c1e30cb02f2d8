//! The log lines of failed refreshes of credentials and keys.

use std::io;

use upsign_core::{CredentialsError, Timestamp};
use upsign_http::{RefreshAttempt, RefreshLog};

use crate::reports::Log;

/// An operator reads from one line what failed, why, when it is tried again, and whether clients notice.
#[test]
fn failures_state_cause_next_attempt_and_effect() {
    let error = CredentialsError::load(io::Error::other("connection refused"));
    let at: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let failed = RefreshAttempt {
        error: Some(&error),
        consecutive_failures: 2,
        next_attempt: Some(at.saturating_add(3)),
        is_usable: true,
        at,
    };
    let failed_unusable = RefreshAttempt { is_usable: false, ..failed };
    let succeeded = RefreshAttempt { error: None, consecutive_failures: 0, ..failed };
    let log = Log::default();
    let guard = log.start(tracing::Level::INFO);
    let (credentials, keys) = (RefreshLog::credentials(), RefreshLog::keys());
    for attempt in [succeeded, failed, failed_unusable] {
        credentials.record(&attempt);
    }
    keys.record(&failed);
    credentials.record(&succeeded);
    credentials.record(&succeeded);
    keys.record(&failed_unusable);
    drop(guard);
    let cause = "error=credentials could not be loaded: connection refused failures=2 next_attempt_in=3s";
    let until = "requests are answered 503 until a refresh succeeds";
    let expected = [
        format!(
            "credentials refresh failed {cause} effect=\"uploads are signed with the current credentials\""
        ),
        format!("credentials refresh failed {cause} effect=\"no upload can be signed: {until}\""),
        format!("jwks refresh failed {cause} effect=\"tokens are verified with the current keys\""),
        "credentials refresh succeeded again".to_owned(),
        format!("jwks refresh failed {cause} effect=\"no token can be verified: {until}\""),
    ];
    let lines = log.lines();
    assert_eq!(lines.len(), expected.len(), "{lines:?}");
    for (line, end) in lines.iter().zip(expected) {
        assert!(line.contains(" WARN ") && line.ends_with(&end), "{line}\ndoes not end with\n{end}");
    }
}
