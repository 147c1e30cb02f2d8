//! Every key of the file: its section, type, environment variable and description.

mod aliases;
pub(crate) mod schema;

/// Builds [`KEYS`](table::KEYS). Each entry is `section.name: Shape, "VARIABLE", "description"[, [possible values]];`. The section of a
/// key that stands above all sections is `_`.
macro_rules! keys {
    ($($section:tt.$name:ident: $shape:ident, $variable:literal, $description:literal $(, $values:tt)?;)*) => {
        /// Every key, in the order of the manual.
        pub(crate) const KEYS: &[Key] = &[$(Key {
            section: stringify!($section),
            name: stringify!($name),
            shape: Shape::$shape,
            variable: $variable,
            description: $description,
            values: keys!(@values $($values)?),
        }),*];
    };
    (@values) => { &[] };
    (@values $values:tt) => { &$values };
}

mod table;

pub(crate) use aliases::{difference, meant_by};
pub(crate) use table::KEYS;

/// A key of `upsign.toml`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    pub(crate) section: &'static str,
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    /// The environment variable that overrides it.
    pub(crate) variable: &'static str,
    /// The description in the manual and in the schema.
    pub(crate) description: &'static str,
    /// Every possible value, if there are only a few; otherwise empty.
    pub(crate) values: &'static [&'static str],
}

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A string.
    Text,
    /// A list of strings; in a variable, separated by commas.
    Texts,
    /// `true` or `false`.
    Flag,
    /// A whole number.
    Count,
    /// A string with a unit, or a whole number.
    Amount,
    /// A table of strings; in a variable, `name=value` separated by commas.
    Table,
    /// A table of whole numbers; in a variable, `name=number` separated by commas.
    Counts,
    /// A table of `true` and `false`; in a variable, `name=true` separated by commas.
    Flags,
    /// A table of lists of strings; in a variable, `name=value|value` separated by commas.
    Lists,
    /// A list of strings, or the string `any`.
    TextsOrAny,
    /// A string, or a table of strings.
    TextOrTable,
    /// A table with a mode and a number of days; in a variable, `mode=governance,days=30`.
    Retention,
}

impl Key {
    /// Returns the complete name, for example `bucket.name`, or `dialects` for a key above all sections.
    pub(crate) fn path(&self) -> String {
        if self.section == TOP { self.name.to_owned() } else { format!("{}.{}", self.section, self.name) }
    }

    /// Returns whether the key is of one issuer, so that each `[[auth]]` has its own.
    pub(crate) fn is_of_one_issuer(&self) -> bool {
        self.section == AUTH && !OF_THE_API.contains(&self.name)
    }

    /// Returns whether the key names where secrets are, so that a text which is no such name may be a secret.
    pub(crate) fn is_list_of_secrets(&self) -> bool {
        matches!(
            (self.section, self.name),
            ("token", "keys") | ("webhook", "secrets") | ("cloudfront", "private_key")
        )
    }

    /// Returns the name of the key in a `[route.NAME]` section, or `None` if routes do not have it. A route has every key of
    /// `[upload]`, and can override the keys of `[bucket]`.
    pub(crate) fn name_in_route(&self) -> Option<&'static str> {
        match (self.section, self.name) {
            ("bucket", "name") => Some("bucket"),
            ("bucket" | "upload", name) => Some(name),
            _ => None,
        }
    }
}

/// The section of the keys that stand above all sections. No section of a file has this name.
pub(crate) const TOP: &str = "_";

/// The name of the section that contains the routes, as in `[route.avatars]`.
pub(crate) const ROUTE: &str = "route";

/// The section of the issuers, which can occur several times, as `[[auth]]`.
pub(crate) const AUTH: &str = "auth";

/// The keys of `[auth]` about the whole API. With several issuers, the first `[[auth]]` has them.
const OF_THE_API: [&str; 5] =
    ["source", "token_header", "accept_raw_authorization", "max_token_size", "fetch_timeout"];

/// Returns the section of a complete name without the number of an issuer: `auth` for `auth[1]`.
pub(crate) fn base_section(section: &str) -> &str {
    section.split_once('[').map_or(section, |(base, _)| base)
}

/// Returns the key with this name in a route.
pub(crate) fn in_route(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name_in_route() == Some(name))
}

/// Returns the keys that stand above all sections.
pub(crate) fn at_top() -> impl Iterator<Item = &'static Key> + Clone {
    KEYS.iter().filter(|key| key.section == TOP)
}

/// Returns the names of the sections, each once, in the order of the manual.
pub(crate) fn sections() -> impl Iterator<Item = &'static str> + Clone {
    let firsts = KEYS
        .iter()
        .enumerate()
        .filter(|(index, key)| !KEYS.iter().take(*index).any(|before| before.section == key.section));
    firsts.map(|(_, key)| key.section).filter(|section| *section != TOP)
}

/// Returns the known name with the smallest edit distance, if it is similar enough for a misspelling.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > 64 {
        return None;
    }
    let scored = known.map(|known| (strsim::damerau_levenshtein(name, known), known));
    let (distance, known) = scored.min()?;
    (distance <= 1 + known.len() / 4).then_some(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn description_of_the_source_lists_the_keys_of_the_whole_api() {
        for name in OF_THE_API {
            assert!(KEYS.iter().any(|key| key.section == AUTH && key.name == name), "{name}");
        }
        let source = KEYS.iter().find(|key| key.path() == "auth.source").unwrap();
        let (last, others) = OF_THE_API.split_last().unwrap();
        let list = format!("With several issuers, {} and {last} stand in the first", others.join(", "));
        assert!(source.description.contains(&list), "{}", source.description);
    }
}
