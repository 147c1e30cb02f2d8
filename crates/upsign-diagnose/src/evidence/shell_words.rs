//! The words of a command line, as bash and `cmd.exe` read them.

use super::error::UnreadableEvidence;

/// Splits a command into words. Browsers quote for bash with `'…'` and `$'…'`, and for `cmd` with `^"…^"`.
pub(crate) fn split(command: &str) -> Result<Vec<String>, UnreadableEvidence> {
    let is_cmd = command.contains("^\"") || command.contains("^\n") || command.contains("^\r");
    let plain = if is_cmd { without_carets(command) } else { command.to_owned() };
    let mut words = Words { rest: plain.chars().peekable(), is_cmd };
    let mut all = Vec::new();
    while let Some(word) = words.next_word()? {
        all.push(word);
    }
    Ok(all)
}

/// Removes the escapes of `cmd`: `^` and the character behind it stand for that character, `^` at the end of a line for nothing.
fn without_carets(command: &str) -> String {
    let mut plain = String::with_capacity(command.len());
    let mut characters = command.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '^' {
            plain.push(character);
            continue;
        }
        match characters.next() {
            Some('\r') => {
                characters.next_if_eq(&'\n');
            }
            Some('\n') | None => {}
            Some(escaped) => plain.push(escaped),
        }
    }
    plain
}

struct Words<I: Iterator<Item = char>> {
    rest: std::iter::Peekable<I>,
    is_cmd: bool,
}

impl<I: Iterator<Item = char>> Words<I> {
    fn next_word(&mut self) -> Result<Option<String>, UnreadableEvidence> {
        loop {
            while self.rest.next_if(|it| it.is_whitespace()).is_some() {}
            let (mut word, mut any) = (String::new(), false);
            while let Some(character) = self.rest.next_if(|it| !it.is_whitespace()) {
                // A continued line is no part of a word.
                any |= self.read(character, &mut word)?;
            }
            if any || self.rest.peek().is_none() {
                return Ok(any.then_some(word));
            }
        }
    }

    /// Reads a part of a word that begins with `character`, and returns `false` for the end of a line that is continued.
    fn read(&mut self, character: char, word: &mut String) -> Result<bool, UnreadableEvidence> {
        match character {
            '\'' if !self.is_cmd => self.single_quoted(word)?,
            '$' if self.rest.peek() == Some(&'\'') => {
                self.rest.next();
                self.ansi_quoted(word)?;
            }
            '"' => self.double_quoted(word)?,
            '\\' if !self.is_cmd => match self.rest.next() {
                Some('\n') => return Ok(false),
                Some('\r') => {
                    self.rest.next_if_eq(&'\n');
                    return Ok(false);
                }
                Some(escaped) => word.push(escaped),
                None => {}
            },
            other => word.push(other),
        }
        Ok(true)
    }

    fn single_quoted(&mut self, word: &mut String) -> Result<(), UnreadableEvidence> {
        loop {
            match self.rest.next().ok_or(UnreadableEvidence::UnclosedQuote)? {
                '\'' => return Ok(()),
                other => word.push(other),
            }
        }
    }

    fn double_quoted(&mut self, word: &mut String) -> Result<(), UnreadableEvidence> {
        loop {
            match self.rest.next().ok_or(UnreadableEvidence::UnclosedQuote)? {
                '"' => return Ok(()),
                '\\' => match self.rest.next().ok_or(UnreadableEvidence::UnclosedQuote)? {
                    escaped @ ('"' | '\\' | '$' | '`') => word.push(escaped),
                    '\n' => {}
                    other => word.extend(['\\', other]),
                },
                other => word.push(other),
            }
        }
    }

    /// Reads `$'…'`, in which `\u0021` and the like stand for characters.
    fn ansi_quoted(&mut self, word: &mut String) -> Result<(), UnreadableEvidence> {
        loop {
            match self.rest.next().ok_or(UnreadableEvidence::UnclosedQuote)? {
                '\'' => return Ok(()),
                '\\' => match self.rest.next().ok_or(UnreadableEvidence::UnclosedQuote)? {
                    'n' => word.push('\n'),
                    'r' => word.push('\r'),
                    't' => word.push('\t'),
                    'u' => self.code(4, word),
                    'x' => self.code(2, word),
                    other => word.push(other),
                },
                other => word.push(other),
            }
        }
    }

    fn code(&mut self, digits: usize, word: &mut String) {
        let mut code = 0;
        for _ in 0..digits {
            let Some(digit) = self.rest.next_if(char::is_ascii_hexdigit).and_then(|it| it.to_digit(16))
            else {
                break;
            };
            code = code * 16 + digit;
        }
        word.extend(char::from_u32(code));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(command: &str, expected: &[&str]) {
        assert_eq!(split(command).unwrap(), expected);
    }

    #[test]
    fn words_of_bash_are_split() {
        check(
            "curl 'a b' \\\n  -H \"c: \\\"d\\\"\" $'e\\u0021\\'f' g\\ h",
            &["curl", "a b", "-H", "c: \"d\"", "e!'f", "g h"],
        );
        check("curl ''", &["curl", ""]);
        check("curl \\\n \\\r\n '' a", &["curl", "", "a"]);
        // Without recursion.
        assert_eq!(split(&"'' ".repeat(100_000)).unwrap().len(), 100_000);
        check("", &[]);
    }

    #[test]
    fn words_of_cmd_are_split() {
        check(
            "curl ^\"https://b/k?a=1^&b=^%^20c^\" ^\r\n  -X ^\"PUT^\"",
            &["curl", "https://b/k?a=1&b=%20c", "-X", "PUT"],
        );
        check("curl \"https://b/k\" ^\n -H \"a: 'b'\"", &["curl", "https://b/k", "-H", "a: 'b'"]);
    }

    #[test]
    fn quotes_that_do_not_end_are_an_error() {
        for command in ["curl 'a", "curl \"a", "curl $'a", "curl \"a\\"] {
            assert_eq!(split(command), Err(UnreadableEvidence::UnclosedQuote), "{command}");
        }
    }
}
