//! Claims that contain a list, such as groups and scopes, and their spellings.

use std::str::FromStr;

use crate::claims::Claim;

/// A claim that contains a list of names: which claim, and how it spells the list.
///
/// ```
/// use upsign_jwt::{ListClaim, ListForm};
/// // A user pool that copies the groups of a company directory into an attribute.
/// let groups = ListClaim::new("custom:groups", ListForm::Bracket);
/// # let _ = groups;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListClaim {
    name: Box<str>,
    form: ListForm,
}

/// The spelling of a list in a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ListForm {
    /// A JSON list: `["a", "b"]`.
    Json,
    /// A text with commas: `"a,b"`. Spaces around a name are dropped.
    Comma,
    /// A text with spaces: `"a b"`, as RFC 6749, section 3.3, spells scopes. Its names contain no `"`, so a JSON list
    /// is not read as one.
    Space,
    /// A text in brackets, with commas or spaces between the names: `"[a, b]"` or `"[a b]"`.
    ///
    /// Amazon Cognito spells an attribute so that it has mapped from several values of a company directory, and encodes
    /// characters of a name other than letters, digits, `.`, `-`, `*` and `_` as in a URL. Names are compared as they are sent.
    ///
    /// Source: Amazon Cognito developer guide, "Mapping IdP attributes to profiles and tokens",
    /// <https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-specifying-attribute-mapping.html>.
    Bracket,
}

/// The text is not the name of a [`ListForm`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the form of a list is `json`, `comma`, `space` or `bracket`")]
#[non_exhaustive]
pub struct InvalidListForm;

impl FromStr for ListForm {
    type Err = InvalidListForm;

    fn from_str(name: &str) -> Result<Self, InvalidListForm> {
        [Self::Json, Self::Comma, Self::Space, Self::Bracket]
            .into_iter()
            .find(|form| form.as_str() == name)
            .ok_or(InvalidListForm)
    }
}

upsign_core::text_type!(@borrowed ListForm);

impl ListForm {
    /// Returns `json`, `comma`, `space` or `bracket`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Comma => "comma",
            Self::Space => "space",
            Self::Bracket => "bracket",
        }
    }

    /// Returns the names, or `None` if the claim has another form.
    fn read<'a>(self, claim: Claim<'a>) -> Option<Vec<&'a str>> {
        match (self, claim) {
            (Self::Json, Claim::Strings(names)) => Some(names),
            (Self::Comma, Claim::String(text)) => names(text, ','),
            (Self::Space, Claim::String(text)) if !text.contains('"') => {
                Some(text.split(' ').filter(|name| !name.is_empty()).collect())
            }
            (Self::Bracket, Claim::String(text)) => bracketed(text),
            _ => None,
        }
    }
}

impl ListClaim {
    /// Describes the claim `name`, spelled as `form`.
    ///
    /// If the token has no claim of this name and the name contains dots, it is a path: `realm_access.roles` is the member
    /// `roles` of the claim `realm_access`.
    #[must_use]
    pub fn new(name: impl Into<Box<str>>, form: ListForm) -> Self {
        Self { name: name.into(), form }
    }

    /// Returns the name of the claim.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns whether the name is a path to a claim within a claim, such as `realm_access.roles` of Keycloak: it contains a dot
    /// and no colon.
    ///
    /// A name with a colon is that of one claim: `custom:team.name` of Cognito, or a URL, as Auth0 requires for custom claims.
    ///
    /// ```
    /// use upsign_jwt::{ListClaim, ListForm};
    /// assert!(ListClaim::new("realm_access.roles", ListForm::Json).is_path());
    /// assert!(!ListClaim::new("https://acme.example/roles", ListForm::Json).is_path());
    /// ```
    #[must_use]
    pub fn is_path(&self) -> bool {
        self.name.contains('.') && !self.name.contains(':')
    }

    /// Returns the spelling.
    #[must_use]
    pub const fn form(&self) -> ListForm {
        self.form
    }

    /// Returns the names in the claim, or what the form requires if it has another one.
    pub(crate) fn read<'a>(&self, claim: Claim<'a>) -> Result<Vec<&'a str>, &'static str> {
        let expected = match self.form {
            ListForm::Json => "a list of strings",
            ListForm::Comma => "names with commas between them",
            ListForm::Space => "names with spaces between them",
            ListForm::Bracket => "names in brackets: [a b]",
        };
        self.form.read(claim).ok_or(expected)
    }
}

/// Splits a text into names. Returns `None` if a name is empty, because another reader could then see another list.
fn names(text: &str, separator: char) -> Option<Vec<&str>> {
    if text.trim().is_empty() {
        return Some(Vec::new());
    }
    let names: Vec<&str> = text.split(separator).map(str::trim).collect();
    names.iter().all(|name| !name.is_empty()).then_some(names)
}

fn bracketed(text: &str) -> Option<Vec<&str>> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    // A JSON list in a text, or a list in a list, has another form.
    if inner.contains(['[', ']', '"']) {
        return None;
    }
    names(inner, if inner.contains(',') { ',' } else { ' ' })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(form: ListForm, text: &str, expected: Option<&[&str]>) {
        assert_eq!(form.read(Claim::String(text)).as_deref(), expected, "{text:?} as {form}");
    }

    #[test]
    fn every_form_of_a_list() {
        check(ListForm::Json, "a", None);
        check(ListForm::Comma, "a,b c", Some(&["a", "b c"]));
        check(ListForm::Comma, " a , b ", Some(&["a", "b"]));
        check(ListForm::Comma, "", Some(&[]));
        check(ListForm::Comma, "a,,b", None);
        check(ListForm::Comma, "a,", None);
        check(ListForm::Space, "a  b", Some(&["a", "b"]));
        check(ListForm::Space, "", Some(&[]));
        check(ListForm::Bracket, "[a b]", Some(&["a", "b"]));
        check(ListForm::Bracket, "[a, b]", Some(&["a", "b"]));
        check(ListForm::Bracket, "[a,b]", Some(&["a", "b"]));
        check(ListForm::Bracket, "[a]", Some(&["a"]));
        check(ListForm::Bracket, "[]", Some(&[]));
        for other in ["", "a", "a b", "[a", "a]", "[a  b]", "[a,,b]", "[[a] b]", "[\"a\",\"b\"]"] {
            check(ListForm::Bracket, other, None);
        }
        let list = || Claim::Strings(vec!["a"]);
        assert_eq!(ListForm::Json.read(list()), Some(vec!["a"]));
        for form in [ListForm::Comma, ListForm::Space, ListForm::Bracket] {
            assert_eq!(form.read(list()), None);
        }
    }

    #[test]
    fn forms_have_names() {
        for form in ["json", "comma", "space", "bracket"] {
            assert_eq!(form.parse::<ListForm>().map(ListForm::as_str), Ok(form));
        }
        assert!("list".parse::<ListForm>().is_err());
    }
}
