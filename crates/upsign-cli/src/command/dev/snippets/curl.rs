//! A shell with curl and jq.

use std::fmt::Write as _;

use super::{SnippetUpload, Way};
use crate::shell;

pub(super) fn text(upload: &SnippetUpload) -> String {
    let (api, header) = (&upload.api, &upload.token_header);
    let mut text = format!(
        "(  # in a shell of its own, which a refusal ends\nFILE={}\nTOKEN=$(curl -sS {}) || exit\n\n\
         call() {{\n  \
           curl -sS --fail-with-body \"{api}$1\" -H \"{header}: Bearer $TOKEN\" \\\n    \
           -H 'content-type: application/json' -d \"$2\"\n\
         }}\n\n\
         GRANT=$(call /upload-url \"$(jq -n --arg name \"${{FILE##*/}}\" \\\n  \
           --argjson size \"$(wc -c < \"$FILE\")\"{} '{{ {} }}')\") \\\n  || {{ printf '%s\\n' \"$GRANT\" >&2; exit 1; }}\n\n",
        shell::quote(&upload.file),
        shell::quote(&upload.token_url),
        checksum_argument(upload),
        members(upload),
    );
    // curl reads the URL and the headers or fields from standard input, so that no other program sees them.
    let (pairs, options, file) = match upload.way {
        Way::Form => (
            r#"(.fields|to_entries[]|"form-string=\("\(.key)=\(.value)"|@json)")"#,
            "-K - -F \"file=@$FILE\"",
            "The file is the last field.",
        ),
        _ => (
            r#"(.headers|to_entries[]|"header=\("\(.key): \(.value)"|@json)")"#,
            "-K - -T \"$FILE\"",
            "Exactly the headers of the answer.",
        ),
    };
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "# {file}\nprintf '%s' \"$GRANT\" | jq -r '\"url=\\(.uploadUrl|@json)\", {pairs}' \\\n  \
         | curl -sS --fail-with-body {options} || exit\n"
    );
    if upload.confirms {
        text.push_str("\nCONFIRMED=$(call /uploads/confirm \"$(printf '%s' \"$GRANT\" | jq '{uploadToken}')\") \\\n  || { printf '%s\\n' \"$CONFIRMED\" >&2; exit 1; }\n");
        text.push_str("printf '%s' \"$CONFIRMED\" | jq -r .state\n");
    }
    text.push_str("printf '%s' \"$GRANT\" | jq -r .key\n)\n");
    text
}

fn checksum_argument(upload: &SnippetUpload) -> String {
    upload.checksum.map_or_else(String::new, |name| {
        format!(" \\\n  --arg digest \"$(openssl dgst -{name} -binary \"$FILE\" | base64)\"")
    })
}

/// Returns the members of the request as jq writes an object.
fn members(upload: &SnippetUpload) -> String {
    let fixed = upload.members().into_iter().map(|(name, value)| format!("{name}: {value}"));
    // The text is in single quotes, which a content type and the name of a route do not contain.
    let rest = ["contentLength: $size".to_owned(), "fileName: $name".to_owned()];
    let checksum = upload.checksum.map(|name| format!("checksum: {{{name}: $digest}}"));
    fixed.chain(rest).chain(checksum).collect::<Vec<_>>().join(", ")
}
