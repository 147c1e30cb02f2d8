//! The content types that a route accepts, each with its extensions and its other names, for `check --types`.

use serde_json::{Map, Value, json};
use upsign_config::RouteConfig;
use upsign_policy::{ContentRules, ContentType, TypeRange};

use crate::output::Printer;

/// Prints what each entry of `types` covers.
pub(crate) fn print(to: Printer, route: &RouteConfig) {
    let rules = route.policy.content_rules();
    for range in rules.ranges() {
        let types = covered(range);
        if !matches!(range, TypeRange::Exact(_)) {
            to.detail("covers", &format!("{range}: {}", crate::summary::count(types.len(), "type")));
        }
        for content_type in types {
            to.detail("type", &line(rules, &content_type));
        }
        if matches!(range, TypeRange::AnyFile) {
            to.detail("", "every other file, signed as application/octet-stream");
        }
    }
    if rules.ranges().iter().any(covers_parameters) {
        to.detail(
            "parameters",
            "are signed as sent, such as ;codecs=\"vp8,opus\"; a charset must be utf-8 or us-ascii",
        );
    }
    to.detail(
        "empty type",
        "the type of the file name's extension is signed, so clients should send fileName",
    );
}

/// Returns whether an entry also covers its types with parameters, such as `audio/webm;codecs=opus`.
fn covers_parameters(range: &TypeRange) -> bool {
    !matches!(range, TypeRange::Exact(content_type) if !content_type.parameters().is_empty())
}

/// Returns what [`print`] prints: for each entry of `types`, the types with their extensions and other names.
pub(crate) fn json(route: &RouteConfig) -> Value {
    let rules = route.policy.content_rules();
    let members = rules.ranges().iter().map(|range| {
        let types = covered(range).into_iter().map(|content_type| {
            let names = ContentRules::other_names(&content_type)
                .map(|(name, extensions)| json!({"type": name, "extensions": extensions}));
            json!({
                "type": content_type.as_str(),
                "extensions": rules.extensions_of(&content_type).collect::<Vec<_>>(),
                "alsoSentAs": names.collect::<Vec<_>>(),
                "withParameters": covers_parameters(range),
            })
        });
        (range.to_string(), types.collect::<Vec<_>>().into())
    });
    Value::Object(members.collect::<Map<String, Value>>())
}

/// Returns the types that an entry covers by itself: the type, or the inert types of a range.
fn covered(range: &TypeRange) -> Vec<ContentType> {
    match range {
        TypeRange::Exact(content_type) => vec![content_type.clone()],
        range => {
            let inert = ContentRules::inert_types().filter_map(|name| name.parse().ok());
            inert.filter(|inert| range.covers(inert)).collect()
        }
    }
}

/// Returns a type with its extensions and other names, for example
/// `text/csv (.csv), also sent as text/x-csv, or as application/vnd.ms-excel for .csv`.
fn line(rules: &ContentRules, content_type: &ContentType) -> String {
    let dotted = |extension: &str| format!(".{extension}");
    let extensions: Vec<String> = rules.extensions_of(content_type).map(dotted).collect();
    let mut text = match (rules.accepts_any_extension(content_type), extensions.is_empty()) {
        (true, _) => format!("{content_type} (any extension)"),
        (false, true) => content_type.to_string(),
        (false, false) => format!("{content_type} ({})", extensions.join(", ")),
    };
    if !content_type.parameters().is_empty() {
        text.push_str("; with exactly these parameters");
    }
    let names = ContentRules::other_names(content_type).map(|(name, only)| match only {
        [] => name.to_owned(),
        only => format!("{name} for .{}", only.join(" and .")),
    });
    let names: Vec<String> = names.collect();
    if !names.is_empty() {
        text.push_str(&format!("; also sent as {}", names.join(", ")));
    }
    text
}
