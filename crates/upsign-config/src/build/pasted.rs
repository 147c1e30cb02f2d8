//! Values as people paste them, and the values that are meant.

use upsign_cognito::UserPool;
use upsign_core::{Endpoint, OriginPattern, Partition, Resource};
use upsign_policy::ContentType;

use crate::keys::nearest;

/// Returns the ARN of the queue in its URL.
///
/// Source: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html>.
pub(super) fn queue(text: &str) -> Option<String> {
    let (host, path) = text.trim().strip_prefix("https://sqs.")?.split_once('/')?;
    let (region, _) = host.split_once(".amazonaws.com")?;
    let (account, name) = path.split_once('/')?;
    let partition = Partition::of(&region.parse().ok()?).name();
    Some(format!("arn:{partition}:sqs:{region}:{account}:{name}"))
}

/// Returns the bucket name in an ARN, an `s3://` URL or the address of a bucket.
pub(super) fn bucket(text: &str) -> Option<String> {
    let text = text.trim();
    let name = if let Some(rest) = text.strip_prefix("arn:") {
        rest.split_once(":s3:::")?.1
    } else if let Some(rest) = text.strip_prefix("s3://") {
        rest
    } else if let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) {
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        match host.split_once(".s3.").or_else(|| host.split_once(".s3-")) {
            Some((name, _)) => name,
            None if host.starts_with("s3.") || host.starts_with("s3-") => path,
            None => return None,
        }
    } else {
        text
    };
    let name = name.split('/').next()?.to_ascii_lowercase().replace('_', "-");
    name.parse::<Resource>().ok().map(|_| name)
}

/// Returns the user pool id in an ARN, the URL of an issuer, or a text with spaces around it.
pub(super) fn user_pool(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_suffix("/.well-known/jwks.json").unwrap_or(text).trim_end_matches('/');
    let id = text.rsplit('/').next()?;
    id.parse::<UserPool>().ok().map(|_| id.to_owned())
}

/// Returns the region in the name of an availability zone, in upper case, with spaces around it, or that has this name in the
/// AWS console.
pub(super) fn region(text: &str) -> Option<String> {
    if let Some(region) = super::regions::named(text) {
        return Some(region.to_owned());
    }
    let region = text.trim().to_ascii_lowercase().replace(['_', ' '], "-");
    let region = region.trim_end_matches(|character: char| character.is_ascii_alphabetic());
    super::regions::is_known(region).then(|| region.to_owned())
}

/// Returns the URL of an endpoint that is written without a scheme.
pub(super) fn endpoint(text: &str) -> Option<String> {
    let text = text.trim().trim_end_matches('/');
    if text.contains("://") {
        return None;
    }
    let is_local = ["localhost", "127.", "10.", "192.168.", "minio:", "[::1]"]
        .iter()
        .any(|start| text.starts_with(start));
    let url = format!("{}://{text}", if is_local { "http" } else { "https" });
    url.parse::<Endpoint>().ok().map(|_| url)
}

/// Returns a key template without what is common in other notations: a leading slash, an `s3://` URL, `${id}` or `<id>`.
pub(super) fn template(text: &str) -> Option<String> {
    let text = text.trim();
    let path = match text.strip_prefix("s3://") {
        Some(rest) => rest.split_once('/')?.1,
        None => text,
    };
    let path =
        path.replace("${", "{").replace("{{", "{").replace("}}", "}").replace('<', "{").replace('>', "}");
    let path = path.trim_matches('/').replace("//", "/");
    (path != text && !path.is_empty()).then_some(path)
}

/// Returns whether the name of a placeholder probably means the caller, whose subject is `{sub}`.
pub(super) fn means_caller(name: &str) -> bool {
    let name = snake_case(name);
    ["user", "user_id", "userid", "uid", "username", "user_name", "owner", "account"].contains(&name.as_str())
}

/// Returns whether a character can be part of the name of a placeholder that is not closed.
pub(super) const fn is_in_placeholder(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | ':')
}

/// Returns a key template with a `}` after every name of a placeholder that has none.
pub(super) fn closed(text: &str) -> String {
    let mut parts = text.split('{');
    let mut closed = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|character| !is_in_placeholder(character)).unwrap_or(part.len());
        let (name, rest) = part.split_at(end);
        closed = closed + "{" + name + if part.contains('}') { "" } else { "}" } + rest;
    }
    closed
}

/// Returns a key template with `{id}` in a segment of its own, before the file extension.
pub(super) fn with_id(text: &str) -> String {
    match text.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && !extension.contains('/') => {
            format!("{stem}/{{id}}.{extension}")
        }
        _ => format!("{text}/{{id}}"),
    }
}

/// File extensions and short names of types.
const SHORT_TYPES: [(&str, &str); 24] = [
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("png", "image/png"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
    ("avif", "image/avif"),
    ("heic", "image/heic"),
    ("heif", "image/heif"),
    ("tiff", "image/tiff"),
    ("bmp", "image/bmp"),
    ("svg", "image/svg+xml"),
    ("mp4", "video/mp4"),
    ("mov", "video/quicktime"),
    ("webm", "video/webm"),
    ("mp3", "audio/mpeg"),
    ("wav", "audio/wav"),
    ("pdf", "application/pdf"),
    ("zip", "application/zip"),
    ("json", "application/json"),
    ("csv", "text/csv"),
    ("txt", "text/plain"),
    ("text", "text/plain"),
    ("image", "image/*"),
    ("video", "video/*"),
];

/// Returns the content type that a file extension or a short name such as `jpeg` means, or that has spaces in it.
pub(super) fn content_type(text: &str) -> Option<String> {
    let name = text.trim().trim_start_matches(['*', '.']).to_ascii_lowercase();
    let name = name.strip_suffix('s').filter(|name| matches!(*name, "image" | "video")).unwrap_or(&name);
    if let Some((_, full)) = SHORT_TYPES.iter().find(|(short, _)| *short == name) {
        return Some((*full).to_owned());
    }
    let joined: String = text.split_whitespace().collect();
    (joined != text && joined.parse::<ContentType>().is_ok()).then_some(joined)
}

/// Returns the range that is meant by one whose type before the slash is misspelled, such as `imgae/*`.
pub(super) fn range(text: &str) -> Option<String> {
    const GROUPS: [&str; 7] = ["application", "audio", "font", "image", "model", "text", "video"];
    let (group, rest) = text.split_once('/')?;
    let near = nearest(group, GROUPS.into_iter()).filter(|near| *near != group)?;
    Some(format!("{near}/{rest}"))
}

/// Returns a name in camel case or with hyphens in snake case.
pub(super) fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for character in name.trim().trim_matches(['{', '}']).chars() {
        if character.is_ascii_uppercase() && !snake.is_empty() && !snake.ends_with('_') {
            snake.push('_');
        }
        snake.push(if character == '-' || character == ' ' { '_' } else { character.to_ascii_lowercase() });
    }
    snake
}

/// What is meant by the text of an origin.
pub(super) enum MeantOrigin {
    /// Accepted, in the form in which browsers send it.
    Same(String),
    /// Probably this one: something was removed or added.
    Probably(String),
}

/// Returns the origin that is meant by a text that is not an origin.
pub(super) fn origin(text: &str) -> Option<MeantOrigin> {
    as_written(text).or_else(|| with_one_star(text).map(MeantOrigin::Probably))
}

/// Returns the origin with `*` that is meant by a text with `*` in another place, or more than once.
fn with_one_star(text: &str) -> Option<String> {
    let lower = text.trim().to_ascii_lowercase();
    let (scheme, rest) = lower.split_once("://").unwrap_or(("*", &lower));
    let authority = rest.split(['/', '?', '#']).next()?;
    let default = if authority.starts_with("localhost") { "http" } else { "https" };
    let scheme = if scheme.contains('*') { default } else { scheme };
    let (host, port) = authority.rsplit_once(':').unwrap_or((authority, ""));
    // The `*` of a bucket's CORS stands for any number of labels.
    let parts =
        host.split_once('*').zip(host.rsplit_once('*')).map(|((before, _), (_, after))| (before, after));
    let meant = match parts {
        None if host == "localhost" => format!("{scheme}://localhost:*"),
        Some(("localhost", "")) => format!("{scheme}://localhost:*"),
        None => format!("{scheme}://{host}"),
        Some((before, after)) if after.starts_with(['.', '-']) => format!("{scheme}://{before}*{after}"),
        // In the middle of a label, what follows need not be a domain of the same owner.
        Some((before, after)) if before.is_empty() || before.ends_with(['.', '-']) => {
            format!("{scheme}://{before}*.{after}")
        }
        Some(_) => return None,
    };
    let with_port = format!("{meant}:{port}");
    let is_origin = |text: &String| text.parse::<OriginPattern>().is_ok();
    [with_port, meant].into_iter().find(is_origin).filter(|_| lower.contains('*'))
}

fn as_written(text: &str) -> Option<MeantOrigin> {
    let trimmed = text.trim();
    let lower = trimmed.to_ascii_lowercase();
    let Some((scheme, rest)) = lower.split_once("://") else {
        let is_host = lower.contains('.') || lower.starts_with("localhost");
        let scheme =
            if lower.starts_with("localhost") || lower.starts_with("127.") { "http" } else { "https" };
        return as_written(&format!("{scheme}://{lower}"))
            .filter(|_| is_host)
            .map(|meant| match meant {
                MeantOrigin::Same(origin) | MeantOrigin::Probably(origin) => MeantOrigin::Probably(origin),
            })
            .or_else(|| {
                let meant = format!("{scheme}://{lower}");
                (is_host && meant.parse::<OriginPattern>().is_ok()).then_some(MeantOrigin::Probably(meant))
            });
    };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let port = if scheme == "https" { ":443" } else { ":80" };
    let host = host.strip_suffix(port).unwrap_or(host);
    let meant = format!("{scheme}://{host}");
    // As browsers write the host.
    let meant = meant.parse::<Endpoint>().map_or(meant, |endpoint| endpoint.to_string());
    if meant == trimmed || meant.parse::<OriginPattern>().is_err() {
        return None;
    }
    Some(if path.is_empty() { MeantOrigin::Same(meant) } else { MeantOrigin::Probably(meant) })
}
