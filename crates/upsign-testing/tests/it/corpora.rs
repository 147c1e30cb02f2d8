//! Compares upsign's signer with boto3 and the AWS SDK for JavaScript, on requests that they signed.

use upsign_core::{Credentials, Sign};
use upsign_sigv4::SigV4;
use upsign_testing::corpora::{self, Answer, UrlRow};

fn answer(row: &UrlRow) -> Answer {
    let Ok(request) = row.request() else {
        return Answer::Refused(row.request().unwrap_err());
    };
    Answer::of(SigV4::new().sign(&request, &row.credentials(), row.at()))
}

/// Verifies no SigV4a signature: these tests sign with HMAC only.
fn no_v4a(_: &Credentials, _: &str, _: &str) -> bool {
    false
}

#[test]
fn urls_agree_with_boto3() {
    let rows = corpora::boto3_urls();
    let comparisons = rows.iter().map(|row| (row.id.as_str(), row.compare(&answer(row), no_v4a)));
    let (identical, equivalent, refused) = corpora::tally(comparisons);
    assert_eq!(identical + equivalent + refused, 330);
    assert!(identical >= 237 && refused <= 83, "{identical} {equivalent} {refused}");
}

#[test]
fn urls_agree_with_the_javascript_sdk() {
    let rows = corpora::js_urls();
    let comparisons = rows.iter().map(|row| (row.id.as_str(), row.compare(&answer(row), no_v4a)));
    let (identical, equivalent, refused) = corpora::tally(comparisons);
    assert_eq!((identical, equivalent, refused), (0, 78, 13));
}

/// The signer has no SigV4a. It refuses such requests and does not sign what S3 would reject.
#[test]
fn multi_region_access_points_are_refused() {
    for row in corpora::boto3_v4a_urls() {
        assert!(matches!(answer(&row), Answer::Refused(_)), "{}", row.id);
    }
}

/// A URL parser, such as a browser's, must not change a URL, or the client would send something that was not signed.
#[test]
fn url_parsers_leave_signed_urls_unchanged() {
    let mut read = 0;
    for row in corpora::boto3_urls().iter().chain(&corpora::js_urls()) {
        if let Answer::Signed(url, _) = answer(row) {
            assert_eq!(url::Url::parse(&url).unwrap().as_str(), url, "{}", row.id);
            // For this row the SDK wrote the host `my.dotted.bucket.[::1]`, which is not valid: an IP address has no subdomains.
            assert!(!row.breaks_in_browsers() || row.id == "boto3-0303-endpoint", "{}", row.id);
            read += 1;
        }
    }
    assert!(read > 300);
}

/// Tests the comparison itself: a correct answer with one change is wrong.
#[test]
fn altered_answers_are_wrong() {
    let rows = corpora::boto3_urls();
    let row = rows.iter().find(|row| row.id == "boto3-0423-put-combo").unwrap();
    let Answer::Signed(url, headers) = answer(row) else { return assert_eq!(row.id, "signed") };
    let compared = |url: &str, headers: &[(String, String)]| {
        row.compare(&Answer::of_line(&serde_json::json!({"url": url, "headers": headers})), no_v4a)
    };
    assert_eq!(compared(&url, &headers), corpora::Comparison::Identical);
    for (from, to) in [
        ("https://examplebucket.", "https://otherbucket."),
        ("a%2520b.txt", "a%2520c.txt"),
        ("X-Amz-Expires=", "X-Amz-Expires=1"),
        ("content-length%3B", ""),
        ("X-Amz-Signature=", "X-Amz-Signature=0"),
        ("X-Amz-Signature=", "X-Amz-Added=1&X-Amz-Signature="),
        ("X-Amz-Signature=", "versionId=1&X-Amz-Signature="),
    ] {
        assert!(url.contains(from), "{from}");
        let comparison = compared(&url.replacen(from, to, 1), &headers);
        assert!(matches!(comparison, corpora::Comparison::Wrong(_)), "{from} to {to}: {comparison:?}");
    }
    for place in 0..headers.len() {
        let (mut changed, mut left_out) = (headers.clone(), headers.clone());
        changed.get_mut(place).unwrap().1.push('1');
        left_out.remove(place);
        for headers in [changed, left_out] {
            assert!(matches!(compared(&url, &headers), corpora::Comparison::Wrong(_)), "{headers:?}");
        }
    }
}
