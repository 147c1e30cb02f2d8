//! Runs all requests and all mutations on one server.

use std::time::Instant;

use futures_util::{StreamExt as _, stream};

use crate::deviations::is_known;
use crate::mutations::{self, Mutation};
use crate::report::{Answered, Report};
use crate::requests::{self, Case};
use crate::server::Server;
use crate::state::PreparedCase;

/// Maximum number of cases that run concurrently.
const CONCURRENCY: usize = 8;

pub(crate) async fn run(server: &Server) -> Report {
    let start = Instant::now();
    let cases = requests::all();
    let answers: Vec<Vec<Answered>> =
        stream::iter(&cases).map(|case| run_case(server, case)).buffer_unordered(CONCURRENCY).collect().await;
    Report::new(server.name, answers.into_iter().flatten(), start.elapsed())
}

/// Runs one case in three phases.
///
/// First the mutations that the server must reject: the unchanged request would succeed at this time, so only the change can
/// be the cause of a rejection. Then the unchanged request: it fails if a mutation had an effect. Last the mutations that this
/// server is known to accept, because they may have an effect.
async fn run_case(server: &Server, case: &Case) -> Vec<Answered> {
    let prepared = PreparedCase::prepare(server, case).await;
    let (known_deviations, strict): (Vec<_>, Vec<_>) =
        mutations::ALL.iter().partition(|mutation| is_known(server.name, mutation.name, case));
    let mut answers = Vec::new();
    for mutation in strict {
        answers.extend(send_mutations(server, &prepared, mutation).await);
    }
    if answers.iter().all(|answered| answered.as_on_s3) {
        prepared.assert_unchanged().await;
    }
    let answer = prepared.outgoing().send(&server.http).await;
    answers.extend(Answered::unchanged(server.name, case, prepared.check(&answer).await));
    for mutation in known_deviations {
        answers.extend(send_mutations(server, &prepared, mutation).await);
    }
    answers
}

async fn send_mutations(server: &Server, prepared: &PreparedCase<'_>, mutation: &Mutation) -> Vec<Answered> {
    let mut answers = Vec::new();
    for outgoing in (mutation.apply)(prepared, &prepared.outgoing()) {
        let answer = outgoing.send(&server.http).await;
        answers.push(Answered::mutated(server.name, mutation.name, prepared.case, &answer));
    }
    answers
}
