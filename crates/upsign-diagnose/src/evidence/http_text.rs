//! An HTTP answer as text, with its headers: what `curl -i` prints.

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
