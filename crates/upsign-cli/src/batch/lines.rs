//! Lines in, lines out.

use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::refused::Refused;
use crate::exit::{Exit, Failed};

/// The longest line that is read: a key, a policy's fields and a session token are far from it.
const MAX_LINE_BYTES: usize = 1 << 20;

#[derive(Serialize)]
struct Answered<'a, A> {
    id: &'a Value,
    #[serde(flatten)]
    answer: A,
}

#[derive(Serialize)]
struct Unanswered<'a> {
    id: &'a Value,
    error: Refused,
}

/// Answers standard input on standard output.
pub(crate) async fn answer<Q: DeserializeOwned, A: Serialize>(
    each: impl AsyncFn(Q) -> Result<A, Refused>,
) -> Result<Exit, Failed> {
    let answered = answer_all(io::stdin().lock(), io::stdout().lock(), each).await;
    answered.map_err(|error| Failed::caused("standard input or output", &error))
}

async fn answer_all<Q: DeserializeOwned, A: Serialize>(
    input: impl Read,
    output: impl Write,
    each: impl AsyncFn(Q) -> Result<A, Refused>,
) -> io::Result<Exit> {
    let (mut input, mut output) = (BufReader::with_capacity(1 << 16, input), BufWriter::new(output));
    let (mut line, mut exit) = (Vec::new(), Exit::Success);
    while let Some(whole) = next(&mut input, &mut line)? {
        if whole && line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let (id, question) = if whole { read(&line) } else { (Value::Null, Err(too_long())) };
        let answer = match question {
            Ok(question) => each(question).await,
            Err(refused) => Err(refused),
        };
        match answer {
            Ok(answer) => serde_json::to_writer(&mut output, &Answered { id: &id, answer })?,
            Err(error) => {
                exit = Exit::BadLine;
                serde_json::to_writer(&mut output, &Unanswered { id: &id, error })?;
            }
        }
        output.write_all(b"\n")?;
        // Whoever waits for an answer before the next question gets it.
        if input.buffer().is_empty() {
            output.flush()?;
        }
    }
    output.flush()?;
    Ok(exit)
}

/// The id, which also a bad request may have, and the request, in which no member may be there twice.
fn read<Q: DeserializeOwned>(line: &[u8]) -> (Value, Result<Q, Refused>) {
    let id = serde_json::from_slice::<Value>(line).ok();
    let id = id.and_then(|mut named| named.get_mut("id").map(Value::take)).unwrap_or_default();
    (id, serde_json::from_slice(line).map_err(|error| Refused::unread(&error)))
}

fn too_long() -> Refused {
    Refused::new("line-too-long", "the line is longer than 1 MiB")
}

/// Reads the next line without its end; `Some(false)` for one that is too long, and was skipped.
fn next(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Option<bool>> {
    line.clear();
    let limit = u64::try_from(MAX_LINE_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    if input.by_ref().take(limit).read_until(b'\n', line)? == 0 {
        return Ok(None);
    }
    if line.pop_if(|byte| *byte == b'\n').is_none() && line.len() > MAX_LINE_BYTES {
        input.skip_until(b'\n')?;
        return Ok(Some(false));
    }
    Ok(Some(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Question {
        #[serde(default, rename = "id")]
        _id: serde::de::IgnoredAny,
        n: u32,
    }

    #[derive(Serialize)]
    struct Twice {
        twice: u32,
    }

    #[track_caller]
    fn check(input: &[u8], wanted: &[&str], exit: Exit) {
        let mut output = Vec::new();
        let answered = answer_all(input, &mut output, async |question: Question| match question.n {
            0 => Err(Refused::new("nothing", "twice nothing")),
            n => Ok(Twice { twice: n * 2 }),
        });
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        assert_eq!(runtime.block_on(answered).unwrap(), exit);
        assert_eq!(String::from_utf8(output).unwrap().lines().collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn one_answer_a_line_in_order() {
        check(b"", &[], Exit::Success);
        check(
            b"{\"id\":\"a\",\"n\":1}\n \r\n{\"id\":2,\"n\":2}\r\n{\"n\":3}",
            &[r#"{"id":"a","twice":2}"#, r#"{"id":2,"twice":4}"#, r#"{"id":null,"twice":6}"#],
            Exit::Success,
        );
    }

    #[test]
    fn a_bad_line_stops_nothing() {
        let input = b"{\n\xff\n7\n{\"id\":1}\n{\"id\":2,\"n\":\"s3cret\"}\n{\"id\":3,\"n\":1,\"n\":2}\n\
                      {\"id\":4,\"n\":1,\"s3cret\":2}\n{\"id\":5,\"n\":0}\n{\"id\":6,\"n\":4}\n";
        check(
            input,
            &[
                r#"{"id":null,"error":{"code":"invalid-json","message":"the line is no JSON"}}"#,
                r#"{"id":null,"error":{"code":"invalid-json","message":"the line is no JSON"}}"#,
                r#"{"id":null,"error":{"code":"invalid-request","message":"a member is of the wrong type"}}"#,
                r#"{"id":1,"error":{"code":"invalid-request","message":"the member `n` is missing"}}"#,
                r#"{"id":2,"error":{"code":"invalid-request","message":"a member is of the wrong type"}}"#,
                r#"{"id":3,"error":{"code":"invalid-request","message":"the member `n` is there twice"}}"#,
                r#"{"id":4,"error":{"code":"invalid-request","message":"a member is there that no request has"}}"#,
                r#"{"id":5,"error":{"code":"nothing","message":"twice nothing"}}"#,
                r#"{"id":6,"twice":8}"#,
            ],
            Exit::BadLine,
        );
    }

    #[test]
    fn a_line_has_an_end() {
        let mut input = vec![b' '; 3 << 20];
        input.extend(b"x\n{\"id\":1,\"n\":1}\n");
        let told =
            r#"{"id":null,"error":{"code":"line-too-long","message":"the line is longer than 1 MiB"}}"#;
        check(&input, &[told, r#"{"id":1,"twice":2}"#], Exit::BadLine);
        let mut input = b"{\"n\":1,\"id\":\"".to_vec();
        input.resize(MAX_LINE_BYTES - 2, b'i');
        input.extend(b"\"}");
        let mut output = Vec::new();
        let answered = answer_all(input.as_slice(), &mut output, async |_: Question| Ok(Twice { twice: 2 }));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        assert_eq!(runtime.block_on(answered).unwrap(), Exit::Success);
    }
}
