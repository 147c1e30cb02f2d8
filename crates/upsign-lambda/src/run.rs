//! The loop that receives events from the Lambda Runtime API.

use lambda_runtime::layers::TracingLayer;
use lambda_runtime::tower::util::MapResultLayer;
use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
use serde_json::Value;
use serde_json::value::RawValue;

/// The credentials of the process have ended. Never leaves this module.
#[derive(Debug, thiserror::Error)]
#[error("the credentials of the process have ended")]
struct Ended;

/// Passes the text of each event to `handler`, until `has_ended` returns `true` after an answer.
///
/// The answer has reached the Runtime API when the condition is checked, and the next event has not been requested, so no
/// event is lost. A Lambda environment whose process has ended is started again for the next event. The invocation that was
/// answered last counts as failed in the function's metrics (`Runtime.ExitError`), although its caller has received the
/// answer: the platform replaces an answer only if there was none
/// (<https://github.com/aws/aws-lambda-runtime-interface-emulator>, `internal/lambda/rapidcore/server.go`).
pub(crate) async fn until(
    has_ended: impl Fn() -> bool,
    handler: impl AsyncFn(&str) -> Result<Value, Error>,
) -> Result<(), Error> {
    let (has_ended, handler) = (&has_ended, &handler);
    let service =
        service_fn(async move |event: LambdaEvent<Box<RawValue>>| handler(event.payload.get()).await);
    let end_after_answer = MapResultLayer::new(move |posted: Result<(), Error>| {
        posted?;
        if has_ended() { Err(Error::from(Ended)) } else { Ok(()) }
    });
    let runtime = Runtime::new(service).layer(TracingLayer::new()).layer(end_after_answer);
    match runtime.run().await {
        Err(error) if error.is::<Ended>() => {
            tracing::warn!("{Ended}; it ends too, so that a new one starts with new credentials");
            Ok(())
        }
        result => result,
    }
}
