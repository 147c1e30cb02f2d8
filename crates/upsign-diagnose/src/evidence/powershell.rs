//! "Copy as PowerShell" of Chrome, and calls of `Invoke-WebRequest` that people write.
//!
//! Parameters: <https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.utility/invoke-webrequest>.

use super::error::UnreadableEvidence;
use super::form_data;
use super::sent::{Exchange, Sent};

/// Names of the command, in lower case.
const COMMANDS: [&str; 4] = ["invoke-webrequest", "invoke-restmethod", "iwr", "irm"];

/// Returns whether a text contains a call.
pub(super) fn is_call(text: &str) -> bool {
    // Chrome sets variables in front of the call.
    let start = text.get(..text.floor_char_boundary(64 * 1024)).unwrap_or_default();
    let words = if start.starts_with('$') { usize::MAX } else { 1 };
    start.split_ascii_whitespace().take(words).any(|it| COMMANDS.contains(&it.to_ascii_lowercase().as_str()))
}

/// Reads a call. Its answer is not known.
pub(super) fn read(text: &str) -> Result<Exchange, UnreadableEvidence> {
    let mut tokens = Tokens { rest: text.chars().peekable() };
    let mut call = Call::default();
    let (mut is_in_call, mut is_after_at) = (false, false);
    while let Some(token) = tokens.next_token()? {
        let is_splat = std::mem::replace(&mut is_after_at, matches!(token, Token::Mark('@')));
        match token {
            // `@params`: a variable has parameters.
            Token::Word(_) if is_in_call && is_splat => call.has_unknown_headers = true,
            Token::Word(word) if COMMANDS.contains(&word.to_ascii_lowercase().as_str()) => is_in_call = true,
            Token::Word(word) if is_in_call && word.starts_with('-') => call.parameter(&word, &mut tokens)?,
            Token::Word(value) | Token::Text(value) if is_in_call && value.contains("://") => {
                call.url.get_or_insert(value);
            }
            _ => {}
        }
    }
    call.finish()
}

/// Names in lower case, with their values.
type Pairs = Vec<(Box<str>, Box<str>)>;

#[derive(Default)]
struct Call {
    url: Option<String>,
    method: Option<String>,
    headers: Pairs,
    content_type: Option<String>,
    body: Option<String>,
    /// Whether a variable has parameters or headers.
    has_unknown_headers: bool,
}

impl Call {
    fn parameter<I: Iterator<Item = char>>(
        &mut self,
        name: &str,
        tokens: &mut Tokens<I>,
    ) -> Result<(), UnreadableEvidence> {
        match name.to_ascii_lowercase().as_str() {
            "-uri" => self.url = tokens.value()?,
            "-method" | "-custommethod" => {
                let method = tokens.value()?;
                self.has_unknown_headers |= method.as_ref().is_some_and(|it| it.starts_with('$'));
                self.method = method.filter(|it| !it.starts_with('$'));
            }
            "-contenttype" => self.content_type = tokens.value()?,
            // The text is an argument of a call that encodes it.
            "-body" => self.body = tokens.text()?,
            "-headers" => match tokens.next_token()? {
                Some(Token::Mark('@')) => self.headers.extend(tokens.table()?),
                _ => self.has_unknown_headers = true,
            },
            "-websession" | "-infile" | "-outfile" | "-timeoutsec" => drop(tokens.value()?),
            _ => {}
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Exchange, UnreadableEvidence> {
        // Chrome writes the first lines of HTTP/2 as headers.
        if self.headers.iter().any(|(name, _)| &**name == "authority") {
            self.headers.retain(|(name, _)| !matches!(&**name, "authority" | "method" | "path" | "scheme"));
        }
        let method = self.method.unwrap_or_else(|| "GET".to_owned());
        // Only POST has a type by default, says the page of the parameters.
        let default = self.body.is_some() && method.eq_ignore_ascii_case("post");
        let default = default.then(|| "application/x-www-form-urlencoded".to_owned());
        let content_type = self.content_type.or(default);
        self.headers.extend(content_type.as_deref().map(|it| ("content-type".into(), it.into())));
        let url = self.url.ok_or(UnreadableEvidence::NoUrl)?;
        let mut sent = Sent::new(&method, &url, self.headers).ok_or(UnreadableEvidence::NoUrl)?;
        sent.has_unknown_headers = self.has_unknown_headers;
        let body = self.body.unwrap_or_default();
        sent.form = form_data::fields(&content_type.unwrap_or_default(), &body);
        Ok(Exchange { sent, answer: None })
    }
}

enum Token {
    /// A text in quotation marks.
    Text(String),
    /// A word without quotation marks, such as a parameter.
    Word(String),
    /// `@{`, `{`, `}`, `(`, `)`, `=`, `,` or `;`.
    Mark(char),
}

struct Tokens<I: Iterator<Item = char>> {
    rest: std::iter::Peekable<I>,
}

impl<I: Iterator<Item = char>> Tokens<I> {
    fn next_token(&mut self) -> Result<Option<Token>, UnreadableEvidence> {
        // A backtick at the end of a line continues it.
        while self.rest.next_if(|it| it.is_whitespace() || *it == '`').is_some() {}
        let token = match self.rest.next() {
            None => return Ok(None),
            Some('"') => Token::Text(self.double_quoted()?),
            Some('\'') => Token::Text(self.single_quoted()?),
            Some(mark @ ('@' | '{' | '}' | '(' | ')' | '=' | ',' | ';')) => Token::Mark(mark),
            Some(first) => {
                let mut word = String::from(first);
                let is_part = |it: &char| !it.is_whitespace() && !"\"'{}()=,;`".contains(*it);
                while let Some(next) = self.rest.next_if(is_part) {
                    word.push(next);
                }
                Token::Word(word)
            }
        };
        Ok(Some(token))
    }

    /// Returns the value of a parameter: a text or a word.
    fn value(&mut self) -> Result<Option<String>, UnreadableEvidence> {
        Ok(match self.next_token()? {
            Some(Token::Text(value) | Token::Word(value)) => Some(value),
            _ => None,
        })
    }

    /// Returns the next text in quotation marks.
    fn text(&mut self) -> Result<Option<String>, UnreadableEvidence> {
        while let Some(token) = self.next_token()? {
            match token {
                Token::Text(text) => return Ok(Some(text)),
                Token::Word(word) if word.starts_with('-') => return Ok(None),
                _ => {}
            }
        }
        Ok(None)
    }

    /// Reads `@{ "name"="value" … }`.
    fn table(&mut self) -> Result<Pairs, UnreadableEvidence> {
        let (mut pairs, mut name) = (Pairs::new(), None::<String>);
        while let Some(token) = self.next_token()? {
            match token {
                Token::Mark('}') => break,
                Token::Mark(_) => {}
                Token::Text(text) | Token::Word(text) => match name.take() {
                    None => name = Some(text.to_ascii_lowercase()),
                    Some(name) => pairs.push((name.into(), text.trim().into())),
                },
            }
        }
        Ok(pairs)
    }

    /// In single quotation marks, two of them stand for one.
    fn single_quoted(&mut self) -> Result<String, UnreadableEvidence> {
        let mut text = String::new();
        loop {
            match self.rest.next().ok_or(UnreadableEvidence::UnclosedQuote)? {
                '\'' if self.rest.next_if_eq(&'\'').is_none() => return Ok(text),
                other => text.push(other),
            }
        }
    }

    /// In double quotation marks, a backtick escapes the next character, and `$([char]13)` stands for a character.
    fn double_quoted(&mut self) -> Result<String, UnreadableEvidence> {
        let mut text = String::new();
        loop {
            match self.rest.next().ok_or(UnreadableEvidence::UnclosedQuote)? {
                '"' => return Ok(text),
                '`' => match self.rest.next().ok_or(UnreadableEvidence::UnclosedQuote)? {
                    'n' => text.push('\n'),
                    'r' => text.push('\r'),
                    't' => text.push('\t'),
                    '0' => text.push('\0'),
                    other => text.push(other),
                },
                '$' if self.rest.next_if_eq(&'(').is_some() => text.extend(self.character()),
                other => text.push(other),
            }
        }
    }

    /// Reads `[char]13)`. Another expression yields nothing.
    fn character(&mut self) -> Option<char> {
        let mut expression = String::new();
        while let Some(next) = self.rest.next_if(|it| !matches!(it, '"')) {
            if next == ')' {
                break;
            }
            expression.push(next);
        }
        char::from_u32(expression.strip_prefix("[char]")?.parse().ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_of_chrome_and_people_are_read() {
        for text in [
            "$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession\n$session.UserAgent = \"M (X)\"\n\
             Invoke-WebRequest -UseBasicParsing -Uri \"https://b/k?a=`$b\" `\n-Method \"PUT\" `\n-WebSession $session `\n-Headers @{\n\
             \"authority\"=\"b\"\n  \"method\"=\"PUT\"\n  \"sec-ch-ua\"=\"`\"C`\";v=`\"1`\"\"\n} `\n-ContentType \"image/png\" `\n\
             -Body ([System.Text.Encoding]::UTF8.GetBytes(\"$([char]0)x`$\"))",
            "iwr 'https://b/k?a=$b' -Method Put -Headers @{'sec-ch-ua' = '\"C\";v=\"1\"'; 'Content-Type' = 'image/png'} -InFile a.png",
        ] {
            assert!(is_call(text));
            let sent = read(text).unwrap().sent;
            assert_eq!((&*sent.request.method, &*sent.url), ("PUT", "https://b/k?a=$b"));
            assert_eq!(sent.request.header("content-type"), Some("image/png"));
            assert_eq!(sent.request.header("sec-ch-ua"), Some("\"C\";v=\"1\""));
            assert_eq!(sent.request.header("method"), None);
        }
    }

    #[test]
    fn only_post_has_a_type_by_default() {
        let sent = |method| read(&format!("irm https://b/k -Method {method} -Body 'x=1'")).unwrap().sent;
        assert_eq!(sent("POST").request.header("content-type"), Some("application/x-www-form-urlencoded"));
        assert_eq!(sent("PUT").request.header("content-type"), None);
    }

    #[test]
    fn variables_may_have_headers() {
        for (call, is_unknown) in [
            ("iwr -Uri 'https://b/k' -Headers $h -Method PUT -ContentType 'image/png'", true),
            ("iwr @params -Uri 'https://b/k' -Method PUT -ContentType 'image/png'", true),
            ("iwr -Uri 'https://b/k' -Method $m -ContentType 'image/png'", true),
            ("iwr -Uri 'https://b/k' -Headers @{'a'='b'} -Method PUT -ContentType 'image/png'", false),
        ] {
            let sent = read(call).unwrap().sent;
            assert_eq!(sent.has_unknown_headers, is_unknown, "{call}");
            assert_eq!(sent.request.header("content-type"), Some("image/png"), "{call}");
        }
    }

    #[test]
    fn incomplete_calls_are_refused() {
        for (text, error) in [
            ("iwr -Method PUT", UnreadableEvidence::NoUrl),
            ("iwr \"https://b/k", UnreadableEvidence::UnclosedQuote),
            ("iwr 'https://b/k", UnreadableEvidence::UnclosedQuote),
        ] {
            assert_eq!(read(text).err(), Some(error), "{text}");
        }
        assert!(!is_call("curl https://b/k"));
    }
}
