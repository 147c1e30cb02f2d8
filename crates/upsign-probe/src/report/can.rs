//! The table `[bucket.can]` of `upsign.toml`.

use std::fmt::Write as _;

use upsign_core::Capabilities;

use crate::catalog;
use crate::report::Report;
use crate::report::finding::Holds;

/// Keys of the table that one finding decides.
const SINGLE: [&str; 11] = [
    "post",
    "if_none_match",
    "if_match",
    "kms",
    "expected_bucket_owner",
    "website_redirect",
    "copy_source_if_match",
    "copy_if_none_match",
    "complete_if_none_match",
    "object_size",
    "acl",
];

/// Keys that cannot be `true` after a run, and those of which only the contrary can be found.
const UNDECIDED: [&str; 2] = ["object_lock", "cors_wildcard"];

/// A line of the table.
enum Line {
    Value(&'static str, bool),
    /// What the table cannot say.
    Comment(&'static str, String),
}

impl Report {
    /// Returns the table `[bucket.can]`, which `upsign.toml` can contain. What was not decided is a comment, never a value, and so is what
    /// the table cannot express, such as some checksums out of all; the profile of the store then still applies.
    #[must_use]
    pub fn can_table(&self, profile: &Capabilities) -> String {
        let mut lines: Vec<Line> = SINGLE.into_iter().map(|name| self.single(name)).collect();
        lines.push(self.tags(profile));
        lines.push(self.storage_class());
        lines.push(self.checksums());
        lines.push(self.full_object());
        lines.extend(UNDECIDED.into_iter().map(|name| self.single(name)));
        let mut table = String::from("[bucket.can]\n");
        for line in &lines {
            // Writing to a String does not fail.
            let _ = match line {
                Line::Value(name, has) => writeln!(table, "{name} = {has}"),
                Line::Comment(name, text) => writeln!(table, "# {name}: {text}"),
            };
        }
        table
    }

    fn single(&self, name: &'static str) -> Line {
        match self.finding(name) {
            Some(finding) => match finding.holds.decided() {
                Some(has) => Line::Value(name, has),
                None => Line::Comment(name, format!("unknown, {}", finding.evidence)),
            },
            None => Line::Comment(name, NOT_TRIED.to_owned()),
        }
    }

    /// The key stands for tags of objects and of versions.
    fn tags(&self, profile: &Capabilities) -> Line {
        match (self.decided("tags"), self.decided("object_tags_by_version")) {
            (Some(false), _) => Line::Value("tags", false),
            (Some(true), Some(true)) => Line::Value("tags", true),
            (Some(true), None) if profile.object_tags_by_version => Line::Value("tags", true),
            (Some(true), by_version) => {
                let text = if by_version.is_none() { "unknown" } else { "no" };
                Line::Comment("tags", format!("yes for objects, {text} for single versions"))
            }
            (None, _) => self.single("tags"),
        }
    }

    /// One class was tried, and the key stands for every class.
    fn storage_class(&self) -> Line {
        match self.finding("storage_class").map(|finding| finding.holds) {
            Some(Holds::Yes) => {
                Line::Comment("storage_class", "REDUCED_REDUNDANCY is kept; others were not tried".to_owned())
            }
            Some(Holds::No) => Line::Comment(
                "storage_class",
                "REDUCED_REDUNDANCY is not kept; others were not tried".to_owned(),
            ),
            _ => self.single("storage_class"),
        }
    }

    /// The key stands for every checksum, in PUTs, forms and parts.
    fn checksums(&self) -> Line {
        let puts = catalog::of_puts().map(|name| (format!("checksums.put.{name}"), name));
        let parts = catalog::of_parts().map(|name| (format!("checksums.part.{name}"), name));
        let found = |(capability, name): (String, &'static str)| (name, self.decided(&capability));
        let (puts, parts): (Vec<_>, Vec<_>) = (puts.map(found).collect(), parts.map(found).collect());
        let in_forms = self.decided("form_checksums");
        let all = |wanted| {
            let is = |(_, found): &(&str, Option<bool>)| *found == Some(wanted);
            puts.iter().all(is) && parts.iter().all(is) && (in_forms == Some(wanted) || !self.has_forms())
        };
        if all(true) || all(false) {
            return Line::Value("checksums", all(true));
        }
        let text = format!("PUT {}; parts {}; forms {}", listed(&puts), listed(&parts), word(in_forms));
        Line::Comment("checksums", text)
    }

    fn has_forms(&self) -> bool {
        self.decided("post") != Some(false)
    }

    fn full_object(&self) -> Line {
        let found =
            catalog::FULL_OBJECT.map(|name| (name, self.decided(&format!("full_object_checksums.{name}"))));
        let all = |wanted| found.iter().all(|(_, found)| *found == Some(wanted));
        if all(true) || all(false) {
            return Line::Value("full_object_checksums", all(true));
        }
        Line::Comment("full_object_checksums", listed(&found))
    }
}

const NOT_TRIED: &str = "unknown, not tried";

/// Returns the names that were found to be verified, and those that are unknown.
fn listed(found: &[(&str, Option<bool>)]) -> String {
    let names = |wanted| {
        let names = found.iter().filter(|(_, found)| *found == wanted).map(|(name, _)| *name);
        names.collect::<Vec<_>>().join(", ")
    };
    let of = |title: &str, names: String| (!names.is_empty()).then(|| format!("{title} {names}"));
    let texts = [of("yes", names(Some(true))), of("no", names(Some(false))), of("unknown", names(None))];
    texts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

const fn word(found: Option<bool>) -> &'static str {
    match found {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    }
}
