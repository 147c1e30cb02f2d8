//! The last steps: a token, a request to the deployed function, and the upload that it grants.

use std::str::FromStr as _;

use serde_json::{Value, json};
use upsign_config::{ApiKind, Config, RouteConfig};
use upsign_policy::{ChecksumAlgorithm, Checksums, UploadMethod};

use super::caller::{Caller, caller};
use super::deploy::region;
use super::{STACK, Step, Tool};
use crate::sample;
use crate::shell::{in_quotes, quote};
use crate::summary::exact_size;

/// Returns the steps that upload a file through the deployed function.
///
/// # Errors
/// The reason if no printed command can upload to a route.
pub(super) fn upload(config: &Config, tool: Tool) -> Result<Vec<Step>, String> {
    let Some(auth) = config.auth() else { return Ok(Vec::new()) };
    let found = config.routes().iter().find_map(|route| {
        let caller = caller(config, auth, route);
        let sending = Sending::of(route, caller.has_bearer_token)?;
        Some((route, caller, sending))
    });
    let (route, Caller { sign_in, needs, arguments, .. }, sending) =
        found.ok_or_else(|| reason(config).to_owned())?;
    let (url, address) = url(config, tool);
    let (title, command) = match sending {
        Sending::Client(content_type) => (
            format!("upload a file{needs}, the path of a file ({content_type}) in FILE{address}:"),
            client(route, &content_type),
        ),
        Sending::Curl { body, max_size } => {
            let size = max_size.map(|max| format!(" of at most {}", exact_size(max))).unwrap_or_default();
            let content_type = &body.content_type;
            (
                format!(
                    "request an upload URL and upload a file{needs}, the path of a file ({content_type}){size} in FILE{address}:"
                ),
                curl(route, &body, &arguments),
            )
        }
    };
    Ok(sign_in.into_iter().chain([Step::new(title, format!("{url}\n{command}"))]).collect())
}

/// The program that uploads a file to a route.
enum Sending {
    /// `upsign upload`, for routes with multipart uploads. It declares this content type.
    Client(String),
    /// `curl`, for routes that grant one request for a file of up to `max_size`.
    Curl { body: Body, max_size: Option<u64> },
}

impl Sending {
    /// Returns the program, or `None` if none can upload to the route. `upsign upload` identifies its caller with a bearer token.
    fn of(route: &RouteConfig, has_bearer_token: bool) -> Option<Self> {
        let policy = &route.policy;
        let Some(multipart) = policy.multipart() else {
            return body(route).map(|body| Self::Curl { body, max_size: None });
        };
        if has_bearer_token && client_computes(policy.checksums()) {
            return Some(Self::Client(body_content_type(&sample::upload(route).body)));
        }
        // Above the threshold the answer has no upload URL.
        let max_size = Some(multipart.above().min(policy.max_size()));
        body(route).filter(|_| multipart.above() > 0).map(|body| Self::Curl { body, max_size })
    }
}

/// Whether `upsign upload` computes a checksum that the route requires, or it requires none.
fn client_computes(checksums: &Checksums) -> bool {
    match checksums {
        Checksums::Required(algorithms) => {
            algorithms.iter().any(|it| upsign_client::ChecksumAlgorithm::from_str(it.as_str()).is_ok())
        }
        _ => true,
    }
}

/// Returns why no printed command can upload.
fn reason(config: &Config) -> &'static str {
    if config.needs_store() {
        "no command is printed that uploads a file: `upsign upload` sends multipart uploads with a bearer token in the header \
         authorization, and openssl computes no CRC and no XXHash. Upload with a client that does what your routes require"
    } else {
        "every route requires a checksum that openssl does not compute: upload with a client that does"
    }
}

/// Returns the command that sets `url` to the address of the API, and what the reader has to know for it, for a title.
fn url(config: &Config, tool: Tool) -> (String, &'static str) {
    match config.deployment_config().api {
        ApiKind::LoadBalancer => (
            "url=https://$LOAD_BALANCER/upload-url".to_owned(),
            ", the name of the load balancer in LOAD_BALANCER",
        ),
        _ if tool == Tool::Terraform => ("url=$(terraform output -raw upload_url)".to_owned(), ""),
        _ => {
            let region = region(config);
            let stacks = format!(
                "url=$(aws cloudformation describe-stacks --stack-name {STACK}{region} --output text \\\n  \
                 --query \"Stacks[0].Outputs[?OutputKey=='UploadUrl'].OutputValue\")"
            );
            (stacks, "")
        }
    }
}

/// Returns the command that uploads in parts, or in one request if the function decides so.
fn client(route: &RouteConfig, content_type: &str) -> String {
    let name = route.name.as_ref().map(|name| format!(" --route {}", quote(name.as_str())));
    format!(
        "UPSIGN_TOKEN=\"$TOKEN\" upsign upload --api \"$url\"{} --type {} \"$FILE\"",
        name.unwrap_or_default(),
        quote(content_type)
    )
}

/// Returns the commands that request a grant and send the file as it says. `arguments` identify the caller.
fn curl(route: &RouteConfig, body: &Body, arguments: &str) -> String {
    let grant = format!(
        "grant=$(curl -fsS \"$url\" {arguments} -H 'content-type: application/json' \\\n  -d {})",
        body.argument
    );
    let send = match route.policy.method() {
        UploadMethod::Post => {
            "printf %s \"$grant\" | jq -r '.fields | to_entries[] | \"form-string = \" + (.key + \"=\" + .value | @json)' |\n  \
             curl -fsS -K - -F \"file=@$FILE\" \"$(printf %s \"$grant\" | jq -r .uploadUrl)\""
        }
        _ => {
            "printf %s \"$grant\" | jq -r '.headers | to_entries[] | .key + \": \" + .value' |\n  \
             curl -fsS -T \"$FILE\" -H @- \"$(printf %s \"$grant\" | jq -r .uploadUrl)\""
        }
    };
    format!("{grant}\n{send}")
}

/// The body of a request for the file `$FILE`.
struct Body {
    content_type: String,
    /// A word of the shell, which contains what depends on the file as substitutions.
    argument: String,
}

/// Returns the body, or `None` if no usual program computes a checksum that the route accepts.
fn body(route: &RouteConfig) -> Option<Body> {
    let checksum = match route.policy.checksums() {
        Checksums::Required(algorithms) => Some(checksum(algorithms)?),
        _ => None,
    };
    let mut body = sample::upload(route).body;
    let content_type = body_content_type(&body);
    let mut substitutions = vec![(format!("\"{LENGTH}\""), "$(wc -c < \"$FILE\")".to_owned())];
    if let Some(members) = body.as_object_mut() {
        members.insert("contentLength".into(), LENGTH.into());
        if let Some((name, command)) = checksum {
            members.insert("checksum".into(), json!({name: CHECKSUM}));
            substitutions.push((CHECKSUM.to_owned(), command));
        }
    }
    let mut argument = in_quotes(&body.to_string());
    for (text, command) in substitutions {
        // Ends the quoted word, continues it with a quoted substitution, and begins it again.
        argument = argument.replace(&text, &format!("'\"{command}\"'"));
    }
    Some(Body { content_type, argument })
}

fn body_content_type(body: &Value) -> String {
    body.get("contentType").and_then(Value::as_str).unwrap_or_default().to_owned()
}

const LENGTH: &str = "LENGTH-OF-FILE";
const CHECKSUM: &str = "CHECKSUM-OF-FILE";

/// Returns one of the algorithms and the command that computes its checksum of `$FILE`. `openssl` computes no CRC and no XXHash.
fn checksum(algorithms: &[ChecksumAlgorithm]) -> Option<(&'static str, String)> {
    let known = [
        (ChecksumAlgorithm::Sha256, "sha256"),
        (ChecksumAlgorithm::Sha512, "sha512"),
        (ChecksumAlgorithm::Sha1, "sha1"),
        (ChecksumAlgorithm::Md5, "md5"),
        (ChecksumAlgorithm::AmzMd5, "md5"),
    ];
    let (algorithm, digest) = known.into_iter().find(|(known, _)| algorithms.contains(known))?;
    // Without -A, the base64 of a SHA-512 has two lines.
    Some((algorithm.as_str(), format!("$(openssl dgst -{digest} -binary \"$FILE\" | openssl base64 -A)")))
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::tests::config;
    use super::*;

    pub(in super::super) fn commands(config: &Config) -> Vec<String> {
        upload(config, Tool::Sam).unwrap().into_iter().map(|step| step.command).collect()
    }

    #[test]
    fn request_states_the_size_and_the_checksum_of_the_file() {
        let plain = body(&config("", "").routes()[0]).unwrap();
        let expected = r#"'{"contentLength":'"$(wc -c < "$FILE")"',"contentType":"image/jpeg"}'"#;
        assert_eq!((plain.argument.as_str(), plain.content_type.as_str()), (expected, "image/jpeg"));
        let config = config("checksums = [\"crc32\", \"sha256\"]\nrequire_checksum = true", "");
        let argument = body(&config.routes()[0]).unwrap().argument;
        let expected =
            r#""checksum":{"sha256":"'"$(openssl dgst -sha256 -binary "$FILE" | openssl base64 -A)"'"}"#;
        assert!(argument.contains(expected), "{argument}");
    }

    #[test]
    fn checksum_that_no_program_computes_is_not_requested() {
        let crc = "checksums = [\"crc32\", \"xxhash3\"]\nrequire_checksum = true";
        assert!(upload(&config(crc, ""), Tool::Sam).unwrap_err().contains("checksum"));
        let other = "[route.avatars]\nkey = \"avatars/{id}\"\ntypes = [\"image/png\"]\nmax_size = \"1 MiB\"\nbodyless = \"refuse\"";
        let request = commands(&config(crc, other)).pop().unwrap();
        assert!(request.contains(r#""route":"avatars""#), "{request}");
    }

    /// Returns the configuration with a single route with `multipart`, for which `upload_keys` follow.
    fn with_multipart(auth: &str, multipart: &str, upload_keys: &str) -> Config {
        let keys = format!("multipart = \"{multipart}\"\nmultipart_above = \"20 MiB\"\n{upload_keys}");
        let keys =
            if multipart == "always" { keys.replace("multipart_above = \"20 MiB\"\n", "") } else { keys };
        let text = super::super::tests::file(auth, &keys).replace("10 MiB", "1 GiB");
        Config::read("upsign.toml", &text, |_| None).unwrap()
    }

    const POOL: &str =
        r#"auth = { user_pool = "ap-southeast-1_AbCdEf123", client_ids = ["client"], token_use = "access" }"#;

    #[test]
    fn multipart_upload_is_sent_by_upsign_upload() {
        for multipart in ["always", "auto"] {
            let steps = upload(&with_multipart(POOL, multipart, ""), Tool::Sam).unwrap();
            assert_eq!(steps.len(), 2);
            let last = steps.last().unwrap();
            let (url, command) = last.command.rsplit_once('\n').unwrap();
            let expected = "UPSIGN_TOKEN=\"$TOKEN\" upsign upload --api \"$url\" --type image/jpeg \"$FILE\"";
            assert_eq!(command, expected, "{multipart}");
            assert!(url.starts_with("url=$(aws cloudformation "), "{url}");
            assert!(
                last.title.starts_with("upload a file, the path of a file (image/jpeg) in FILE"),
                "{}",
                last.title
            );
        }
        let crc = with_multipart(POOL, "always", "checksums = [\"crc64nvme\"]\nrequire_checksum = true");
        assert!(commands(&crc).pop().unwrap().contains("upsign upload"));
        let videos = "[route.videos]\nkey = \"videos/{id}\"\ntypes = [\"video/mp4\"]\nmax_size = \"1 GiB\"\nbodyless = \
                      \"refuse\"\nmultipart = \"always\"\n";
        // Only the second route has a checksum that a printed command computes.
        let both = config("checksums = [\"crc32\"]\nrequire_checksum = true", videos);
        let command = commands(&both).pop().unwrap();
        assert!(command.contains(" --route videos --type video/mp4 "), "{command}");
    }

    #[test]
    fn caller_without_bearer_token_uploads_files_below_the_threshold() {
        let iam = r#"auth = { source = "iam", user_pool = "ap-southeast-1_AbCdEf123" }"#;
        let other = POOL.replace(" }", ", token_header = \"x-upload-token\" }");
        for auth in [iam, &other] {
            let last = upload(&with_multipart(auth, "auto", ""), Tool::Sam).unwrap().pop().unwrap();
            assert!(
                last.command.contains("grant=$(curl ") && last.command.contains("-T \"$FILE\""),
                "{}",
                last.command
            );
            assert!(
                last.title.contains("(image/jpeg) of at most 20 MiB (20971520 bytes) in FILE"),
                "{}",
                last.title
            );
            let reason = upload(&with_multipart(auth, "always", ""), Tool::Sam).unwrap_err();
            assert!(reason.contains("bearer token in the header authorization"), "{reason}");
        }
    }

    #[test]
    fn url_of_a_module_is_an_output_of_terraform() {
        let steps = upload(&config("", ""), Tool::Terraform).unwrap();
        let command = &steps.last().unwrap().command;
        assert!(
            command.contains("url=$(terraform output -raw upload_url)")
                && !command.contains("cloudformation"),
            "{command}"
        );
    }

    #[test]
    fn form_is_sent_with_its_fields_before_the_file() {
        let form = commands(&config("method = \"post\"\nno_overwrite = false", "")).pop().unwrap();
        assert!(form.contains("form-string = ") && form.contains("-K - -F \"file=@$FILE\""), "{form}");
        let put = commands(&config("", "")).pop().unwrap();
        assert!(put.contains("OutputKey=='UploadUrl'") && put.contains("-T \"$FILE\""), "{put}");
    }
}
