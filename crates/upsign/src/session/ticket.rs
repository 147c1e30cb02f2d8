//! Signed permissions for one call about one upload, for requests that carry no credentials.
//!
//! Some clients send a request of a multipart upload to whatever URL the service answers, as if it were S3, and without the
//! token of the caller. The service answers a URL of its own with a ticket: an HMAC over the upload token, the call and the end of
//! its validity.
//!
//! A ticket is the base64url form without padding of these bytes:
//!
//! | offset | bytes | content |
//! | ---: | ---: | --- |
//! | 0 | 1 | the version, 1 |
//! | 1 | 8 | the id of the key |
//! | 9 | 1 | the call: 1 create, 2 list, 3 complete, 4 abort |
//! | 10 | 8 | expires at, in seconds since 1970-01-01T00:00:00Z |
//! | 18 | 32 | HMAC-SHA-256 of everything before it and the text of the upload token |

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use upsign_core::Timestamp;

use crate::session::codec::Reader;
use crate::session::keys::{KEY_ID_LEN, TAG_LEN, TokenKeys};
use crate::session::rejection::TokenRejection;

const VERSION: u8 = 1;
/// The length of a ticket before it is encoded as text.
const LEN: usize = 1 + KEY_ID_LEN + 1 + 8 + TAG_LEN;

/// The call that a [`Ticket`] permits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TicketCall {
    /// Repeats the beginning of the upload.
    Create,
    /// Lists the parts.
    List,
    /// Completes the upload.
    Complete,
    /// Aborts the upload.
    Abort,
}

impl TicketCall {
    const ALL: [Self; 4] = [Self::Create, Self::List, Self::Complete, Self::Abort];

    const fn code(self) -> u8 {
        match self {
            Self::Create => 1,
            Self::List => 2,
            Self::Complete => 3,
            Self::Abort => 4,
        }
    }
}

/// The permission for one call about one upload, until it expires.
///
/// The call needs the ticket and the upload token and nothing else, as with a presigned URL: send it to the client only. `Debug`
/// does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Ticket {
    text: Box<str>,
    expires_at: Timestamp,
}

impl Ticket {
    /// How long a ticket of [`ticket_counted`](crate::UploadService::ticket_counted) is valid at most, in seconds: 15 minutes, as long as
    /// the URLs of parts by default. [`lasting_ticket`](crate::UploadService::lasting_ticket) signs longer ones.
    pub const LIFETIME: u64 = 900;

    /// Returns the ticket as text, of `A-Z`, `a-z`, `0-9`, `-` and `_`.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// Returns the instant from which the ticket is not valid.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

impl TokenKeys {
    /// Signs a ticket for the upload of a token.
    pub(crate) fn sign_ticket(&self, token: &str, call: TicketCall, expires_at: Timestamp) -> Ticket {
        let key = &self.ticket().signing;
        let mut bytes = Vec::with_capacity(LEN);
        bytes.push(VERSION);
        bytes.extend_from_slice(&key.id);
        bytes.push(call.code());
        bytes.extend_from_slice(&expires_at.as_unix().to_be_bytes());
        let tag = key.tag(&message(&bytes, token));
        bytes.extend_from_slice(&tag);
        Ticket { text: URL_SAFE_NO_PAD.encode(bytes).into(), expires_at }
    }

    /// Checks that `ticket` permits `call` for the upload of `token` at the instant `at`.
    pub(crate) fn verify_ticket(
        &self,
        token: &str,
        ticket: &str,
        call: TicketCall,
        at: Timestamp,
    ) -> Result<(), TokenRejection> {
        // The length is compared first, so that no long text is decoded.
        if ticket.len() != (LEN * 4).div_ceil(3) {
            return Err(TokenRejection::Ticket);
        }
        let bytes = URL_SAFE_NO_PAD.decode(ticket).map_err(|_| TokenRejection::Ticket)?;
        let (head, tag) = bytes.split_last_chunk().ok_or(TokenRejection::Ticket)?;
        let mut reader = Reader(head);
        let version = reader.byte().ok_or(TokenRejection::Ticket)?;
        let key_id = reader.array().ok_or(TokenRejection::Ticket)?;
        let code = reader.byte().ok_or(TokenRejection::Ticket)?;
        let expires_at = reader.number().and_then(Timestamp::from_unix).ok_or(TokenRejection::Ticket)?;
        if version != VERSION {
            return Err(TokenRejection::Ticket);
        }
        let key = self.ticket().with_id(key_id).ok_or(TokenRejection::UnknownKey)?;
        if !key.verifies(&message(head, token), tag) {
            return Err(TokenRejection::Ticket);
        }
        let permitted = TicketCall::ALL.into_iter().find(|known| known.code() == code);
        if permitted != Some(call) {
            return Err(TokenRejection::TicketCall);
        }
        if at >= expires_at {
            return Err(TokenRejection::TicketExpired(expires_at));
        }
        Ok(())
    }
}

/// The head has a fixed length, so no other head and token give the same message.
fn message(head: &[u8], token: &str) -> Vec<u8> {
    [head, token.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> TokenKeys {
        TokenKeys::new("test", [[7; 32]]).unwrap()
    }

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_unix(seconds).unwrap()
    }

    #[test]
    fn ticket_is_good_for_its_call_and_token_only() {
        let keys = keys();
        for call in TicketCall::ALL {
            let ticket = keys.sign_ticket("token-a", call, at(1_000));
            assert_eq!(keys.verify_ticket("token-a", ticket.expose(), call, at(999)), Ok(()));
            for other in TicketCall::ALL.into_iter().filter(|other| *other != call) {
                let rejected = keys.verify_ticket("token-a", ticket.expose(), other, at(999));
                assert_eq!(rejected, Err(TokenRejection::TicketCall), "{call:?} for {other:?}");
            }
            for token in ["token-b", "", "token-", "token-a "] {
                let rejected = keys.verify_ticket(token, ticket.expose(), call, at(999));
                assert_eq!(rejected, Err(TokenRejection::Ticket), "{token}");
            }
        }
    }

    #[test]
    fn ticket_expires() {
        let (keys, call) = (keys(), TicketCall::Complete);
        let ticket = keys.sign_ticket("t", call, at(1_000));
        for late in [1_000, 1_001, 1 << 36] {
            let rejected = keys.verify_ticket("t", ticket.expose(), call, at(late));
            assert_eq!(rejected, Err(TokenRejection::TicketExpired(at(1_000))));
        }
    }

    #[test]
    fn changed_ticket_is_rejected() {
        let (keys, call) = (keys(), TicketCall::List);
        let ticket = keys.sign_ticket("t", call, at(1_000));
        let bytes = URL_SAFE_NO_PAD.decode(ticket.expose()).unwrap();
        for position in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[position] ^= 1;
            let changed = URL_SAFE_NO_PAD.encode(changed);
            assert!(keys.verify_ticket("t", &changed, call, at(0)).is_err(), "byte {position}");
        }
        for text in ["", "AAAA", &format!("{}A", ticket.expose()), &"=".repeat(ticket.expose().len())] {
            assert_eq!(keys.verify_ticket("t", text, call, at(0)), Err(TokenRejection::Ticket));
        }
    }

    #[test]
    fn ticket_of_another_deployment_or_purpose_is_rejected() {
        let call = TicketCall::Abort;
        let ticket = TokenKeys::new("other", [[7; 32]]).unwrap().sign_ticket("t", call, at(1_000));
        assert_eq!(keys().verify_ticket("t", ticket.expose(), call, at(0)), Err(TokenRejection::UnknownKey));
        assert_ne!(keys().ticket().signing.id, keys().upload_token().signing.id);
    }

    #[test]
    fn tickets_outlive_a_rotation() {
        let call = TicketCall::Complete;
        let ticket = keys().sign_ticket("t", call, at(1_000));
        let rotated = TokenKeys::new("test", [[8; 32], [7; 32]]).unwrap();
        assert_eq!(rotated.verify_ticket("t", ticket.expose(), call, at(0)), Ok(()));
    }

    #[test]
    fn debug_hides_the_ticket() {
        let ticket = keys().sign_ticket("t", TicketCall::Create, at(1_000));
        assert!(!format!("{ticket:?}").contains(ticket.expose()));
    }
}
