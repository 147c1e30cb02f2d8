//! Shows problems and warnings of a configuration at their place in the file.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use upsign_config::{InvalidSetting, Place, ProblemCode, Warning};

use crate::exit::Diagnostic;
use crate::output::{self, wrap};

/// The width to which lines of the file are shortened, if the output is no terminal.
const DEFAULT_WIDTH: usize = 120;

/// The longest line of which an excerpt is shown, in bytes. Nobody writes longer ones, and the renderer takes long for them.
const MAX_LINE: usize = 4096;

/// How serious a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severity {
    Error,
    Warning,
}

/// A part of the file, with what is wrong at it.
struct Excerpt<'a> {
    place: Option<&'a Place>,
    quotable: bool,
    /// Text next to the caret.
    label: &'a str,
}

/// Returns a problem of a configuration. `text` is the content of the file.
pub(crate) fn of_problem(problem: &InvalidSetting, text: &str) -> Diagnostic {
    // The syntax is explained at the caret, because there is no key to name.
    let (title, label) = match problem.message.split_once(": ") {
        Some((_, label)) if problem.code == ProblemCode::InvalidToml => {
            (format!("{} is not valid TOML", problem.place.file().unwrap_or_default()), label)
        }
        _ => (title(Some(&problem.place), &problem.key, &problem.message), ""),
    };
    let excerpt = Excerpt { place: Some(&problem.place), quotable: problem.quotable, label };
    let rendered = render(Severity::Error, &title, &excerpt, &problem.help, text);
    let found =
        located(problem.code.as_str(), &problem.message, Some(&problem.place), &problem.key, &problem.help);
    Diagnostic { rendered: Some(rendered), ..found }
}

/// Returns a warning about a configuration. `text` is the content of the file.
pub(crate) fn of_warning(severity: Severity, warning: &Warning, text: &str) -> Diagnostic {
    let place = warning.place.as_ref();
    let title = title(place, &warning.key, &warning.message);
    let excerpt = Excerpt { place, quotable: warning.quotable, label: "" };
    let rendered = render(severity, &title, &excerpt, &warning.help, text);
    let found = located(warning.code.as_str(), &warning.message, place, &warning.key, &warning.help);
    Diagnostic { rendered: Some(rendered), ..found }
}

/// Adds the text form to a finding of the command: the key, the message, the place and the next step, without an excerpt.
pub(crate) fn with_help(severity: Severity, found: Diagnostic) -> Diagnostic {
    let title = title(None, found.key.as_deref().unwrap_or_default(), &found.message);
    let excerpt = Excerpt { place: None, quotable: false, label: "" };
    let mut rendered = render(severity, &title, &excerpt, "", "");
    if let (Some(file), Some(line)) = (&found.file, found.line) {
        rendered = format!("{rendered}\n  {0}-->{0:#} {file}:{line}", output::BOLD);
    }
    if let Some(help) = &found.help {
        rendered = rendered + "\n" + &output::hanging(&format!("{0}help:{0:#} ", output::BOLD), help);
    }
    Diagnostic { rendered: Some(rendered), ..found }
}

/// Returns the first line: the variable or the key, and the message.
fn title(place: Option<&Place>, key: &str, message: &str) -> String {
    match place.and_then(setting) {
        Some(variable) => format!("{variable}: {message}"),
        None if key.is_empty() => message.to_owned(),
        None => format!("{key}: {message}"),
    }
}

/// Returns the variable or the option that sets a value.
fn setting(place: &Place) -> Option<&str> {
    place.variable().or_else(|| place.option())
}

fn located(code: &'static str, message: &str, place: Option<&Place>, key: &str, help: &str) -> Diagnostic {
    let not_empty = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Diagnostic {
        file: place.and_then(Place::file).map(str::to_owned),
        line: place.and_then(Place::line),
        column: place.and_then(Place::column),
        key: place.and_then(setting).map(str::to_owned).or_else(|| not_empty(key)),
        help: not_empty(help),
        ..Diagnostic::new(code, message)
    }
}

/// Returns the text form: the title, the lines of the file with a caret, and the next step. It contains ANSI styles.
fn render(severity: Severity, title: &str, excerpt: &Excerpt<'_>, help: &str, text: &str) -> String {
    let mut rendered = match severity {
        Severity::Error => output::hanging(&format!("{0}error:{0:#} ", output::RED), title),
        Severity::Warning => output::hanging(&format!("{0}warning:{0:#} ", output::YELLOW), title),
    };
    if let Some(place) = excerpt.place {
        match snippet(severity, place, excerpt, text) {
            Some(snippet) => rendered = rendered + "\n" + snippet.trim_end(),
            None if setting(place).is_none() => {
                rendered = format!("{rendered}\n  {0}-->{0:#} {place}", output::BOLD);
            }
            None => {}
        }
    }
    if !help.is_empty() {
        rendered = rendered + "\n" + &output::hanging(&format!("{0}help:{0:#} ", output::BOLD), help);
    }
    rendered
}

/// Returns the lines of a place with a caret below it, or `None` if they must not or cannot be shown.
fn snippet(severity: Severity, place: &Place, excerpt: &Excerpt<'_>, text: &str) -> Option<String> {
    let (span, line) = (place.span()?, place.line()?);
    if !excerpt.quotable {
        return None;
    }
    let start = text.get(..span.start)?.rfind('\n').map_or(0, |end| end + 1);
    // Only the first line of a value that has several: the rest would hide the message.
    let shown = text.get(start..)?.lines().next()?;
    if shown.len() > MAX_LINE {
        return None;
    }
    let end = (start + shown.len()).min(span.end).max(span.start);
    let label = Some(excerpt.label).filter(|label| !label.is_empty());
    let annotation = AnnotationKind::Primary.span(span.start - start..end - start).label(label);
    let snippet = Snippet::source(shown).path(place.file()?).line_start(line).annotation(annotation);
    let level = match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let renderer = Renderer::styled()
        .error(output::RED)
        .warning(output::YELLOW)
        .line_num(output::DIM)
        .term_width(wrap::stderr_width().unwrap_or(DEFAULT_WIDTH));
    Some(renderer.render(&[Group::with_level(level).element(snippet)]))
}

#[cfg(test)]
#[expect(clippy::string_slice, reason = "a test's panic is its report")]
mod tests {
    use upsign_config::Config;

    use super::*;

    const TEXT: &str = "[bucket]\nname = \"Ünïcode\\u00e9\"\nregion = 'ap-southeast-1'\r\n[upload]\n\tkey = \"a/{id}\" # é\ntypes = [\n \"jpeg\",\n \"x\"\n]\n";

    /// Neither a file that ends anywhere nor a stray character may end the program instead of being explained.
    #[test]
    fn every_place_can_be_shown() {
        for (end, _) in TEXT.char_indices() {
            for stray in ["", "\"", "[", "é", "\r", "\0", "\t="] {
                let text = format!("{}{stray}{}", &TEXT[..end], &TEXT[end..]);
                for text in [&text, &text[..end + stray.len()]] {
                    let invalid = Config::read("upsign.toml", text, |_| None).unwrap_err();
                    for problem in invalid.problems() {
                        let found = of_problem(problem, text);
                        assert!(found.rendered.is_some_and(|rendered| rendered.contains("error:")));
                    }
                }
            }
        }
    }

    #[test]
    fn lines_with_secrets_are_not_shown() {
        let text = "bucket = { name = \"X\", secret_access_key = \"wJalrXUtnFEMI\" }\n";
        let invalid = Config::read("upsign.toml", text, |_| None).unwrap_err();
        let rendered = invalid.problems().iter().map(|problem| of_problem(problem, text).rendered.unwrap());
        let rendered: String = rendered.collect();
        assert!(rendered.contains("upsign.toml:1:19") && rendered.contains("upsign.toml:1:24"), "{rendered}");
        assert!(!rendered.contains("wJalr"), "{rendered}");
    }
}
