//! Two requests that confirm one upload at the same time.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use upsign::confirm::Confirmation;
use upsign::session::SessionError;

use super::setup::{Content, GateKind, alice};
use super::verdicts::Inspected;
use super::world::World;

/// One step of a race.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    First,
    Second,
    Put(Content),
    /// The lifecycle rule removes the object to which clients upload.
    Expire,
    /// The client deletes the upload with its token.
    Delete,
    /// The store notifies the service of the object.
    Event,
    /// The inspector learns of a virus, or forgets it.
    ChangeMind,
}

type Answer = Result<Confirmation, SessionError>;

/// A request under way.
struct Running<'a> {
    future: Pin<Box<dyn Future<Output = Answer> + 'a>>,
    answer: Option<Answer>,
    /// What it has inspected and rejected.
    rejected: Option<Inspected>,
}

impl<'a> Running<'a> {
    fn new(future: impl Future<Output = Answer> + 'a) -> Self {
        Self { future: Box::pin(future), answer: None, rejected: None }
    }

    /// Lets it make one call of the store. Returns what its answer rejects.
    fn step(&mut self, world: &World) -> Option<Inspected> {
        if self.has_ended() {
            return None;
        }
        let since = world.scanner.verdicts.count();
        let poll = self.future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        if world.scanner.verdicts.count() > since {
            self.rejected = world.scanner.verdicts.last_rejected(since);
        }
        let Poll::Ready(answer) = poll else { return None };
        let rejected = answer.as_ref().ok().and_then(|it| world.check_rejection(it, self.rejected.take()));
        self.answer = Some(answer);
        rejected
    }

    const fn has_ended(&self) -> bool {
        self.answer.is_some()
    }
}

/// What came of a race.
struct Outcome {
    ended: [bool; 2],
    answers: Vec<Confirmation>,
    rejected: Vec<Inspected>,
}

impl World {
    /// Two requests confirm one upload, and their calls of the store happen in this order, with other things between them.
    /// Returns whether each request has ended: it has no turns any more.
    pub(super) fn race(&mut self, index: usize, turns: &[Turn], to_the_end: bool) -> [bool; 2] {
        let since = self.scanner.verdicts.count();
        let outcome = self.run_race(index, turns, to_the_end);
        for answer in &outcome.answers {
            self.note(index, answer);
        }
        self.note_rejected(outcome.rejected, since);
        // A request may have confirmed what was deleted before or after it.
        if turns.contains(&Turn::Delete) {
            self.granted[index].deleted = self.granted[index].receipts.len();
        }
        outcome.ended
    }

    fn run_race(&self, index: usize, turns: &[Turn], to_the_end: bool) -> Outcome {
        let (token, caller) = (&self.granted[index].token, alice());
        let mut requests =
            [(); 2].map(|()| Running::new(self.service.confirm_upload(&caller, token, self.at)));
        let (mut of_events, mut rejected) = (Vec::new(), Vec::new());
        for turn in turns {
            match turn {
                Turn::First => rejected.extend(requests[0].step(self)),
                Turn::Second => rejected.extend(requests[1].step(self)),
                Turn::Put(content) => self.put(index, *content),
                // Only objects that are not confirmed expire.
                Turn::Expire if self.setup.gate == GateKind::Pending => {
                    let _ = self.store.expire(&self.granted[index].upload_key);
                }
                Turn::Expire => {}
                Turn::Delete => drop(self.send_deletion(index)),
                Turn::Event => {
                    let since = self.scanner.verdicts.count();
                    let answer = self.send_event(index);
                    rejected.extend(answer.as_ref().and_then(|answer| self.rejected_now(answer, since)));
                    of_events.extend(answer);
                }
                Turn::ChangeMind => self.scanner.change_mind(),
            }
        }
        while to_the_end && !requests.iter().all(Running::has_ended) {
            requests.iter_mut().for_each(|request| rejected.extend(request.step(self)));
        }
        let ended = [requests[0].has_ended(), requests[1].has_ended()];
        let answers = requests.into_iter().filter_map(|request| request.answer?.ok());
        Outcome { ended, answers: answers.chain(of_events).collect(), rejected }
    }
}
