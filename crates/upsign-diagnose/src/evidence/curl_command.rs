//! "Copy as cURL" of Chrome and Firefox, for bash and for `cmd`, and commands that people write.
//!
//! Options: <https://curl.se/docs/manpage.html>.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::error::UnreadableEvidence;
use super::form_data;
use super::sent::{Exchange, Sent, header_line};
use super::shell_words;
use crate::form::FormField;

/// Options with a value that does not matter here. Others that are not listed have no value.
const WITH_VALUE: &str = "abstract-unix-socket alt-svc aws-sigv4 cacert capath cert cert-type ciphers connect-timeout \
    connect-to continue-at cookie-jar create-file-mode crlfile curves delegation dns-interface \
    dns-ipv4-addr dns-ipv6-addr dns-servers doh-url dump-header ech egd-file engine etag-save \
    expect100-timeout ftp-account ftp-alternative-to-user ftp-method ftp-port ftp-ssl-ccc-mode \
    happy-eyeballs-timeout-ms haproxy-clientip hostpubmd5 hostpubsha256 hsts interface ip-tos \
    ipfs-gateway keepalive-cnt keepalive-time key key-type krb libcurl limit-rate local-port \
    login-options mail-auth mail-from mail-rcpt max-filesize max-redirs max-time netrc-file noproxy \
    output output-dir parallel-max parallel-max-host pass pinnedpubkey preproxy proto proto-default \
    proto-redir proxy proxy-cacert proxy-capath proxy-cert proxy-cert-type proxy-ciphers proxy-crlfile \
    proxy-header proxy-key proxy-key-type proxy-pass proxy-pinnedpubkey proxy-service-name \
    proxy-tls13-ciphers proxy-tlsauthtype proxy-tlspassword proxy-tlsuser proxy-user proxy1.0 pubkey \
    quote random-file range rate request-target resolve retry retry-delay retry-max-time sasl-authzid \
    service-name sigalgs socks4 socks4a socks5 socks5-gssapi-service socks5-hostname speed-limit \
    speed-time stderr telnet-option tftp-blksize time-cond tls-max tls13-ciphers tlsauthtype tlspassword \
    tlsuser trace trace-ascii trace-config unix-socket upload-flags variable vlan-priority write-out";

/// Reads a command. Its answer is not known.
pub(super) fn read(text: &str) -> Result<Exchange, UnreadableEvidence> {
    let mut words = shell_words::split(text)?.into_iter().skip_while(|word| !is_curl(word)).skip(1);
    let mut command = Command::default();
    while let Some(word) = words.next() {
        // The next command begins.
        if matches!(word.as_str(), ";" | "&&" | "|" | ">" | "2>" | "&") {
            break;
        }
        command.word(&word, &mut words);
    }
    command.finish()
}

fn is_curl(word: &str) -> bool {
    let name = word.rsplit(['/', '\\']).next().unwrap_or_default();
    matches!(name, "curl" | "curl.exe")
}

#[derive(Default)]
struct Command {
    method: Option<String>,
    url: Option<String>,
    /// The first word that may be a URL without a scheme.
    short_url: Option<String>,
    /// What is added to the query of the URL.
    query: Vec<String>,
    headers: Vec<(Box<str>, Box<str>)>,
    data: Option<String>,
    fields: Vec<FormField>,
    /// Whether a field is read from a file, so that its value is not known.
    has_unknown_field: bool,
    /// Whether a file or a variable has headers or options.
    has_unknown_headers: bool,
    is_file: bool,
    is_streamed: bool,
    is_head: bool,
    is_get: bool,
    is_json: bool,
}

impl Command {
    fn word(&mut self, word: &str, rest: &mut impl Iterator<Item = String>) {
        if let Some(long) = word.strip_prefix("--") {
            let (name, inline) = match long.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (long, None),
            };
            // https://curl.se/docs/manpage.html#--variable: the same options, with variables in their values.
            return self.option(name.strip_prefix("expand-").unwrap_or(name), inline, rest);
        }
        let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
            return self.operand(word);
        };
        // Letters may stand together, and a value may follow the last one: `-sSTfile`.
        for (index, letter) in letters.char_indices() {
            let attached = letters.get(index + letter.len_utf8()..).filter(|value| !value.is_empty());
            if let Some(name) = with_value(letter) {
                return self.option(name, attached, rest);
            }
            self.is_head |= letter == 'I';
            self.is_get |= letter == 'G';
        }
    }

    fn option(&mut self, name: &str, inline: Option<&str>, rest: &mut impl Iterator<Item = String>) {
        let mut value = || inline.map(str::to_owned).or_else(|| rest.next()).unwrap_or_default();
        match name {
            "request" => self.method(value()),
            "header" => self.header(&value()),
            "url" => self.operand(&value()),
            "url-query" => self.url_query(&value()),
            "cookie" => self.headers.push(("cookie".into(), value().into())),
            "user-agent" => self.headers.push(("user-agent".into(), value().into())),
            "referer" => self.headers.push(("referer".into(), value().into())),
            "user" => self.headers.push(("authorization".into(), value().into())),
            "oauth2-bearer" => {
                self.headers.push(("authorization".into(), format!("Bearer {}", value()).into()));
            }
            "data" | "data-raw" | "data-binary" | "data-ascii" | "data-urlencode" => {
                self.data = Some(value());
            }
            "json" => (self.is_json, self.data) = (true, Some(value())),
            "form" => self.form_field(&value()),
            "form-string" => {
                let field = value();
                let (name, value) = field.split_once('=').unwrap_or((&field, ""));
                self.fields.push(FormField::new(name, value));
            }
            "upload-file" => {
                self.is_streamed = matches!(value().as_str(), "-" | ".");
                self.is_file = true;
            }
            "head" => self.is_head = true,
            "get" => self.is_get = true,
            "config" | "etag-compare" => {
                value();
                self.has_unknown_headers = true;
            }
            _ if WITH_VALUE.split(' ').any(|known| known == name) => drop(value()),
            _ => {}
        }
    }

    /// Reads a word that is no option: the URL, or a variable with options such as `"${HEADERS[@]}"`.
    fn operand(&mut self, word: &str) {
        let is_short = word.contains(['.', '/', ':']) && !word.contains(char::is_whitespace);
        if word.starts_with(['$', '`']) {
            self.has_unknown_headers = true;
        } else if word.contains("://") {
            self.url.get_or_insert_with(|| word.to_owned());
        } else if is_short {
            self.short_url.get_or_insert_with(|| word.to_owned());
        }
    }

    fn method(&mut self, method: String) {
        match method.starts_with(['$', '`']) {
            true => self.has_unknown_headers = true,
            false => self.method = Some(method),
        }
    }

    /// Reads `Name: value`, or `@file`, a file with headers.
    fn header(&mut self, line: &str) {
        self.has_unknown_headers |= line.starts_with(['@', '$', '`']);
        self.headers.extend(header_line(line));
    }

    /// Reads `name=value`, whose value curl encodes, and `+text`, which it does not (<https://curl.se/docs/manpage.html#--url-query>).
    fn url_query(&mut self, pair: &str) {
        let encoded = |value: &str| utf8_percent_encode(value, NON_ALPHANUMERIC).to_string();
        self.query.push(match (pair.strip_prefix('+'), pair.split_once('=')) {
            (Some(raw), _) => raw.to_owned(),
            (_, Some((name, value))) => format!("{name}={}", encoded(value)),
            (None, None) => encoded(pair),
        });
    }

    /// Returns the URL with what options add to its query.
    fn take_url(&mut self) -> Option<String> {
        let short = self.short_url.take().map(|url| format!("http://{url}"));
        let mut url = self.url.take().or(short)?;
        if self.is_get {
            self.query.extend(self.data.take());
        }
        for pair in &self.query {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(pair);
        }
        Some(url)
    }

    fn finish(mut self) -> Result<Exchange, UnreadableEvidence> {
        let url = self.take_url().ok_or(UnreadableEvidence::NoUrl)?;
        let has_body = self.data.is_some() || !self.fields.is_empty();
        let default = match (self.is_file, has_body, self.is_head) {
            (true, ..) => "PUT",
            (_, true, _) => "POST",
            (_, _, true) => "HEAD",
            _ => "GET",
        };
        let method = self.method.take().unwrap_or_else(|| default.to_owned());
        self.add_own_headers();
        // curl sends a header whose value is empty only if it ends with a semicolon.
        self.headers.retain(|(_, value)| !value.is_empty());
        let mut sent = Sent::new(&method, &url, self.headers).ok_or(UnreadableEvidence::NoUrl)?;
        sent.has_unknown_headers = self.has_unknown_headers;
        sent.body_len = sent.request.header("content-length").and_then(|length| length.parse().ok());
        // Browsers copy a form as a body.
        let content_type = sent.request.header("content-type").unwrap_or_default();
        let of_body = self.data.as_deref().map(|data| form_data::fields(content_type, data));
        let of_options = if self.has_unknown_field { Vec::new() } else { self.fields };
        sent.form = of_body.filter(|fields| !fields.is_empty()).unwrap_or(of_options);
        Ok(Exchange { sent, answer: None })
    }
}

impl Command {
    /// Reads `name=value`, `name=@file` and `name=<file`, with options such as `;type=image/png`
    /// (<https://curl.se/docs/manpage.html#-F>).
    fn form_field(&mut self, field: &str) {
        let (name, value) = field.split_once('=').unwrap_or((field, ""));
        self.has_unknown_field |= value.starts_with('<');
        let value = value.strip_prefix('@').unwrap_or(value);
        let value = match value.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
            Some((quoted, _)) => quoted,
            None => value.split(';').next().unwrap_or_default(),
        };
        self.fields.push(FormField::new(name, value));
    }

    /// Adds what curl adds: a type to data (<https://curl.se/docs/manpage.html#-d>), a boundary to forms, and nothing to files.
    fn add_own_headers(&mut self) {
        let has = |name: &str| self.headers.iter().any(|(known, _)| &**known == name);
        let content_type = match (self.data.is_some(), !self.fields.is_empty()) {
            _ if has("content-type") => None,
            _ if self.is_json => Some("application/json"),
            (true, _) => Some("application/x-www-form-urlencoded"),
            (_, true) => Some("multipart/form-data"),
            _ => None,
        };
        let is_chunked = self.is_streamed && !has("content-length") && !has("transfer-encoding");
        self.headers.extend(content_type.map(|value| ("content-type".into(), value.into())));
        self.headers.extend(is_chunked.then(|| ("transfer-encoding".into(), "chunked".into())));
    }
}

/// Returns the long name of a short option that has a value.
fn with_value(letter: char) -> Option<&'static str> {
    Some(match letter {
        'X' => "request",
        'H' => "header",
        'b' => "cookie",
        'A' => "user-agent",
        'e' => "referer",
        'u' => "user",
        'd' => "data",
        'F' => "form",
        'T' => "upload-file",
        'K' => "config",
        'o' | 'm' | 'x' | 'w' | 'E' | 'c' | 'D' | 'C' | 'P' | 'Q' | 'r' | 't' | 'U' | 'Y' | 'y' | 'z' => {
            "output"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(command: &str, method: &str, path: &str, headers: &[(&str, &str)]) {
        let sent = read(command).unwrap().sent;
        assert_eq!((&*sent.request.method, &*sent.request.path), (method, path));
        let read: Vec<(&str, &str)> =
            sent.request.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(read, headers);
    }

    #[test]
    fn commands_of_browsers_and_people_are_read() {
        let png = ("content-type", "image/png");
        check(
            "curl 'https://b/k?X-Amz-Date=1' -X 'PUT' -H 'Content-Type: image/png' --data-raw $'\\u0001'",
            "PUT",
            "/k",
            &[png],
        );
        check("$ curl -sS -XPUT -T a.png -H'content-type: image/png' https://b/k", "PUT", "/k", &[png]);
        check(
            "curl.exe ^\"https://b/k^\" ^\n  -X ^\"PUT^\" ^\n -H ^\"content-type: image/png^\" --compressed",
            "PUT",
            "/k",
            &[png],
        );
        check("curl -T a https://b/k --max-time 5", "PUT", "/k", &[]);
        check("curl -T - https://b/k", "PUT", "/k", &[("transfer-encoding", "chunked")]);
        check(
            "curl --data-binary @a --request=PUT --url https://b/k",
            "PUT",
            "/k",
            &[("content-type", "application/x-www-form-urlencoded")],
        );
        check("curl -H 'Content-Type:' --data-binary @a -X PUT https://b", "PUT", "/", &[]);
        check("curl https://b/k && echo x", "GET", "/k", &[]);
        check("curl -sSTa.png https://b/k", "PUT", "/k", &[]);
        check("curl --json '{}' https://b/k", "POST", "/k", &[("content-type", "application/json")]);
        check("curl -T a b.example.com/k", "PUT", "/k", &[]);
    }

    /// The value of an option is no URL.
    #[test]
    fn the_url_is_found_among_options() {
        for option in [
            "--rate 3/m",
            "--variable t=1",
            "--proxy-header a:b",
            "--output-dir d",
            "--etag-save f",
            "--doh-url https://d/q",
            "--ipfs-gateway http://x/y",
            "-Lo out.txt",
            "--option-of-a-later-version a/b",
        ] {
            check(&format!("curl -T a {option} 'https://b/k?x=1'"), "PUT", "/k", &[]);
        }
        let query = |command: &str| read(command).unwrap().sent.url;
        assert_eq!(
            &*query("curl -T a --url-query 'x=a b' --url-query +y 'https://b/k?z=1'"),
            "https://b/k?z=1&x=a%20b&y"
        );
        assert_eq!(&*query("curl -G -d x=1 https://b/k"), "https://b/k?x=1");
    }

    #[test]
    fn files_and_variables_may_have_headers() {
        let is_unknown = |command: &str| read(command).unwrap().sent.has_unknown_headers;
        for options in
            ["-H @headers.txt", "-K cfg", "--config=cfg", "\"${HEADERS[@]}\"", "$OPTIONS", "-X $METHOD"]
        {
            assert!(is_unknown(&format!("curl -T a {options} https://b/k")), "{options}");
        }
        assert!(!is_unknown("curl -T a -H 'content-type: $TYPE' https://b/k"));
    }

    #[test]
    fn fields_of_forms_are_read() {
        let fields = |command: &str| read(command).unwrap().sent.form;
        let expected = [("key", "a/${filename}"), ("note", "a;b"), ("file", "cat.jpg")];
        let expected = expected.map(|(name, value)| FormField::new(name, value));
        for command in [
            "curl https://b/ -F 'key=a/${filename}' --form-string 'note=a;b' -F 'file=@cat.jpg;type=image/jpeg'",
            "curl https://b/ --form='key=a/${filename};type=text/plain' -F'note=\"a;b\"' --form file=@cat.jpg",
        ] {
            assert_eq!(fields(command), expected, "{command}");
            check(command, "POST", "/", &[("content-type", "multipart/form-data")]);
        }
        let copied = "curl 'https://b/' -H 'content-type: multipart/form-data; boundary=--X' --data-raw \
            $'----X\\r\\nContent-Disposition: form-data; name=\"key\"\\r\\n\\r\\na/1\\r\\n----X--'";
        assert_eq!(fields(copied), [FormField::new("key", "a/1")]);
        // The value is in a file.
        assert!(fields("curl https://b/ -F 'policy=<policy.txt' -F key=a").is_empty());
    }

    #[test]
    fn commands_without_a_url_are_refused() {
        for command in ["curl", "curl -X PUT", "curl ftp://b/k", "curl -T a $URL", "curl -T a x"] {
            assert!(matches!(read(command), Err(UnreadableEvidence::NoUrl)), "{command}");
        }
    }
}
