//! The bodies of the answers of Git LFS.

use http::{Response, StatusCode};
use serde_json::{Map, Value, json};
use upsign::session::UploadToken;
use upsign_core::{ExpiresIn, SignedHeaders, Timestamp};

use crate::dialect::git_lfs::request::{BASIC, BatchObject, Direction, SHA256};
use crate::dialect::git_lfs::{MEDIA_TYPE, verify};
use crate::problem::Problem;
use crate::respond;

/// What the client does with an object.
pub(super) enum ObjectAnswer {
    /// Nothing: the server has it.
    Present,
    /// Sends or reads it.
    Action(Box<Action>),
    /// Reports to its user that the object cannot be transferred.
    Error { code: u16, message: String },
}

/// A request that the client sends to the store.
pub(super) struct Action {
    pub(super) href: String,
    pub(super) headers: SignedHeaders,
    pub(super) expires_in: ExpiresIn,
    pub(super) expires_at: Timestamp,
    /// The request after an upload.
    pub(super) verify: Option<Verify>,
}

/// The request that confirms an upload.
pub(super) struct Verify {
    pub(super) href: String,
    pub(super) token: UploadToken,
}

impl ObjectAnswer {
    pub(super) fn error(code: StatusCode, message: impl Into<String>) -> Self {
        Self::Error { code: code.as_u16(), message: message.into() }
    }

    pub(super) fn problem(problem: &Problem) -> Self {
        Self::error(problem.status(), problem.detail())
    }

    /// Returns the member of `objects`.
    fn json(&self, direction: Direction, object: &BatchObject) -> Value {
        let mut members = Map::new();
        members.insert("oid".to_owned(), (*object.oid).into());
        members.insert("size".to_owned(), object.size.into());
        match self {
            Self::Present => {}
            Self::Error { code, message } => {
                members.insert("error".to_owned(), json!({ "code": code, "message": message }));
            }
            Self::Action(action) => {
                if direction == Direction::Download {
                    // git-lfs then looks for no credentials of the store. For an upload it would not look for those of `verify` either.
                    members.insert("authenticated".to_owned(), true.into());
                }
                members.insert("actions".to_owned(), action.json(direction));
            }
        }
        Value::Object(members)
    }
}

impl Action {
    /// `expires_in` is for the clock of the client, which may be wrong. git-lfs asks again for an action that has expired.
    fn json(&self, direction: Direction) -> Value {
        let header = self.headers.iter().filter(|(name, _)| !SET_BY_CLIENT.contains(name));
        let header: Map<String, Value> =
            header.map(|(name, value)| (name.to_owned(), value.into())).collect();
        let action = json!({
            "href": self.href,
            "header": header,
            "expires_in": self.expires_in.as_secs(),
            "expires_at": self.expires_at.to_string(),
        });
        let mut actions = Map::from_iter([(direction.as_str().to_owned(), action)]);
        if let Some(Verify { href, token }) = &self.verify {
            let verify = json!({ "href": href, "header": { (verify::TOKEN): token.expose() } });
            actions.insert("verify".to_owned(), verify);
        }
        Value::Object(actions)
    }
}

/// Signed headers that every HTTP client sends by itself.
const SET_BY_CLIENT: [&str; 2] = ["content-length", "host"];

/// Returns the answer to a batch (<https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md#successful-responses>).
pub(super) fn batch(
    direction: Direction,
    objects: &[BatchObject],
    answers: &[ObjectAnswer],
) -> Response<String> {
    let objects = objects.iter().zip(answers).map(|(object, answer)| answer.json(direction, object));
    let body = json!({ "transfer": BASIC, "objects": objects.collect::<Vec<_>>(), "hash_algo": SHA256 });
    respond::response(StatusCode::OK, MEDIA_TYPE, body.to_string())
}

/// Returns an answer without a content, or with the text that git-lfs shows.
pub(super) fn message(status: StatusCode, message: Option<&str>) -> Response<String> {
    let body = message.map_or_else(|| json!({}), |message| json!({ "message": message }));
    respond::response(status, MEDIA_TYPE, body.to_string())
}

/// Returns 404, the answer of a server without locks
/// (<https://github.com/git-lfs/git-lfs/blob/main/docs/api/locking.md>).
pub(super) fn without_locks() -> Response<String> {
    message(StatusCode::NOT_FOUND, Some("this server does not implement the locks of Git LFS"))
}
