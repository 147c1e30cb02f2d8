//! Writes the script that runs the commands of one page.

use std::fmt::Write as _;

use super::BUCKET;
use super::extract::Shown;
use super::table::{How, Row};

/// What stands for AWS.
pub(super) struct Emulators {
    pub(super) endpoint: String,
    pub(super) issuer: String,
    pub(super) pool: String,
    pub(super) client: String,
    pub(super) token: String,
    /// Ports of this machine in the pages, as in `:8080`, and free ones in place of them.
    pub(super) ports: [(&'static str, u16); 3],
}

impl Emulators {
    /// Returns a command with free ports in place of those of the page, which another program may use.
    pub(super) fn with_free_ports(&self, command: &str) -> String {
        let replace = |text: String, (port, free): &(&str, u16)| text.replace(port, &format!(":{free}"));
        self.ports.iter().fold(command.to_owned(), replace)
    }
}

/// Functions that the table uses. A server of a page runs until the next one of the page, as if its reader had ended it.
const FUNCTIONS: &str = r#"
set -m
server=
end_server() {
    [ -z "$server" ] && return
    # The server ends after the requests in progress, and after the shell that started it.
    kill -- "-$server" 2>/dev/null
    while kill -0 -- "-$server" 2>/dev/null; do sleep 0.05; done
    server=
}
trap end_server EXIT
# Waits until the output of a command contains a text: ready FILE TEXT
ready() {
    for _ in $(seq 300); do
        grep -q "$2" "$1" && return 0
        kill -0 "$server" 2>/dev/null || return 1
        sleep 0.1
    done
    return 1
}
"#;

/// Lets `upsign dev` listen on a free port: its default is on no page's command line.
const DEV: &str = r#"
upsign() {
    [ "$1" = dev ] && shift && set -- dev --listen 127.0.0.1:4280 "$@"
    command upsign "$@"
}
"#;

/// Returns the script. For each command it writes a file with the output and one with the exit code into `$STATE`.
pub(super) fn script<'a>(
    commands: impl Iterator<Item = (&'a Shown, Option<&'a Row>)> + Clone,
    emulators: &Emulators,
) -> String {
    let dev = emulators.with_free_ports(DEV);
    let mut script = format!("{FUNCTIONS}\n{dev}\n{}", edit(emulators));
    // The reader of any other page has an upsign.toml already.
    let is_first = |(shown, _): (&Shown, Option<&Row>)| shown.text.starts_with("upsign init");
    if !commands.clone().any(is_first) {
        script.push_str("upsign init >/dev/null 2>&1 && edit\n");
    }
    for (number, (shown, row)) in commands.enumerate() {
        let how = row.map(|row| row.how);
        let (before, text, after) = match how {
            Some(How::With { before, after }) => (before, shown.text.clone(), after),
            Some(How::Instead(script)) => ("", script.to_owned(), ""),
            Some(How::Replacing(from, to)) => ("", shown.text.replacen(from, to, 1), ""),
            Some(How::InCheckout) => {
                ("pushd \"$CHECKOUT\" >/dev/null", shown.text.clone(), "popd >/dev/null")
            }
            Some(How::Server(_)) | None => ("", shown.text.clone(), ""),
        };
        let text = emulators.with_free_ports(&text);
        let output = format!("\"$STATE/{number}.out\"");
        let code = format!("echo $? >\"$STATE/{number}.code\"");
        let _ = match how {
            Some(How::Server(until)) => writeln!(
                script,
                "end_server\n{{\n{text}\n}} >{output} 2>&1 </dev/null &\nserver=$!\nready {output} '{until}'\n{code}"
            ),
            _ => writeln!(script, "{before}\n{{\n{text}\n}} >{output} 2>&1 </dev/null\n{code}\n{after}"),
        };
    }
    script
}

/// Returns the function with which a reader changes the lines of a new upsign.toml. The pool and the client are those that the
/// page has created, if it has.
fn edit(emulators: &Emulators) -> String {
    let Emulators { endpoint, issuer, pool, client, .. } = emulators;
    // The name of a pool is the last part of its issuer.
    let issuers = issuer.trim_end_matches(pool.as_str());
    format!(
        r#"edit() {{
    local pool="${{POOL:-{pool}}}" client="${{CLIENT:-{client}}}"
    sed -i -E \
        -e 's|^name = .*|name = "{BUCKET}"|' \
        -e 's|^region = .*|region = "us-east-1"|' \
        -e "s|^user_pool = .*|issuer = \"{issuers}$pool\"\\njwks_uri = \"{endpoint}/$pool/.well-known/jwks.json\"\\ndanger_http_keys = true|" \
        -e "s|^client_ids = .*|client_ids = [\"$client\"]|" \
        -e 's|^origins = .*|origins = ["http://localhost:3000"]|' \
        upsign.toml
}}
"#
    )
}
