//! The dialects that the API answers: the key `dialects`, which stands above all sections.

use upsign_core::Dialect;
use upsign_documents::AuthSource;

use super::values::Reader;
use crate::auth::Auth;
use crate::auth_source::derive;
use crate::config::RouteConfig;
use crate::deployment::DeploymentConfig;
use crate::keys::nearest;
use crate::source::finding::{Finding, shown};
use crate::warning::{Warning, WarningCode};

const DIALECTS: &str = "dialects";

/// What people write for a dialect, in lower case and without `-`, `_`, `@`, `/` and spaces.
const OTHER_NAMES: &[(&str, Dialect)] = &[
    ("activestoragedirectupload", Dialect::ActiveStorage),
    ("awss3", Dialect::Uppy),
    ("betteruploads", Dialect::BetterUpload),
    ("git", Dialect::GitLfs),
    ("lfs", Dialect::GitLfs),
    ("rails", Dialect::ActiveStorage),
    ("uppy4", Dialect::Companion),
    ("uppy5", Dialect::Companion),
    ("uppy6", Dialect::Uppy),
    ("uppyawss3", Dialect::Uppy),
    ("uppycompanion", Dialect::Companion),
];

impl Reader {
    /// Reads the list of dialects. Unknown names and repetitions are reported.
    pub(super) fn dialects(&mut self) -> Vec<Dialect> {
        let mut dialects = Vec::new();
        for (index, text) in self.texts(DIALECTS).unwrap_or_default().iter().enumerate() {
            match text.parse::<Dialect>() {
                Ok(dialect) if dialects.contains(&dialect) => {
                    let finding = Finding::invalid(format!("\"{dialect}\" is listed twice"));
                    self.report_item(DIALECTS, index, finding.help("remove one of them"));
                }
                Ok(dialect) => dialects.push(dialect),
                Err(_) => {
                    let finding = Finding::invalid(format!("{} is not the name of a dialect", shown(text)));
                    let help = match meant_by(text) {
                        Some(meant) => self.replacement(DIALECTS, index, meant.name()),
                        None => format!("the dialects are {}", names()),
                    };
                    self.report_item(DIALECTS, index, finding.help(help));
                }
            }
        }
        dialects
    }

    /// Warns about a dialect whose client cannot pass the authorizer of the generated API. Returns the warning if the file does not
    /// describe a deployment: a server verifies the tokens itself.
    ///
    /// git-lfs sends the token as the password of Basic, which an authorizer does not read.
    pub(super) fn judge_deployed_dialects(
        &mut self,
        values: &DeploymentConfig,
        dialects: &[Dialect],
        auth: Option<&Auth>,
        routes: &[RouteConfig],
    ) -> Vec<Warning> {
        let verifies = |auth: &Auth| match auth.source {
            Some(source) => source == AuthSource::Token,
            None => derive(values.api, auth, routes).is_err(),
        };
        if !dialects.contains(&Dialect::GitLfs) || auth.is_none_or(verifies) {
            return Vec::new();
        }
        let others = std::mem::take(&mut self.raw.warnings);
        let message = "git-lfs sends the token as a password, which the authorizer of the API refuses: the function must verify \
                       tokens itself";
        let help = "write source = \"token\" in [auth]";
        self.warn(WarningCode::UnreachableDialect, DIALECTS, None, message, help);
        let found = std::mem::replace(&mut self.raw.warnings, others);
        if self.describes_deployment() {
            self.raw.warnings.extend(found);
            return Vec::new();
        }
        found
    }
}

/// Returns the dialect that a name probably means.
fn meant_by(text: &str) -> Option<Dialect> {
    let is_ignored = |character: char| matches!(character, '-' | '_' | '@' | '/' | ' ' | '.');
    let plain = |text: &str| text.to_ascii_lowercase().replace(is_ignored, "");
    let text = plain(text);
    let known = Dialect::ALL.iter().copied();
    let same = known.clone().find(|dialect| plain(dialect.name()) == text);
    let other = || OTHER_NAMES.iter().find(|(name, _)| *name == text).map(|(_, dialect)| *dialect);
    let near = || nearest(&text, Dialect::ALL.iter().map(|dialect| dialect.name()))?.parse().ok();
    same.or_else(other).or_else(near).filter(|meant| Dialect::ALL.contains(meant))
}

/// Returns the names of all dialects, each in quotes.
fn names() -> String {
    let names: Vec<String> = Dialect::ALL.iter().map(|dialect| format!("\"{dialect}\"")).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_names_are_sorted_and_no_dialects() {
        assert!(OTHER_NAMES.is_sorted_by_key(|(name, _)| *name));
        for (name, _) in OTHER_NAMES {
            assert!(name.parse::<Dialect>().is_err(), "{name}");
        }
    }

    #[test]
    fn misspelled_names_mean_the_nearest_dialect() {
        let found = |text: &str| meant_by(text).map(Dialect::name);
        for text in ["Uppy", "upy", "uppy6", "@uppy/aws-s3", "uppy 6"] {
            assert_eq!(found(text), Some("uppy"), "{text}");
        }
        for text in ["", "tus", "plupload", &"x".repeat(100)] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
