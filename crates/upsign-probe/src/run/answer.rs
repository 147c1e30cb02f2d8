//! What is read of an answer.

use crate::transport::HttpAnswer;

/// An answer with the code of its error document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answered {
    /// Reads an answer. S3 answers 200 to CompleteMultipartUpload and CopyObject before it has finished, and can send an error document
    /// afterwards: such an answer counts as refused.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html>.
    pub(crate) fn read(answer: HttpAnswer) -> Self {
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        let is_error = element(&body, "Error").is_some();
        let code = if is_error { code(&body) } else { String::new() };
        let status = match (answer.status, code.as_str()) {
            (200..300, "PreconditionFailed") => 412,
            (200..300, "InternalError" | "SlowDown") => 503,
            (200..300, _) if is_error => 400,
            (status, _) => status,
        };
        Self { status, code, headers: answer.headers, body }
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Returns the status and the code, without anything else that the store wrote.
    pub(crate) fn summary(&self) -> String {
        format!("{} {}", self.status, self.code).trim_end().to_owned()
    }
}

/// Returns the code of an error document if it has the form of one: a message could repeat what was signed.
fn code(body: &str) -> String {
    let code = element(body, "Code").unwrap_or_default();
    let is_code = code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
    if is_code { code.to_owned() } else { String::new() }
}

/// Returns the content of the first element with this name and no attributes.
pub(crate) fn element<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(content, _)| content)
}

/// Returns the contents of all elements with this name.
pub(crate) fn elements<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    text.split(&open).skip(1).filter_map(|rest| rest.split_once(&close)).map(|(content, _)| content).collect()
}

/// Replaces the entities of XML in a value.
pub(crate) fn unescape(text: &str) -> String {
    let named = text.replace("&quot;", "\"").replace("&#34;", "\"").replace("&lt;", "<").replace("&gt;", ">");
    named.replace("&apos;", "'").replace("&#39;", "'").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, body: &str) -> (u16, String) {
        let answer = HttpAnswer { status, headers: Vec::new(), body: body.as_bytes().to_vec() };
        let read = Answered::read(answer);
        (read.status, read.summary())
    }

    #[test]
    fn errors_after_status_200_are_refusals() {
        let error =
            |code| format!("<?xml version=\"1.0\"?>\n<Error><Code>{code}</Code><Message>m</Message></Error>");
        assert_eq!(read(200, &error("PreconditionFailed")), (412, "412 PreconditionFailed".to_owned()));
        assert_eq!(read(200, &error("BadDigest")), (400, "400 BadDigest".to_owned()));
        assert_eq!(read(200, &error("InternalError")), (503, "503 InternalError".to_owned()));
        assert_eq!(read(404, &error("NoSuchKey")), (404, "404 NoSuchKey".to_owned()));
        assert_eq!(read(200, "<CopyObjectResult></CopyObjectResult>"), (200, "200".to_owned()));
    }

    #[test]
    fn summaries_repeat_nothing_but_codes() {
        let leak = "<Error><Code>X-Amz-Signature=0123</Code></Error>";
        assert_eq!(read(403, leak), (403, "403".to_owned()));
        assert_eq!(
            read(403, &format!("<Error><Code>{}</Code></Error>", "a".repeat(65))),
            (403, "403".to_owned())
        );
    }
}
