//! The answers of services, and fields as JSON.

use upsign_json::{Json, Limits, Object, read as read_json};

use crate::form::{FormField, SignedForm};
use crate::subject::{SignedRequest, Subject, SubjectError};
use crate::url::SignedUrl;

const LIMITS: Limits = Limits::new(Subject::MAX_BYTES, 16);

pub(super) fn read(text: &str) -> Result<Subject, SubjectError> {
    let document = read_json(text.as_bytes(), LIMITS).map_err(SubjectError::Json)?;
    let Some(object) = document.as_object() else {
        return Ok(SignedForm::new(None, pairs(&document).ok_or(SubjectError::OtherJson)?)?.into());
    };
    let text_of = |name: &str| object.get(name).and_then(Json::as_str);
    let url = text_of("uploadUrl").or_else(|| text_of("url"));
    if let Some(fields) = object.get("fields") {
        return Ok(SignedForm::new(url, pairs(fields).ok_or(SubjectError::OtherJson)?)?.into());
    }
    if let Some(url) = url {
        let headers = object.get("headers").and_then(pairs).unwrap_or_default();
        return Ok(Subject::Url(Box::new(SignedRequest {
            url: SignedUrl::parse(url)?,
            method: text_of("method").map(Into::into),
            headers: headers.into_iter().map(|field| (field.name, field.value)).collect(),
        })));
    }
    if object.get("log").and_then(Json::as_object).is_some_and(|log| log.contains("entries")) {
        return Err(SubjectError::Har);
    }
    if text_of("method") == Some("MULTIPART") || object.contains("uploadToken") {
        return Err(SubjectError::Multipart);
    }
    if is_form(object) {
        return Ok(SignedForm::new(None, pairs(&document).ok_or(SubjectError::OtherJson)?)?.into());
    }
    Err(SubjectError::OtherJson)
}

/// Returns whether a member belongs to a signed form.
fn is_form(object: &Object<'_>) -> bool {
    let known = ["policy", "x-amz-signature", "x-amz-credential", "x-goog-signature", "awsaccesskeyid"];
    object.into_iter().any(|(name, _)| known.contains(&&*name.to_ascii_lowercase()))
}

/// Reads names and values: `{"name":"value"}`, `[["name","value"]]` or `[{"name":"…","value":"…"}]`.
fn pairs(json: &Json<'_>) -> Option<Vec<FormField>> {
    let value_of = |value: &Json<'_>| match value {
        Json::String(text) => Some(text.to_string()),
        Json::Number(number) => Some(number.text().to_owned()),
        _ => None,
    };
    if let Some(object) = json.as_object() {
        let fields = object.into_iter().map(|(name, value)| Some(FormField::new(name, &value_of(value)?)));
        return fields.collect();
    }
    let fields = json.as_array()?.iter().map(|pair| {
        let (name, value) = match (pair.as_array(), pair.as_object()) {
            (Some([name, value]), _) => (name.as_str()?, value_of(value)?),
            (_, Some(object)) => (object.get("name")?.as_str()?, value_of(object.get("value")?)?),
            _ => return None,
        };
        Some(FormField::new(name, &value))
    });
    fields.collect()
}
