//! The last step: a request to the deployed function, and the upload that it grants.

use serde_json::{Value, json};
use upsign_config::{ApiKind, Config, RouteConfig};
use upsign_policy::{ChecksumAlgorithm, Checksums, UploadMethod};

use super::{STACK, Step, region};
use crate::sample;
use crate::shell::in_quotes;

/// Returns the step that requests an upload URL from the deployed function and uploads a file with it.
pub(super) fn upload(config: &Config) -> Option<Step> {
    let (route, auth) = (config.routes().first()?, config.auth()?);
    let region = region(config);
    let (url, address) = match config.deployment_config().api {
        ApiKind::LoadBalancer => (
            "url=https://$LOAD_BALANCER/upload-url".to_owned(),
            ", the name of the load balancer in LOAD_BALANCER",
        ),
        _ => (
            format!(
                "url=$(aws cloudformation describe-stacks --stack-name {STACK}{region} --output text \\\n  \
                 --query \"Stacks[0].Outputs[?OutputKey=='UploadUrl'].OutputValue\")"
            ),
            "",
        ),
    };
    let body = body(route);
    let content_type = body.content_type;
    let title = format!(
        "request an upload URL and upload a file, with a token of a user (token_use: {}) in TOKEN, the path of a file \
         ({content_type}) in FILE{address}:",
        auth.verifier.token_use().as_str()
    );
    let grant = format!(
        "grant=$(curl -fsS \"$url\" -H \"authorization: Bearer $TOKEN\" -H 'content-type: application/json' \\\n  -d {})",
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
    Some(Step { title, command: [url, grant, send.to_owned()].join("\n") })
}

/// The body of a request for the file `$FILE`.
struct Body {
    content_type: String,
    /// A word of the shell, which contains what depends on the file as substitutions.
    argument: String,
}

fn body(route: &RouteConfig) -> Body {
    let mut body = sample::upload(route).body;
    let content_type = body.get("contentType").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut substitutions = vec![(format!("\"{LENGTH}\""), "$(wc -c < \"$FILE\")".to_owned())];
    if let Some(members) = body.as_object_mut() {
        members.insert("contentLength".into(), LENGTH.into());
        if let Some((name, command)) = checksum(route.policy.checksums()) {
            members.insert("checksum".into(), json!({name: CHECKSUM}));
            substitutions.push((CHECKSUM.to_owned(), command));
        }
    }
    let mut argument = in_quotes(&body.to_string());
    for (text, command) in substitutions {
        // Ends the quoted word, continues it with a quoted substitution, and begins it again.
        argument = argument.replace(&text, &format!("'\"{command}\"'"));
    }
    Body { content_type, argument }
}

const LENGTH: &str = "LENGTH-OF-FILE";
const CHECKSUM: &str = "CHECKSUM-OF-FILE";

/// Returns a required algorithm and the command that computes its checksum of `$FILE`. `openssl` computes no CRC.
fn checksum(checksums: &Checksums) -> Option<(&'static str, String)> {
    let Checksums::Required(algorithms) = checksums else { return None };
    let known = [ChecksumAlgorithm::Sha256, ChecksumAlgorithm::Sha1, ChecksumAlgorithm::Md5];
    let algorithm = known.into_iter().find(|known| algorithms.contains(known))?;
    let name = algorithm.as_str();
    Some((name, format!("$(openssl dgst -{name} -binary \"$FILE\" | base64)")))
}

#[cfg(test)]
mod tests {
    use super::super::tests::config;
    use super::*;

    #[test]
    fn request_states_the_size_and_the_checksum_of_the_file() {
        let plain = body(&config("", "").routes()[0]);
        let expected = r#"'{"contentLength":'"$(wc -c < "$FILE")"',"contentType":"image/jpeg"}'"#;
        assert_eq!((plain.argument.as_str(), plain.content_type.as_str()), (expected, "image/jpeg"));
        let config = config("checksums = [\"crc32\", \"sha256\"]\nrequire_checksum = true", "");
        let argument = body(&config.routes()[0]).argument;
        let expected = r#""checksum":{"sha256":"'"$(openssl dgst -sha256 -binary "$FILE" | base64)"'"}"#;
        assert!(argument.contains(expected), "{argument}");
    }

    #[test]
    fn form_is_sent_with_its_fields_before_the_file() {
        let form = upload(&config("method = \"post\"\nno_overwrite = false", "")).unwrap().command;
        assert!(form.contains("form-string = ") && form.contains("-K - -F \"file=@$FILE\""), "{form}");
        let put = upload(&config("", "")).unwrap();
        assert!(put.command.contains("OutputKey=='UploadUrl'") && put.command.contains("-T \"$FILE\""));
        assert!(put.title.contains("token_use: access"), "{}", put.title);
    }
}
