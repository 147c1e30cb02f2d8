//! Explains syntax errors of TOML.
//!
//! One mistake makes a parser report several errors, and half of them far from the mistake. Only one is kept: the one that a
//! person would correct first.

use std::ops::Range;

use toml::de::Error;

/// A syntax error in words.
pub(super) struct SyntaxError {
    pub(super) span: Range<usize>,
    /// What is wrong at this place.
    pub(super) message: String,
    /// The next step, or empty.
    pub(super) help: String,
}

impl SyntaxError {
    fn new(span: Range<usize>, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: help.into() }
    }
}

/// Returns the explanation of the mistake that `errors` result from. `errors` are in the parser's order, and not empty.
pub(super) fn explain(text: &str, errors: &[Error]) -> Option<SyntaxError> {
    let earliest = errors.iter().filter_map(Error::span).map(|span| span.start).min()?;
    let first = errors.first()?;
    if let Some(nul) = text.find('\0') {
        let help = "save it as UTF-8 without NUL characters";
        return Some(SyntaxError::new(
            nul..nul,
            "this is not a text file: it has a NUL character here",
            help,
        ));
    }
    if text.trim_start().starts_with('{') {
        let help = "the file is TOML, with sections such as [bucket] and lines such as name = \"value\"; an example: upsign init -";
        let start = text.len() - text.trim_start().len();
        return Some(SyntaxError::new(start..start + 1, "this is JSON", help));
    }
    let (line, line_start) = line_around(text, earliest);
    if ["<<<<<<<", "=======", ">>>>>>>"].iter().any(|marker| line.starts_with(marker)) {
        let help = "resolve the merge conflict, and remove the lines with <<<<<<<, ======= and >>>>>>>";
        return Some(SyntaxError::new(line_start..line_start + 7, "this is a merge conflict", help));
    }
    if let Some(found) = unclosed_list(text, errors, earliest) {
        return Some(found);
    }
    Some(explain_one(text, first, line, line_start))
}

fn explain_one(text: &str, error: &Error, line: &str, line_start: usize) -> SyntaxError {
    let span = error.span().unwrap_or(line_start..line_start);
    let found = text.get(span.clone()).unwrap_or_default();
    let message = error.message();
    let at = |message: String, help: String| SyntaxError::new(span.clone(), message, help);
    if message.starts_with("key with no value") {
        return without_equals(line, line_start, span);
    }
    if message.starts_with("string values must be quoted") || message.starts_with("invalid boolean") {
        return unquoted(line, span.clone(), found);
    }
    if message.starts_with("unexpected key or value") {
        return after_value(line, line_start, span);
    }
    if message.starts_with("duplicate key") {
        return duplicate(text, line, line_start, found, span);
    }
    if message.contains("string, expected non-") {
        let code = found.chars().next().map_or(0, u32::from);
        return at(
            format!("the string contains the control character U+{code:04X}"),
            "remove it; a line break is written \\n".into(),
        );
    }
    if message.starts_with("invalid") && message.contains("string, expected") {
        let quote = if message.contains("literal") { '\'' } else { '"' };
        let line = line.split(" #").next().unwrap_or_default().trim();
        let help = if line.contains(quote) { format!("write {line}{quote}") } else { String::new() };
        return at("the closing quote is missing".into(), help);
    }
    if message.contains("escaped value") || message.contains("unicode value digits") {
        let help = "write \\\\ for a backslash, or put the value in single quotes: 'C:\\path'".to_owned();
        return at("the backslash starts an escape that does not exist".into(), help);
    }
    if message.starts_with("unclosed table") || message.starts_with("unclosed array table") {
        let name = line.split('#').next().unwrap_or_default().trim();
        let close = if name.starts_with("[[") { "" } else { "]" };
        let help =
            if close.is_empty() || name.len() < 2 { String::new() } else { format!("write {name}{close}") };
        return at("the ] after the name of the section is missing".into(), help);
    }
    if message.starts_with("unclosed inline table") || message.contains("between key-value pairs") {
        let help =
            "write pairs between { and }, separated by commas: { name = \"value\", other = \"value\" }";
        return at("a , or the closing } is missing before this".into(), help.into());
    }
    if message.starts_with("missing comma between array elements") {
        let help = with_comma(line, span.start.saturating_sub(line_start)).unwrap_or_default();
        return at("a , is missing between the items of the list".into(), help);
    }
    if message.starts_with("extra comma") {
        return at("there is one , too many".into(), String::new());
    }
    if message.starts_with("unquoted keys cannot be empty") {
        return at("a name is missing here".into(), String::new());
    }
    if message.starts_with("invalid unquoted key") {
        return at("a name consists of letters, digits, - and _".into(), String::new());
    }
    if message.starts_with("unexpected leading zero") {
        return at("a number must not start with 0".into(), String::new());
    }
    if message.starts_with("carriage return") {
        let help = "save the file with line ends of Unix (LF) or Windows (CR LF)";
        return at("the line ends in a carriage return without a line feed".into(), help.into());
    }
    at(message.trim().to_owned(), String::new())
}

/// Explains a line that has a name but no `=`.
fn without_equals(line: &str, line_start: usize, span: Range<usize>) -> SyntaxError {
    let indent = line.len() - line.trim_start().len();
    let rest = line.trim();
    let is_name = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '"');
    let name_len = rest.find(|character| !is_name(character)).unwrap_or(rest.len());
    let (name, after) = rest.split_at_checked(name_len).unwrap_or((rest, ""));
    let start = line_start + indent + name_len;
    if after.trim_start().starts_with(':') {
        let colon = start + (after.len() - after.trim_start().len());
        let value = after.trim_start().trim_start_matches(':').trim();
        let help = if value.is_empty() {
            format!("write a section as [{name}], and a value as name = \"value\"")
        } else {
            format!("write {name} = {value}")
        };
        return SyntaxError::new(colon..colon + 1, "this is YAML: TOML has an = instead of the colon", help);
    }
    if after.trim().is_empty() {
        let message = "an = and a value are missing here";
        return SyntaxError::new(span, message, format!("write {name} = \"value\", or remove the line"));
    }
    let value = start + (after.len() - after.trim_start().len());
    let after = after.split(" #").next().unwrap_or_default().trim();
    let help = if name.is_empty() { String::new() } else { format!("write {name} = {after}") };
    SyntaxError::new(value..value, "an = is missing here", help)
}

/// Explains a value without quotes.
fn unquoted(line: &str, span: Range<usize>, found: &str) -> SyntaxError {
    let name = line.split('=').next().unwrap_or_default().trim();
    let found = found.trim();
    match found.to_ascii_lowercase().as_str() {
        "" => SyntaxError::new(
            span,
            "the value is missing here",
            format!("write {name} = \"value\", or remove the line"),
        ),
        "true" | "yes" | "on" | "tru" => {
            SyntaxError::new(span, "the word is true, in lower case", format!("write {name} = true"))
        }
        "false" | "no" | "off" => {
            SyntaxError::new(span, "the word is false, in lower case", format!("write {name} = false"))
        }
        _ if found.starts_with(['“', '”', '„', '‘', '’', '«']) => {
            let value = found.trim_matches(|character: char| "“”„‘’«»".contains(character));
            let message = "these are typographic quotation marks";
            SyntaxError::new(span, message, format!("write straight ones: {name} = \"{value}\""))
        }
        _ => SyntaxError::new(span, "the value needs quotes", format!("write {name} = \"{found}\"")),
    }
}

/// Explains what follows a complete value on the same line.
fn after_value(line: &str, line_start: usize, span: Range<usize>) -> SyntaxError {
    let offset = span.start.saturating_sub(line_start);
    let (before, after) = line.split_at_checked(offset).unwrap_or((line, ""));
    let after = after.trim();
    if after.starts_with(',')
        && let Some((name, value)) = before.split_once('=')
    {
        let (name, value) = (name.trim(), format!("{}{after}", value.trim()));
        let help = match value.strip_suffix(',') {
            Some(value) => format!("remove the comma: {name} = {value}"),
            None => format!("write a list in brackets: {name} = [{value}]"),
        };
        return SyntaxError::new(
            span.start..span.start + 1,
            "one value must not be followed by a comma",
            help,
        );
    }
    if before.trim_start().starts_with('[') {
        return SyntaxError::new(span, "nothing can follow the name of a section", "start a new line here");
    }
    let help = if after.starts_with("//") || after.starts_with(';') {
        "a comment starts with #"
    } else if after.contains('=') {
        "start a new line here"
    } else {
        "put the whole value between two quotes"
    };
    SyntaxError::new(span, "the value has ended, but the line goes on", help)
}

/// Explains a key or a section that occurs twice, with the line of the first.
fn duplicate(text: &str, line: &str, line_start: usize, found: &str, span: Range<usize>) -> SyntaxError {
    let is_section = line.trim_start().starts_with('[');
    let earlier = text.get(..line_start).unwrap_or_default();
    let is_same = |other: &str| match is_section {
        true => {
            other.split('#').next().unwrap_or_default().trim()
                == line.split('#').next().unwrap_or_default().trim()
        }
        false => other.split('=').next().unwrap_or_default().trim() == found && other.contains('='),
    };
    let lines: Vec<&str> = earlier.lines().collect();
    let first = lines.iter().rposition(|other| is_same(other)).map(|index| index + 1);
    let what = if is_section { format!("the section [{found}]") } else { found.to_owned() };
    let message = match first {
        Some(first) => format!("{what} is already set on line {first}"),
        None => format!("{what} is already set above"),
    };
    let help = match is_section {
        true if found == "auth" => "write [[auth]] in both places, with a name for each issuer",
        true => "put all keys of a section below one heading",
        false => "remove one of them",
    };
    SyntaxError::new(span, message, help)
}

/// Explains a list whose closing bracket is missing, at the bracket that opens it. The parser reads the following lines as
/// items, so its own errors are about them.
fn unclosed_list(text: &str, errors: &[Error], earliest: usize) -> Option<SyntaxError> {
    let unclosed = errors.iter().any(|error| error.message().starts_with("unclosed array,"));
    let runs_on = errors.iter().any(|error| error.message().starts_with("unexpected `=` in array"));
    if !unclosed && !runs_on {
        return None;
    }
    let before = text.get(..earliest)?;
    let opening = before.match_indices('[').map(|(offset, _)| offset).rfind(|offset| {
        let line = line_around(text, *offset).0;
        line.split_once('=').is_some_and(|(_, value)| value.trim_start().starts_with('['))
    })?;
    let line = line_around(text, opening).0.split(" #").next().unwrap_or_default().trim();
    let help = if line.ends_with(['"', '\'']) && !line.ends_with("[\"") {
        format!("write {line}]")
    } else {
        "write ] after its last item".to_owned()
    };
    Some(SyntaxError::new(opening..opening + 1, "the ] of this list is missing", help))
}

/// Returns the instruction that separates two items of a list, if the whole list is on the line.
fn with_comma(line: &str, offset: usize) -> Option<String> {
    let (before, after) = line.split_at_checked(offset)?;
    let after = after.split(" #").next()?.trim();
    let (before, is_whole) = (before.trim(), after.ends_with(']') && before.contains('['));
    is_whole.then(|| format!("write {before}, {after}"))
}

/// Returns the line that contains an offset, without its end, and where it starts.
fn line_around(text: &str, offset: usize) -> (&str, usize) {
    let offset = offset.min(text.len());
    let start = text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let line = text.get(start..).unwrap_or_default().lines().next().unwrap_or_default();
    (line, start)
}
