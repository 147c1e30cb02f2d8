//! Every key of the file: its section, its shape, the variable that overrides it, what it is.

mod table;

pub(crate) use table::KEYS;

/// A key of `upsign.toml`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    pub(crate) section: &'static str,
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    /// The environment variable that overrides it.
    pub(crate) variable: &'static str,
    /// What it is, in a sentence.
    pub(crate) about: &'static str,
    /// All that it can be, where that is a short list.
    pub(crate) values: &'static [&'static str],
}

/// What a value looks like.
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
    /// A table of lists of strings; in a variable, `name=value|value` separated by commas.
    Lists,
}

impl Key {
    pub(crate) fn path(&self) -> String {
        format!("{}.{}", self.section, self.name)
    }

    /// Whether a `[route.NAME]` has it too, and under which name: a route says for itself what `[upload]` says, and may
    /// have a bucket of its own.
    pub(crate) fn name_in_route(&self) -> Option<&'static str> {
        match (self.section, self.name) {
            ("bucket", "name") => Some("bucket"),
            ("bucket" | "upload", name) => Some(name),
            _ => None,
        }
    }
}

/// The section of routes: `[route.avatars]`.
pub(crate) const ROUTE: &str = "route";

/// The key of this name in a route.
pub(crate) fn in_route(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name_in_route() == Some(name))
}

/// The sections, each once, in the order of the manual.
pub(crate) fn sections() -> impl Iterator<Item = &'static str> + Clone {
    let firsts = KEYS
        .iter()
        .enumerate()
        .filter(|(index, key)| !KEYS.iter().take(*index).any(|before| before.section == key.section));
    firsts.map(|(_, key)| key.section)
}

/// The nearest known name, when one is near enough to be a slip of the hand.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > 64 {
        return None;
    }
    let scored = known.map(|known| (strsim::damerau_levenshtein(name, known), known));
    let (distance, known) = scored.min()?;
    (distance <= 1 + known.len() / 4).then_some(known)
}
