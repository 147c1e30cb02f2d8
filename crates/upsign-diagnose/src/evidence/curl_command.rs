//! "Copy as cURL" of Chrome and Firefox, for bash and for `cmd`, and commands that people write.
//!
//! Options: <https://curl.se/docs/manpage.html>.

use super::error::UnreadableEvidence;
use super::form_data;
use super::sent::{Exchange, Sent, header_line};
use super::shell_words;
use crate::form::FormField;

/// Options with a value that does not matter here. Others without a value are skipped.
const WITH_VALUE: [&str; 24] = [
    "-o",
    "--output",
    "-m",
    "--max-time",
    "--connect-timeout",
    "-x",
    "--proxy",
    "--retry",
    "-w",
    "--write-out",
    "--resolve",
    "--cacert",
    "-E",
    "--cert",
    "--key",
    "-c",
    "--cookie-jar",
    "--limit-rate",
    "--interface",
    "-K",
    "--config",
    "-D",
    "--dump-header",
    "--connect-to",
];

/// Reads a command. Its answer is not known.
pub(super) fn read(text: &str) -> Result<Exchange, UnreadableEvidence> {
    let mut words = shell_words::split(text)?.into_iter().skip_while(|word| !is_curl(word)).skip(1);
    let mut command = Command::default();
    while let Some(word) = words.next() {
        // The next command begins.
        if matches!(word.as_str(), ";" | "&&" | "|" | ">" | "2>" | "&") {
            break;
        }
        command.word(&word, &mut words);
    }
    command.finish()
}

fn is_curl(word: &str) -> bool {
    let name = word.rsplit(['/', '\\']).next().unwrap_or_default();
    matches!(name, "curl" | "curl.exe")
}

#[derive(Default)]
struct Command {
    method: Option<String>,
    url: Option<String>,
    headers: Vec<(Box<str>, Box<str>)>,
    data: Option<String>,
    fields: Vec<FormField>,
    /// Whether a field is read from a file, so that its value is not known.
    has_unknown_field: bool,
    is_file: bool,
    is_streamed: bool,
    is_head: bool,
}

impl Command {
    fn word(&mut self, word: &str, rest: &mut impl Iterator<Item = String>) {
        let (option, inline) = match word.split_once('=') {
            Some((option, value)) if option.starts_with("--") => (option, Some(value.to_owned())),
            _ => attached(word),
        };
        let mut value = || inline.clone().or_else(|| rest.next()).unwrap_or_default();
        match option {
            "-X" | "--request" => self.method = Some(value()),
            "-H" | "--header" => self.headers.extend(header_line(&value())),
            "--url" => self.url = Some(value()),
            "-b" | "--cookie" => self.headers.push(("cookie".into(), value().into())),
            "-A" | "--user-agent" => self.headers.push(("user-agent".into(), value().into())),
            "-e" | "--referer" => self.headers.push(("referer".into(), value().into())),
            "-u" | "--user" => self.headers.push(("authorization".into(), value().into())),
            "-d" | "--data" | "--data-raw" | "--data-binary" | "--data-ascii" | "--data-urlencode"
            | "--json" => {
                self.data = Some(value());
            }
            "-F" | "--form" => self.form_field(&value()),
            "--form-string" => {
                let field = value();
                let (name, value) = field.split_once('=').unwrap_or((&field, ""));
                self.fields.push(FormField::new(name, value));
            }
            "-T" | "--upload-file" => {
                self.is_streamed = matches!(value().as_str(), "-" | ".");
                self.is_file = true;
            }
            "-I" | "--head" => self.is_head = true,
            _ if WITH_VALUE.contains(&option) => {
                value();
            }
            _ if option.starts_with('-') && option.len() > 1 => {}
            url => self.url = self.url.take().or_else(|| Some(url.to_owned())),
        }
    }

    fn finish(mut self) -> Result<Exchange, UnreadableEvidence> {
        let has_body = self.data.is_some() || !self.fields.is_empty();
        let default = match (self.is_file, has_body, self.is_head) {
            (true, ..) => "PUT",
            (_, true, _) => "POST",
            (_, _, true) => "HEAD",
            _ => "GET",
        };
        let method = self.method.take().unwrap_or_else(|| default.to_owned());
        let url = self.url.take().ok_or(UnreadableEvidence::NoUrl)?;
        let url = if url.contains("://") { url } else { format!("http://{url}") };
        self.add_own_headers();
        // curl sends a header whose value is empty only if it ends with a semicolon.
        self.headers.retain(|(_, value)| !value.is_empty());
        let mut sent = Sent::new(&method, &url, self.headers).ok_or(UnreadableEvidence::NoUrl)?;
        sent.body_len = sent.request.header("content-length").and_then(|length| length.parse().ok());
        // Browsers copy a form as a body.
        let content_type = sent.request.header("content-type").unwrap_or_default();
        let of_body = self.data.as_deref().map(|data| form_data::fields(content_type, data));
        let of_options = if self.has_unknown_field { Vec::new() } else { self.fields };
        sent.form = of_body.filter(|fields| !fields.is_empty()).unwrap_or(of_options);
        Ok(Exchange { sent, answer: None })
    }
}

impl Command {
    /// Reads `name=value`, `name=@file` and `name=<file`, with options such as `;type=image/png`
    /// (<https://curl.se/docs/manpage.html#-F>).
    fn form_field(&mut self, field: &str) {
        let (name, value) = field.split_once('=').unwrap_or((field, ""));
        self.has_unknown_field |= value.starts_with('<');
        let value = value.strip_prefix('@').unwrap_or(value);
        let value = match value.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
            Some((quoted, _)) => quoted,
            None => value.split(';').next().unwrap_or_default(),
        };
        self.fields.push(FormField::new(name, value));
    }

    /// Adds what curl adds: a type to data (<https://curl.se/docs/manpage.html#-d>), a boundary to forms, and nothing to files.
    fn add_own_headers(&mut self) {
        let has = |name: &str| self.headers.iter().any(|(known, _)| &**known == name);
        let content_type = match (self.data.is_some(), !self.fields.is_empty()) {
            _ if has("content-type") => None,
            (true, _) => Some("application/x-www-form-urlencoded"),
            (_, true) => Some("multipart/form-data"),
            _ => None,
        };
        let is_chunked = self.is_streamed && !has("content-length") && !has("transfer-encoding");
        self.headers.extend(content_type.map(|value| ("content-type".into(), value.into())));
        self.headers.extend(is_chunked.then(|| ("transfer-encoding".into(), "chunked".into())));
    }
}

/// Splits a short option from a value that is attached, as in `-XPUT`.
fn attached(word: &str) -> (&str, Option<String>) {
    let short = word
        .get(..2)
        .filter(|it| matches!(*it, "-X" | "-H" | "-d" | "-F" | "-T" | "-b" | "-A" | "-e" | "-u"));
    match (short, word.get(2..)) {
        (Some(option), Some(value)) if !value.is_empty() => (option, Some(value.to_owned())),
        _ => (word, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(command: &str, method: &str, path: &str, headers: &[(&str, &str)]) {
        let sent = read(command).unwrap().sent;
        assert_eq!((&*sent.request.method, &*sent.request.path), (method, path));
        let read: Vec<(&str, &str)> =
            sent.request.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(read, headers);
    }

    #[test]
    fn commands_of_browsers_and_people_are_read() {
        let png = ("content-type", "image/png");
        check(
            "curl 'https://b/k?X-Amz-Date=1' -X 'PUT' -H 'Content-Type: image/png' --data-raw $'\\u0001'",
            "PUT",
            "/k",
            &[png],
        );
        check("$ curl -sS -XPUT -T a.png -H'content-type: image/png' https://b/k", "PUT", "/k", &[png]);
        check(
            "curl.exe ^\"https://b/k^\" ^\n  -X ^\"PUT^\" ^\n -H ^\"content-type: image/png^\" --compressed",
            "PUT",
            "/k",
            &[png],
        );
        check("curl -T a https://b/k --max-time 5", "PUT", "/k", &[]);
        check("curl -T - https://b/k", "PUT", "/k", &[("transfer-encoding", "chunked")]);
        check(
            "curl --data-binary @a --request=PUT --url https://b/k",
            "PUT",
            "/k",
            &[("content-type", "application/x-www-form-urlencoded")],
        );
        check("curl -H 'Content-Type:' --data-binary @a -X PUT https://b", "PUT", "/", &[]);
        check("curl https://b/k && echo x", "GET", "/k", &[]);
    }

    #[test]
    fn fields_of_forms_are_read() {
        let fields = |command: &str| read(command).unwrap().sent.form;
        let expected = [("key", "a/${filename}"), ("note", "a;b"), ("file", "cat.jpg")];
        let expected = expected.map(|(name, value)| FormField::new(name, value));
        for command in [
            "curl https://b/ -F 'key=a/${filename}' --form-string 'note=a;b' -F 'file=@cat.jpg;type=image/jpeg'",
            "curl https://b/ --form='key=a/${filename};type=text/plain' -F'note=\"a;b\"' --form file=@cat.jpg",
        ] {
            assert_eq!(fields(command), expected, "{command}");
            check(command, "POST", "/", &[("content-type", "multipart/form-data")]);
        }
        let copied = "curl 'https://b/' -H 'content-type: multipart/form-data; boundary=--X' --data-raw \
            $'----X\\r\\nContent-Disposition: form-data; name=\"key\"\\r\\n\\r\\na/1\\r\\n----X--'";
        assert_eq!(fields(copied), [FormField::new("key", "a/1")]);
        // The value is in a file.
        assert!(fields("curl https://b/ -F 'policy=<policy.txt' -F key=a").is_empty());
    }

    #[test]
    fn commands_without_a_url_are_refused() {
        for command in ["curl", "curl -X PUT", "curl ftp://b/k"] {
            assert!(matches!(read(command), Err(UnreadableEvidence::NoUrl)), "{command}");
        }
    }
}
