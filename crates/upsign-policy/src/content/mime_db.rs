//! The file extensions of every type in mime-db, the collection of the IANA, Apache and nginx lists.

use std::cmp::Ordering;

/// One line for each type that has extensions, sorted: the type, and its extensions, separated by spaces.
///
/// Made from the npm package mime-db 1.54.0 (MIT license, Copyright (c) 2014 Jonathan Ong, 2015-2022 Douglas Christopher
/// Wilson) by `crates/xtask/tools/mime-types.mjs`. Source: <https://github.com/jshttp/mime-db>.
const TYPES: &str = include_str!("../../assets/mime_types.txt");

/// Returns the extensions of a type without parameters. There are none if the database does not contain the type.
pub(crate) fn extensions<'a>(essence: &str) -> impl Iterator<Item = &'a str> + Clone + use<'a> {
    line(essence).unwrap_or_default().split_ascii_whitespace().skip(1)
}

/// Returns the first type whose preferred extension this is, otherwise the first with this extension.
pub(crate) fn type_of(extension: &str) -> Option<&'static str> {
    let types = || TYPES.lines().filter_map(|line| line.split_once(' '));
    let preferred = types().find(|(_, extensions)| extensions.split(' ').next() == Some(extension));
    let any = || types().find(|(_, extensions)| extensions.split(' ').any(|it| it == extension));
    preferred.or_else(any).map(|(name, _)| name)
}

/// Returns the line of a type, by a binary search over the lines. A space sorts before every character of a type, so the
/// lines are in the order of the types.
fn line(essence: &str) -> Option<&'static str> {
    let mut rest = TYPES;
    loop {
        // The line that contains the middle of the rest. All text is ASCII, so every index is a boundary.
        let (before, after) = rest.split_at_checked(rest.len() / 2)?;
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let end = before.len() + after.find('\n')? + 1;
        let line = rest.get(start..end)?;
        let name = line.split(' ').next()?;
        match name.cmp(essence) {
            Ordering::Equal => return Some(line),
            Ordering::Less => rest = rest.get(end..)?,
            Ordering::Greater => rest = rest.get(..start)?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::content_type::ContentType;
    use crate::content::extensions::is_extension;

    #[test]
    fn every_line_is_found_and_well_formed() {
        let mut count = 0;
        let mut previous = "";
        for text in TYPES.lines() {
            let mut words = text.split(' ');
            let name = words.next().unwrap();
            assert!(previous < name, "{name}");
            assert_eq!(name.parse::<ContentType>().unwrap().as_str(), name);
            assert!(extensions(name).eq(words.clone()), "{name}");
            assert!(words.clone().count() > 0 && words.all(is_extension), "{name}");
            (previous, count) = (name, count + 1);
        }
        assert_eq!(count, 1_008);
    }

    #[test]
    fn extensions_lead_to_types() {
        assert_eq!(type_of("mkv"), Some("video/x-matroska"));
        assert_eq!(type_of("nothing"), None);
        assert_eq!(type_of(""), None);
        for extension in TYPES.lines().flat_map(|line| line.split(' ').skip(1)) {
            let name = type_of(extension).unwrap();
            assert!(extensions(name).any(|it| it == extension), "{extension} {name}");
        }
    }

    #[test]
    fn other_types_have_no_extensions() {
        for name in [
            "",
            "a",
            "application/0",
            "application/x-new",
            "image/",
            "image/jpeg ",
            "zzz/zzz",
            "image/jpeg jpg",
        ] {
            assert_eq!(extensions(name).next(), None, "{name}");
        }
    }
}
