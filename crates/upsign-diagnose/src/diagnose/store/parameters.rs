//! Errors about the parameters of a signature.

use super::super::Diagnosis;
use super::super::case::Case;
use super::super::scrub::{quoted, quoted_message};
use crate::cause::known;
use crate::diff::{DiffLine, Field};
use crate::echo::StoreError;

/// `AuthorizationQueryParametersError`: the message says which parameter is wrong.
pub(super) fn of_parameters(case: &Case<'_>, error: &StoreError) -> Vec<Diagnosis> {
    // Headers, method and path take no part in this error.
    let is_of_query = |it: &Diagnosis| matches!(it.field, Field::Query(_));
    let mut found: Vec<Diagnosis> = case.of_differences().into_iter().filter(is_of_query).collect();
    let url = case.url.as_ref();
    let stated = if error.says("is wrong; expecting") {
        let expected = error.text("Region").map(str::to_owned).or_else(|| quoted_last(error.message()));
        let signed = url.and_then(|url| url.signing_region()).map(str::to_owned);
        let sentence = match (&signed, &expected) {
            (Some(signed), Some(expected)) => {
                format!(
                    "the URL is signed for the region {}, and the bucket is in {}",
                    quoted(signed),
                    quoted(expected)
                )
            }
            (None, Some(expected)) => {
                format!("the URL is signed for another region than the bucket's, {expected}")
            }
            _ => known::WRONG_REGION.sentence.to_owned(),
        };
        let line = DiffLine::new(Field::Region, signed.as_deref(), expected.as_deref());
        let wrong = Diagnosis::candidate(&known::WRONG_REGION, Field::query("X-Amz-Credential"));
        wrong.saying(sentence).certain_if(expected.is_some()).with_diff(vec![line])
    } else if error.says("incorrect service") {
        Diagnosis::candidate(&known::WRONG_SERVICE, Field::query("X-Amz-Credential")).certain_if(true)
    } else if error.says("less than a week") {
        Diagnosis::candidate(&known::EXPIRES_TOO_LONG, Field::query("X-Amz-Expires")).certain_if(true)
    } else if error.says("X-Amz-Expires should be a number")
        || error.says("X-Amz-Expires must be non-negative")
    {
        Diagnosis::candidate(&known::EXPIRES_NOT_A_NUMBER, Field::query("X-Amz-Expires")).certain_if(true)
    } else if error.says("version 4 requires") || error.code() == "MissingFields" {
        case.incomplete_query().map_or_else(
            || Diagnosis::candidate(&known::QUERY_INCOMPLETE, Field::Unknown),
            |found| found.certain_if(true),
        )
    } else {
        let named = named(error.message());
        let field = named.map_or(Field::Unknown, Field::query);
        let found = Diagnosis::candidate(&known::QUERY_MALFORMED, field).certain_if(named.is_some());
        match error.message() {
            "" => found,
            message => found
                .saying(format!("a parameter of the signature is malformed: {}", quoted_message(message))),
        }
    };
    found.push(stated);
    found
}

/// Returns the parameter that a message is about: `Error parsing the X-Amz-Credential parameter; …`, `Invalid credential date "20261126".
/// This date is not the same as X-Amz-Date: "20261127".`
fn named(message: &str) -> Option<&'static str> {
    const NAMES: [(&str, &str); 8] = [
        ("credential", "X-Amz-Credential"),
        ("x-amz-algorithm", "X-Amz-Algorithm"),
        ("x-amz-date", "X-Amz-Date"),
        ("x-amz-expires", "X-Amz-Expires"),
        ("x-amz-signedheaders", "X-Amz-SignedHeaders"),
        ("x-amz-signature", "X-Amz-Signature"),
        ("x-amz-security-token", "X-Amz-Security-Token"),
        ("x-amz-content-sha256", "X-Amz-Content-Sha256"),
    ];
    let lower = message.to_ascii_lowercase();
    let first = NAMES.iter().filter_map(|(part, name)| Some((lower.find(part)?, *name)));
    first.min_by_key(|(at, _)| *at).map(|(_, name)| name)
}

/// Returns the last text in single quotes: `the region 'a' is wrong; expecting 'b'`.
fn quoted_last(message: &str) -> Option<String> {
    let (rest, _) = message.rsplit_once('\'')?;
    Some(rest.rsplit_once('\'')?.1.to_owned())
}
