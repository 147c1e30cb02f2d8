//! The output of `curl -v`: lines that begin with `>`, `<` and `*`, and the body of the answer between them.

use super::http_text;
use super::sent::{Answer, Exchange, Sent, header_line};

/// Returns whether a text contains a request as `curl -v` shows it.
pub(super) fn is_verbose(text: &str) -> bool {
    text.lines().any(|line| request_line(line).is_some())
}

/// Reads the last exchange that was refused, or the last one.
pub(super) fn read(text: &str) -> Option<Exchange> {
    let mut exchanges: Vec<Reading> = Vec::new();
    for line in text.lines() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if let Some((method, target)) = request_line(line) {
            exchanges.push(Reading::new(method, target));
            continue;
        }
        if let Some(reading) = exchanges.last_mut() {
            reading.line(line);
        }
    }
    // TLS shows in lines such as `* SSL connection using TLSv1.3`.
    let is_https =
        text.contains("SSL connection using") || text.contains("ALPN:") || text.contains("port 443");
    let read: Vec<Exchange> = exchanges.into_iter().filter_map(|reading| reading.finish(is_https)).collect();
    let failed = read.iter().rposition(|it| it.answer.as_ref().is_some_and(Answer::is_failure));
    let index = failed.unwrap_or_else(|| read.len().saturating_sub(1));
    read.into_iter().nth(index)
}

/// Returns why no answer arrived, in the words of curl: the message in front of which it prints `curl: (N)`, or a note of `-v`.
///
/// Numbers: <https://curl.se/libcurl/c/libcurl-errors.html>.
pub(super) fn failure(text: &str) -> Option<&str> {
    let message = text.lines().rev().find_map(|line| {
        let (number, message) = line.trim().strip_prefix("curl: (")?.split_once(") ")?;
        number.bytes().all(|digit| digit.is_ascii_digit()).then_some(message)
    });
    let note = || {
        let notes = text.lines().rev().filter_map(|line| line.trim_end().strip_prefix("* "));
        notes.into_iter().find(|note| FAILURES.iter().any(|start| note.starts_with(start)))
    };
    let failure = message.or_else(note)?.trim();
    failure.get(..failure.floor_char_boundary(160))
}

/// Returns the status that curl shows in place of an answer (`--fail`).
pub(super) fn status_of_failure(failure: &str) -> Option<u16> {
    failure.strip_prefix("The requested URL returned error: ")?.split(' ').next()?.parse().ok()
}

/// How notes about failed connections begin.
const FAILURES: [&str; 9] = [
    "Could not resolve host",
    "Failed to connect to",
    "SSL certificate problem",
    "SSL: ",
    "Operation timed out",
    "Connection timed out",
    "Recv failure",
    "Send failure",
    "Empty reply from server",
];

/// An exchange while it is read.
struct Reading {
    method: Box<str>,
    target: Box<str>,
    headers: Vec<(Box<str>, Box<str>)>,
    answer: Answer,
    body: String,
    /// Whether the empty line after the headers of the answer was seen.
    in_body: bool,
}

impl Reading {
    fn new(method: &str, target: &str) -> Self {
        Self {
            method: method.into(),
            target: target.into(),
            headers: Vec::new(),
            answer: Answer::default(),
            body: String::new(),
            in_body: false,
        }
    }

    fn line(&mut self, line: &str) {
        if let Some(rest) =
            line.strip_prefix('<').filter(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
        {
            let rest = rest.trim();
            if let Some(status) = http_text::status(rest) {
                // After `100 Continue`, the real answer begins.
                self.answer = Answer { status: Some(status), ..Answer::default() };
                self.in_body = false;
            } else if rest.is_empty() {
                self.in_body = self.answer.status.is_some_and(|status| status >= 200);
            } else if let Some(header) = header_line(rest) {
                self.answer.headers.push(header);
            }
        } else if let Some(rest) = line.strip_prefix("> ") {
            self.headers.extend(header_line(rest));
        } else if self.in_body && !is_note(line) {
            self.body.push_str(line);
            self.body.push('\n');
        }
    }

    fn finish(mut self, is_https: bool) -> Option<Exchange> {
        let host = self.headers.iter().find(|(name, _)| &**name == "host").map(|(_, value)| value.clone())?;
        let scheme = if is_https { "https" } else { "http" };
        let mut sent = Sent::new(&self.method, &format!("{scheme}://{host}{}", self.target), self.headers)?;
        sent.has_own_headers = true;
        sent.body_len = sent.request.header("content-length").and_then(|length| length.parse().ok());
        self.answer.body = without_notes(&self.body).into();
        let answer = self.answer.status.is_some().then_some(self.answer);
        Some(Exchange { sent, answer })
    }
}

/// Returns method and target of a line such as `> PUT /key?X-Amz-… HTTP/1.1`.
fn request_line(line: &str) -> Option<(&str, &str)> {
    let mut words = line.strip_prefix("> ")?.split_ascii_whitespace();
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    let is_method = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase());
    (is_method && version.starts_with("HTTP/") && target.starts_with('/')).then_some((method, target))
}

/// Returns whether a line is curl's own: a note, its progress, or a count of bytes.
fn is_note(line: &str) -> bool {
    let start = line.trim_start();
    line.starts_with("* ")
        || line.starts_with("} [")
        || line.starts_with("{ [")
        || start.starts_with("% Total")
        || start.starts_with("Dload")
}

/// Removes lines of progress in front of a document, and the note that follows it without a line break:
/// `</Error>* Connection #0 to host … left intact`.
fn without_notes(body: &str) -> &str {
    let body = body.find(['<', '{']).and_then(|start| body.get(start..)).unwrap_or(body);
    let end = body.find("* Connection #").or_else(|| body.find("* Closing connection")).unwrap_or(body.len());
    body.get(..end).unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "* Connected to b.s3.amazonaws.com (1.2.3.4) port 443\n* SSL connection using TLSv1.3\n\
        > PUT /k?X-Amz-Signature=ab HTTP/1.1\n> Host: b.s3.amazonaws.com\n> Content-Type: image/png\n> Content-Length: 5\n>\n\
        < HTTP/1.1 100 Continue\n<\n} [5 bytes data]\n* We are completely uploaded and fine\n< HTTP/1.1 403 Forbidden\n\
        < Content-Type: application/xml\n< \n100   505    0   500  100     5    900      9\n<Error><Code>AccessDenied</Code></Error>* Connection #0 to host b left intact\n";

    #[test]
    fn request_answer_and_body_are_read() {
        for text in [TEXT.to_owned(), TEXT.replace('\n', "\r\n")] {
            assert!(is_verbose(&text));
            let Exchange { sent, answer } = read(&text).unwrap();
            assert_eq!(
                (&*sent.request.method, &*sent.host, sent.body_len),
                ("PUT", "b.s3.amazonaws.com", Some(5))
            );
            assert!(sent.is_https);
            let answer = answer.unwrap();
            assert_eq!(
                (answer.status, &*answer.body),
                (Some(403), "<Error><Code>AccessDenied</Code></Error>")
            );
            assert_eq!(answer.header("content-type").as_deref(), Some("application/xml"));
        }
    }

    #[test]
    fn other_text_is_not_verbose() {
        assert!(!is_verbose("> quoted text\n> PUT it there"));
        assert!(!is_verbose(""));
    }
}
