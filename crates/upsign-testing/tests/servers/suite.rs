//! One server, all requests, all mutations.

use std::time::Instant;

use futures_util::{StreamExt as _, stream};

use crate::deviations::excused;
use crate::mutations::{self, Mutation};
use crate::report::{Answered, Report};
use crate::requests::{self, Case};
use crate::server::Server;
use crate::state::Ready;

/// Concurrent requests.
const AT_ONCE: usize = 8;

pub(crate) async fn run(server: &Server) -> Report {
    let start = Instant::now();
    let cases = requests::all();
    let answers: Vec<Vec<Answered>> =
        stream::iter(&cases).map(|case| put_to(server, case)).buffer_unordered(AT_ONCE).collect().await;
    Report::of(server.name, answers.into_iter().flatten(), start.elapsed())
}

/// First what must be refused, while the request itself would be taken; then the request, which nothing before it may
/// have spoilt; then what this server is known to take.
async fn put_to(server: &Server, case: &Case) -> Vec<Answered> {
    let ready = Ready::prepare(server, case).await;
    let (lax, strict): (Vec<_>, Vec<_>) =
        mutations::ALL.iter().partition(|mutation| excused(server.name, mutation.name, case));
    let mut answers = Vec::new();
    for mutation in strict {
        answers.extend(mutated(server, &ready, mutation).await);
    }
    if answers.iter().all(|answered| answered.as_on_s3) {
        ready.untouched().await;
    }
    let answer = ready.outgoing().send(&server.http).await;
    answers.extend(Answered::as_signed(server.name, case, ready.done(&answer).await));
    for mutation in lax {
        answers.extend(mutated(server, &ready, mutation).await);
    }
    answers
}

async fn mutated(server: &Server, ready: &Ready<'_>, mutation: &Mutation) -> Vec<Answered> {
    let mut answers = Vec::new();
    for outgoing in (mutation.of)(ready, &ready.outgoing()) {
        let answer = outgoing.send(&server.http).await;
        answers.push(Answered::mutated(server.name, mutation.name, ready.case, &answer));
    }
    answers
}
