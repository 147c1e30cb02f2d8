//! Commands of curl.

use crate::evidence::form_fields;
use crate::evidence::shell_words::split;
use crate::form::{FormField, SignedForm};
use crate::subject::{SignedRequest, Subject, SubjectError};
use crate::url::SignedUrl;

pub(super) fn read(text: &str) -> Result<Subject, SubjectError> {
    let (mut url, mut method, mut data) = (None, None, None);
    let (mut fields, mut headers) = (Vec::new(), Vec::new());
    let mut words = split(text).map_err(|_| SubjectError::Curl)?.into_iter();
    while let Some(word) = words.next() {
        let (option, attached) = split_option(&word);
        let mut value = || attached.map(str::to_owned).or_else(|| words.next());
        match option {
            "-F" | "--form" | "--form-string" => {
                let field = value().unwrap_or_default();
                let (name, value) = field.split_once('=').unwrap_or((&field, ""));
                fields.push(FormField::new(name, value));
            }
            "-H" | "--header" => {
                if let Some((name, value)) = value().as_deref().and_then(|header| header.split_once(':')) {
                    headers.push((name.trim().into(), value.trim().into()));
                }
            }
            "-X" | "--request" => method = value().map(Into::into),
            "-T" | "--upload-file" => {
                drop(value());
                method = method.or_else(|| Some("PUT".into()));
            }
            "--url" => url = value(),
            // Browsers copy a form as a body.
            "-d" | "--data" | "--data-raw" | "--data-binary" => data = value(),
            "-o" | "--output" | "-A" | "--user-agent" | "-e" | "--referer" | "-b" | "--cookie" => {
                drop(value());
            }
            _ if word.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("http")) => url = Some(word),
            _ => {}
        }
    }
    if let Some(data) = data {
        let content_type = headers
            .iter()
            .find(|(name, _): &&(Box<str>, Box<str>)| name.eq_ignore_ascii_case("content-type"));
        fields.extend(form_fields(content_type.map_or("", |(_, value)| value), &data));
    }
    match url {
        _ if !fields.is_empty() => Ok(SignedForm::new(url.as_deref(), fields)?.into()),
        Some(url) => {
            Ok(Subject::Url(Box::new(SignedRequest { url: SignedUrl::parse(&url)?, method, headers })))
        }
        None => Err(SubjectError::Curl),
    }
}

/// Splits `--form=a=b` and `-Fa=b` into the option and its value.
fn split_option(word: &str) -> (&str, Option<&str>) {
    if word.starts_with("--") {
        return word.split_once('=').map_or((word, None), |(option, value)| (option, Some(value)));
    }
    let is_short =
        word.starts_with('-') && word.get(..2).is_some_and(|it| ["-F", "-H", "-X", "-T"].contains(&it));
    match word.split_at_checked(2) {
        Some((option, value)) if is_short && !value.is_empty() => (option, Some(value)),
        _ => (word, None),
    }
}
