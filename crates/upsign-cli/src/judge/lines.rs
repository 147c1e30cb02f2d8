//! Lines in, lines out.

use std::io::{BufRead, BufReader, BufWriter, Read, Write};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::exit::{Exit, Failed};

/// The longest line that is read. Twice what Lambda hands a function, with room for escapes.
const MAX_LINE_BYTES: u64 = 16 << 20;

/// Why a line is no request. The words are for whoever wrote the line and hold nothing of it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct BadLine(String);

impl BadLine {
    /// The member that is wrong, and why.
    pub(crate) fn member(name: &str, why: &dyn std::fmt::Display) -> Self {
        Self(format!("`{name}`: {why}"))
    }
}

impl From<serde_json::Error> for BadLine {
    /// serde quotes the value it did not expect, which may be a token; a missing member's name is ours.
    fn from(error: serde_json::Error) -> Self {
        let told = error.to_string();
        Self(if told.starts_with("missing field") {
            told.split(" at line").next().unwrap_or_default().replace("field", "member")
        } else if error.is_data() {
            "a member is of the wrong type, or there twice".into()
        } else {
            "not a line of JSON".into()
        })
    }
}

/// An answer, but for the `id`.
pub(crate) type Answer = Result<Map<String, Value>, BadLine>;

/// The members of a JSON object built with `json!`.
pub(crate) fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => Map::from_iter([("value".to_owned(), other)]),
    }
}

/// Answers standard input line by line on standard output.
pub(crate) fn answer<T: DeserializeOwned>(verdict: impl Fn(T) -> Answer) -> Result<Exit, Failed> {
    let (input, output) = (std::io::stdin().lock(), std::io::stdout().lock());
    answer_each(input, output, verdict).map_err(|error| Failed::caused("standard input or output", &error))
}

fn answer_each<T: DeserializeOwned>(
    input: impl Read,
    output: impl Write,
    verdict: impl Fn(T) -> Answer,
) -> std::io::Result<Exit> {
    let (mut input, mut output) = (BufReader::with_capacity(1 << 16, input), BufWriter::new(output));
    let (mut line, mut exit) = (Vec::new(), Exit::Success);
    while next(&mut input, &mut line)? {
        if line.len() as u64 <= MAX_LINE_BYTES && line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let answer = one(&line, &verdict).unwrap_or_else(|(id, why)| {
            exit = Exit::BadLine;
            members(json!({"id": id, "error": {"code": "bad-line", "reason": why.to_string()}}))
        });
        serde_json::to_writer(&mut output, &answer)?;
        output.write_all(b"\n")?;
        // Whoever waits for an answer before the next question gets it.
        if input.buffer().is_empty() {
            output.flush()?;
        }
    }
    output.flush()?;
    Ok(exit)
}

fn one<T: DeserializeOwned>(
    line: &[u8],
    verdict: impl Fn(T) -> Answer,
) -> Result<Map<String, Value>, (Value, BadLine)> {
    if line.len() as u64 > MAX_LINE_BYTES {
        return Err((Value::Null, BadLine("longer than 16 MiB".into())));
    }
    // Read twice: into a tree for the id, which also a bad request has, and into the request, which no member may
    // enter twice.
    let named: Value = serde_json::from_slice(line).map_err(|error| (Value::Null, error.into()))?;
    let id = named.get("id").cloned().unwrap_or_default();
    if !named.is_object() {
        return Err((Value::Null, BadLine("not a JSON object".into())));
    }
    let judged = serde_json::from_slice(line).map_err(BadLine::from).and_then(verdict);
    let mut answer = judged.map_err(|why| (id.clone(), why))?;
    drop(answer.insert("id".into(), id));
    Ok(answer)
}

/// The next line without its end. Of one that is too long, one byte more than may be.
fn next(input: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<bool> {
    line.clear();
    let read = input.by_ref().take(MAX_LINE_BYTES + 1).read_until(b'\n', line)?;
    if line.last() == Some(&b'\n') {
        line.truncate(line.len() - 1);
    } else if line.len() as u64 > MAX_LINE_BYTES {
        input.skip_until(b'\n')?;
    }
    Ok(read > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Double {
        n: u32,
    }

    #[track_caller]
    fn check(input: &[u8], wanted: &str, exit: Exit) {
        let mut output = Vec::new();
        let double = |request: Double| Ok(members(json!({"twice": request.n * 2})));
        assert_eq!(answer_each(input, &mut output, double).unwrap(), exit);
        assert_eq!(String::from_utf8(output).unwrap(), wanted);
    }

    #[test]
    fn one_answer_a_line_in_order() {
        check(b"", "", Exit::Success);
        check(
            b"{\"id\":\"a\",\"n\":1}\n\n{\"id\":2,\"n\":2}\r\n{\"n\":3}",
            "{\"id\":\"a\",\"twice\":2}\n{\"id\":2,\"twice\":4}\n{\"id\":null,\"twice\":6}\n",
            Exit::Success,
        );
    }

    #[test]
    fn a_bad_line_stops_nothing() {
        let bad = |id: &str, why: &str| {
            format!("{{\"error\":{{\"code\":\"bad-line\",\"reason\":\"{why}\"}},\"id\":{id}}}\n")
        };
        let wanted = [
            bad("null", "not a line of JSON"),
            bad("1", "missing member `n`"),
            bad("2", "a member is of the wrong type, or there twice"),
            bad("3", "a member is of the wrong type, or there twice"),
            "{\"id\":4,\"twice\":8}\n".to_owned(),
        ];
        let input =
            b"{\n{\"id\":1}\n{\"id\":2,\"n\":\"secret\"}\n{\"id\":3,\"n\":1,\"n\":2}\n{\"id\":4,\"n\":4}\n";
        check(input, &wanted.concat(), Exit::BadLine);
    }

    #[test]
    fn a_line_has_an_end() {
        let mut input = vec![b' '; 17 << 20];
        input.extend(b"x\n{\"id\":1,\"n\":1}\n");
        let told = "{\"error\":{\"code\":\"bad-line\",\"reason\":\"longer than 16 MiB\"},\"id\":null}\n";
        check(&input, &format!("{told}{{\"id\":1,\"twice\":2}}\n"), Exit::BadLine);
    }
}
