//! A reader of error documents: flat, bounded, and tolerant of a missing end.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::StoreError;

/// The largest number of elements. S3's longest error has about fifteen.
const MAX_ELEMENTS: usize = 256;

/// Reads the children of `<Error>`, which may be inside of other elements, such as `<ErrorResponse>`.
///
/// Entities other than the predefined ones are dropped, so nothing is expanded.
pub(super) fn read(text: &str) -> Option<StoreError> {
    let text = text.trim_start_matches('\u{feff}').trim_ascii();
    if !text.starts_with('<') {
        return None;
    }
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    let mut found = StoreError::default();
    let (mut in_error, mut open, mut depth) = (false, None::<(Box<str>, String)>, 0_usize);
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                let name = String::from_utf8_lossy(start.local_name().as_ref()).into_owned();
                depth += 1;
                if name == "Error" {
                    in_error = true;
                } else if in_error {
                    open = Some((name.into(), String::new()));
                } else if depth > 4 || name.eq_ignore_ascii_case("html") {
                    return None;
                }
            }
            Ok(Event::End(end)) => {
                depth = depth.saturating_sub(1);
                if end.local_name().as_ref() == b"Error" {
                    found.is_complete = true;
                    return Some(found);
                }
                if let Some((name, text)) = open.take() {
                    found.elements.push((name, text.into()));
                }
                if found.elements.len() >= MAX_ELEMENTS {
                    return Some(found);
                }
            }
            Ok(Event::Text(part)) => append(&mut open, part.decode().ok().as_deref()),
            Ok(Event::CData(part)) => append(&mut open, part.decode().ok().as_deref()),
            Ok(Event::GeneralRef(reference)) => {
                let character = reference.resolve_char_ref().ok().flatten().map(String::from);
                let name = reference.decode().unwrap_or_default();
                let named = quick_xml::escape::resolve_predefined_entity(&name).map(str::to_owned);
                append(&mut open, character.or(named).as_deref());
            }
            Ok(Event::Eof) | Err(_) => return in_error.then_some(found),
            Ok(_) => {}
        }
    }
}

fn append(open: &mut Option<(Box<str>, String)>, part: Option<&str>) {
    if let (Some((_, text)), Some(part)) = (open, part) {
        text.push_str(part);
    }
}
