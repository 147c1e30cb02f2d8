//! An HTTP answer as text, with its headers: what `curl -i` prints.

use upsign_core::Timestamp;

use super::sent::{Answer, header_line};

/// Reads the last answer of a text that begins with `HTTP/`. Answers such as `100 Continue` precede it.
pub(super) fn read(text: &str) -> Option<Answer> {
    let text = text.replace("\r\n", "\n");
    let mut rest = text.trim_start();
    let mut last = None;
    while let Some(status) = status(rest.lines().next().unwrap_or_default()) {
        let (head, body) = rest.split_once("\n\n").unwrap_or((rest, ""));
        let headers = head.lines().skip(1).filter_map(header_line).collect();
        last = Some(Answer { status: Some(status), headers, body: body.trim().into(), ..Answer::default() });
        rest = body.trim_start();
    }
    last
}

/// Returns the status of a line such as `HTTP/1.1 403 Forbidden`.
pub(super) fn status(line: &str) -> Option<u16> {
    let status = line.trim().strip_prefix("HTTP/")?.split_ascii_whitespace().nth(1)?;
    status.parse().ok().filter(|status| (100..600).contains(status))
}

/// Reads a date such as `Fri, 27 Nov 2026 18:00:00 GMT`.
///
/// Source: IMF-fixdate of <https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7>.
pub(super) fn http_date(text: &str) -> Option<Timestamp> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (_, rest) = text.split_once(", ")?;
    let parts: Vec<&str> = rest.split(' ').collect();
    let [day, month, year, time, "GMT"] = parts.as_slice() else { return None };
    let month = MONTHS.iter().position(|name| name == month)? + 1;
    format!("{year}-{month:02}-{day}T{time}Z").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_headers_are_read() {
        let at = http_date("Fri, 27 Nov 2026 18:00:00 GMT").unwrap();
        assert_eq!(at.to_string(), "2026-11-27T18:00:00Z");
        assert!(http_date("2026-11-27").is_none() && http_date("Fri, 27 Xyz 2026 18:00:00 GMT").is_none());
    }
}
