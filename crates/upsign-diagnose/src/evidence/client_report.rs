//! What `upsign upload` and `upsign-client` print of a refusal, as text or in JSON lines.

use quick_xml::escape::escape;

use super::sent::Answer;

/// Reads the last `the store refused WHAT: status 403, CODE: MESSAGE (request ID)`.
pub(super) fn read(text: &str) -> Option<Answer> {
    let (_, rest) = text.rsplit_once("the store refused ")?;
    let (_, rest) = rest.split_once(": status ")?;
    // In JSON, the text ends at a quotation mark that is not escaped.
    let line = rest.lines().next().unwrap_or_default();
    let line = line.split("\",").next().unwrap_or_default().split("\"}").next().unwrap_or_default();
    let digits = line.find(|it: char| !it.is_ascii_digit()).unwrap_or(line.len());
    let (status, rest) = line.split_at_checked(digits)?;
    let rest = rest.split(" (request ").next().unwrap_or_default().replace("\\\"", "\"");
    let (code, message) = match rest.strip_prefix(", ") {
        Some(named) => named.split_once(": ").unwrap_or((named, "")),
        None => ("", ""),
    };
    let body = match code {
        "" => String::new(),
        code => format!("<Error><Code>{}</Code><Message>{}</Message></Error>", escape(code), escape(message)),
    };
    Some(Answer { status: status.parse().ok(), body: body.into(), ..Answer::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_json_are_read() {
        let text = "error: a.jpg: the store refused the file: status 403, AccessDenied: Request has expired (request 4442)";
        let json = r#"{"event":"failed","file":"a","error":{"code":"store","message":"a: the store refused part 7: status 403, AccessDenied: Request has expired","file":"a"}}"#;
        for text in [text, json, &format!("{text}\nhelp: run it again")] {
            let answer = read(text).unwrap();
            assert_eq!(answer.status, Some(403));
            assert_eq!(
                &*answer.body,
                "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
            );
        }
        assert_eq!(&*read("the store refused it: status 502").unwrap().body, "");
        assert!(read("the store refused it").is_none());
    }
}
