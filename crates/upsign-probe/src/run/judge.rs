//! What an answer says about a capability.

use crate::run::answer::Answered;
use crate::step::Expected;

/// The verdict about one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// As expected.
    Passed,
    /// The store does not have the capability.
    Missing,
    /// It decides nothing about the capability.
    Undecided,
}

/// Judges an answer. What is neither clearly as expected nor clearly a missing feature is undecided: an error of the server, a missing
/// permission, or a redirect.
pub(crate) fn judge(expected: Expected, answer: &Answered) -> Verdict {
    let status = answer.status;
    let is_success = (200..300).contains(&status);
    // A method that the store does not implement (RFC 9110, section 15.6.2); S3's code is NotImplemented.
    if status == 501 {
        return Verdict::Missing;
    }
    if status == 429 || status >= 500 || (300..400).contains(&status) {
        return Verdict::Undecided;
    }
    match expected {
        Expected::Prepared if is_success => Verdict::Passed,
        Expected::Shown(text) if is_success && answer.body.contains(text) => Verdict::Passed,
        Expected::Prepared | Expected::Shown(_) => Verdict::Undecided,
        Expected::Accepted => of_acceptance(is_success, status),
        Expected::Refused(statuses) if statuses.contains(&status) => Verdict::Passed,
        Expected::Refused(_) | Expected::Inconclusive if is_success => Verdict::Missing,
        Expected::Refused(_) | Expected::Inconclusive => Verdict::Undecided,
        Expected::Status(wanted) if status == wanted => Verdict::Passed,
        Expected::Status(_) if status == 403 => Verdict::Undecided,
        Expected::Status(_) => Verdict::Missing,
        Expected::Header(name, value) if is_success => of_match(answer.header(name) == Some(value)),
        Expected::Text(text) if is_success => of_match(answer.body.contains(text)),
        Expected::Header(..) | Expected::Text(_) => of_acceptance(false, status),
    }
}

const fn of_acceptance(is_success: bool, status: u16) -> Verdict {
    match (is_success, status) {
        (true, _) => Verdict::Passed,
        // It can be the identity that lacks a permission.
        (_, 401 | 403) => Verdict::Undecided,
        _ => Verdict::Missing,
    }
}

const fn of_match(is_match: bool) -> Verdict {
    if is_match { Verdict::Passed } else { Verdict::Missing }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(expected: Expected, status: u16, verdict: Verdict) {
        let answer = Answered { status, body: "123456789".to_owned(), ..Answered::default() };
        assert_eq!(judge(expected, &answer), verdict, "{expected:?} {status}");
    }

    #[test]
    fn only_clear_answers_decide() {
        use Verdict::{Missing, Passed, Undecided};
        for (expected, verdicts) in [
            (Expected::Prepared, [Passed, Undecided, Undecided, Undecided]),
            (Expected::Accepted, [Passed, Missing, Undecided, Missing]),
            (Expected::Refused(&[400]), [Missing, Passed, Undecided, Undecided]),
            (Expected::Refused(&[403]), [Missing, Undecided, Passed, Undecided]),
            (Expected::Status(404), [Missing, Missing, Undecided, Passed]),
            (Expected::Inconclusive, [Missing, Undecided, Undecided, Undecided]),
            (Expected::Shown("345"), [Passed, Undecided, Undecided, Undecided]),
            (Expected::Shown("other"), [Undecided; 4]),
            (Expected::Text("345"), [Passed, Missing, Undecided, Missing]),
            (Expected::Text("other"), [Missing, Missing, Undecided, Missing]),
            (Expected::Header("x-amz-acl", "private"), [Missing, Missing, Undecided, Missing]),
        ] {
            for (status, verdict) in [200, 400, 403, 404].into_iter().zip(verdicts) {
                check(expected, status, verdict);
            }
            for status in [301, 307, 429, 500, 502, 503] {
                check(expected, status, Undecided);
            }
            check(expected, 501, Missing);
        }
    }
}
