//! The configuration that `upsign dev` serves, and replacing it when the file is saved.
//!
//! A request is answered by the configuration that is current when it arrives: routes, secrets and documents are exchanged at once. What
//! an earlier configuration has granted still works, because the servers, their keys and those of upload tokens stay. Only if `[auth]`,
//! the region or the versions of the buckets are others, everything is started anew, as by a new start of the command.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{Method, StatusCode};
use tokio::task::JoinHandle;
use tower::ServiceExt as _;
use upsign::{SigV4, UploadService};
use upsign_config::Config;
use upsign_core::Origin;
use upsign_http::UPLOADS;

use super::run_state::{RunState, SavedProblem, problem};
use super::{DevState, app, config};
use crate::embedded::{EmbeddedServices, Presigner, User, confirm_by_events, settings};
use crate::exit::CommandError;
use crate::{output, summary};

/// How often the file is looked at. It is read when two looks have found the same, so that a file is complete.
const POLL: Duration = Duration::from_millis(250);

/// How many earlier configurations answer calls about their uploads.
const MAX_EARLIER: usize = 8;

/// The longest call about an upload, in bytes. The one that completes 10,000 parts has about 1 MiB.
const MAX_CALL: usize = 4 << 20;

/// The calls of the page about an upload that name its route.
const ABOUT_UPLOADS: [&str; 4] = ["/dev/read", "/dev/inspect", "/dev/explain", "/dev/diagnose"];

/// What does not change while the command runs.
pub(super) struct Start {
    pub(super) address: SocketAddr,
    /// The users of the command line.
    pub(super) users: Vec<User>,
    /// The pages of the command line.
    pub(super) admitted: Vec<Origin>,
    pub(super) file: Option<PathBuf>,
}

/// The configuration in use.
#[derive(Clone)]
pub(super) struct Live(Arc<Inner>);

struct Inner {
    start: Start,
    problem: SavedProblem,
    current: RwLock<Arc<Generation>>,
    /// The configurations before the current one on the same servers, the latest first.
    earlier: RwLock<Vec<Arc<Generation>>>,
}

/// A configuration that is served, and what serves it.
pub(super) struct Generation {
    pub(super) services: Arc<EmbeddedServices>,
    service: UploadService<Presigner>,
    run: RunState,
    app: Router,
}

impl Generation {
    fn new(
        start: &Start,
        problem: &SavedProblem,
        services: EmbeddedServices,
        run: RunState,
    ) -> Result<Self, CommandError> {
        let services = Arc::new(services);
        let service = services.service()?;
        let state = DevState {
            services: Arc::clone(&services),
            signer: Arc::new(SigV4::new()),
            service: service.clone(),
            run: run.clone(),
            problem: problem.clone(),
            file: start.file.as_ref().map(|file| file.display().to_string().into()),
        };
        let app = app(state)?;
        Ok(Self { services, service, run, app })
    }
}

impl Live {
    /// Starts the services of the first configuration.
    pub(super) async fn start(start: Start, config: &Config) -> Result<Self, CommandError> {
        let services = EmbeddedServices::start(start.address, config, &start.users, &start.admitted).await?;
        let problem = SavedProblem::default();
        let first = Generation::new(&start, &problem, services, RunState::new()?)?;
        let (current, earlier) = (RwLock::new(Arc::new(first)), RwLock::default());
        Ok(Self(Arc::new(Inner { start, problem, current, earlier })))
    }

    pub(super) fn current(&self) -> Arc<Generation> {
        Arc::clone(&self.0.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns a router that passes each request to the configuration in use.
    pub(super) fn router(&self) -> Router {
        let live = self.clone();
        Router::new().fallback(async move |request: Request| live.answer(request).await)
    }

    /// Answers a request with the configuration in use. A call about an upload that an earlier one has granted, on a route that is now
    /// another one or gone, is answered by that one: an upload in flight still works.
    async fn answer(&self, request: Request) -> Response {
        let current = self.current().app.clone();
        let earlier = self.0.earlier.read().unwrap_or_else(PoisonError::into_inner).clone();
        let path = request.uri().path();
        let is_of_page = ABOUT_UPLOADS.contains(&path);
        let is_of_upload = is_of_page || path.contains(UPLOADS);
        if earlier.is_empty() || !is_of_upload || request.method() != Method::POST {
            return answered(current, request).await;
        }
        let (head, body) = request.into_parts();
        let Ok(body) = to_bytes(body, MAX_CALL).await else {
            return (StatusCode::PAYLOAD_TOO_LARGE, "the call is too large\n").into_response();
        };
        let again = || Request::from_parts(head.clone(), Body::from(body.clone()));
        let answer = answered(current, again()).await;
        let may_know = match answer.status() {
            StatusCode::NOT_FOUND => true,
            // The guard refuses other origins and hosts without a problem document. Its answer is final: it is that of the file in use.
            StatusCode::FORBIDDEN => is_problem(&answer),
            StatusCode::BAD_REQUEST => is_of_page && is_problem(&answer),
            _ => false,
        };
        if !may_know {
            return answer;
        }
        for generation in earlier {
            let other = answered(generation.app.clone(), again()).await;
            if other.status().is_success() {
                return other;
            }
        }
        answer
    }

    /// Confirms uploads by the events of the S3 server that runs now.
    fn confirm(&self) -> JoinHandle<()> {
        let live = self.clone();
        let service = move || {
            let current = live.current();
            current.services.confirms().then(|| current.service.clone())
        };
        confirm_by_events(self.current().services.s3.events(), service)
    }

    /// Replaces the configuration. Returns `false` if it is the one in use.
    async fn replace(&self, config: &Config) -> Result<bool, CommandError> {
        let (Inner { start, problem, current, earlier }, old) = (&*self.0, self.current());
        if settings(config).eq(settings(&old.services.configured)) {
            return Ok(false);
        }
        let (address, users, admitted) = (start.address, &start.users, &start.admitted);
        let next = match old.services.renewed(address, config, users, admitted)? {
            Some(services) => {
                let next = Generation::new(start, problem, services, old.run.next())?;
                next.services.apply()?;
                next
            }
            None => {
                let services = EmbeddedServices::start(address, config, users, admitted).await?;
                Generation::new(start, problem, services, RunState::new()?)?
            }
        };
        let is_same_run = next.run.run == old.run.run;
        *current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
        let mut earlier = earlier.write().unwrap_or_else(PoisonError::into_inner);
        if is_same_run {
            earlier.insert(0, old);
            earlier.truncate(MAX_EARLIER);
        } else {
            earlier.clear();
        }
        Ok(true)
    }

    /// Reads the file that was saved, and serves it if it is valid.
    async fn reload(&self, file: &Path) {
        let name = file.display().to_string();
        let outcome = match config::load(file) {
            Ok(config) => self.replace(&config).await,
            Err(error) => Err(error),
        };
        match &outcome {
            Ok(true) => self.print_saved(&name),
            Ok(false) => {}
            Err(error) => {
                error.diagnostics().for_each(output::error);
                output::notes().line(&format!("   {name} was saved, but is not used: correct it and save it again. The configuration before it stays in use"));
            }
        }
        self.0.problem.set(outcome.err().map(|error| problem(&name, &error)));
    }

    fn print_saved(&self, name: &str) {
        let current = self.current();
        let routes: Vec<&str> = current.services.config.routes().iter().map(summary::route_name).collect();
        output::notes().line(&format!("   {name} was saved: served from now on are {}", routes.join(", ")));
        if current.run.revision == 0 {
            output::notes().line(
                "   [auth], the region or the versions of the buckets have changed: the S3 server and the issuers began anew, and \
                 uploaded files are deleted",
            );
        }
    }

    /// Confirms uploads, and serves the file again whenever it is saved, until the task is aborted.
    pub(super) fn watch(&self) -> JoinHandle<()> {
        let live = self.clone();
        tokio::spawn(async move {
            let mut events = Confirming { run: live.current().run.run.clone(), task: live.confirm() };
            let Some(file) = live.0.start.file.clone() else {
                std::future::pending::<()>().await;
                return;
            };
            // The file may have been saved since it was read at the start: the first look reads it again.
            let (mut seen, mut read) = (Stamp(None), Stamp(None));
            loop {
                tokio::time::sleep(POLL).await;
                let before = std::mem::replace(&mut seen, Stamp::of(&file).await);
                // An editor may remove the file before it writes it.
                if seen != before || seen == read || seen == Stamp(None) {
                    continue;
                }
                read = seen;
                live.reload(&file).await;
                let run = live.current().run.run.clone();
                if run != events.run {
                    events = Confirming { run, task: live.confirm() };
                }
            }
        })
    }

    /// Stops the servers. They are dropped with the last request that uses them.
    pub(super) async fn shutdown(self) {
        let Some(inner) = Arc::into_inner(self.0) else { return };
        drop(inner.earlier);
        let current = inner.current.into_inner().unwrap_or_else(PoisonError::into_inner);
        let Some(Generation { services, app, .. }) = Arc::into_inner(current) else { return };
        drop(app);
        if let Some(services) = Arc::into_inner(services) {
            services.shutdown().await;
        }
    }
}

/// Returns whether the API or the page answered, and not what guards them.
fn is_problem(answer: &Response) -> bool {
    answer
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|it| it.as_bytes().starts_with(b"application/problem+json"))
}

async fn answered(app: Router, request: Request) -> Response {
    let Ok(answer) = app.oneshot(request).await;
    answer
}

/// The task that handles the events of one S3 server.
struct Confirming {
    run: Arc<str>,
    task: JoinHandle<()>,
}

impl Drop for Confirming {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// When a file was changed, and its size. `None` if it cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp(Option<(SystemTime, u64)>);

impl Stamp {
    async fn of(file: &Path) -> Self {
        let metadata = tokio::fs::metadata(file).await.ok();
        Self(metadata.and_then(|metadata| Some((metadata.modified().ok()?, metadata.len()))))
    }
}
