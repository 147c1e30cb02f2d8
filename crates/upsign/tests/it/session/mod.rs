//! Upload tokens: vectors that were computed without this crate, every way to alter or misuse a token, and round trips.

mod properties;
mod rejections;
mod rotation;
mod vectors;

use upsign::policy::PlannedSize;
use upsign::session::{
    ResumeWindow, SessionGate, SessionMethod, SessionUpload, TokenKeys, UploadSession, UploadToken,
};
use upsign::types::{MultipartPlan, Provider, Target};
use upsign::{Identity, RouteName, Timestamp};

const SECRET: [u8; 32] = [7; 32];

fn at() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn keys() -> TokenKeys {
    TokenKeys::new("production", [SECRET]).unwrap()
}

fn alice() -> Identity {
    Identity::from_verified("https://issuer.example", "alice").unwrap()
}

fn upload() -> SessionUpload {
    SessionUpload {
        route: Some("videos".parse().unwrap()),
        bucket: target().resource(),
        endpoint: target().endpoint_url().into(),
        key: "videos/alice/1.mp4".parse().unwrap(),
        method: SessionMethod::Multipart("VXBsb2FkSWQ".parse().unwrap()),
        content_type: "video/mp4".parse().unwrap(),
        size: PlannedSize::Exact(MultipartPlan::new(1 << 30, None, &Provider::Aws.capabilities()).unwrap()),
        min_size: 0,
        checksum: None,
        checksum_value: None,
        gate: SessionGate::None,
        account: None,
    }
}

fn target() -> Target {
    Target::aws("article-images-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap())
}

/// The routes of the service: only `videos`.
fn target_of(route: Option<&RouteName>) -> Option<Target> {
    route.filter(|name| **name == "videos").map(|_| target())
}

/// A session of one day that alice began.
fn session() -> UploadSession {
    UploadSession::begin(upload(), &alice(), at(), ResumeWindow::from_secs(86_400).unwrap())
}

fn token() -> UploadToken {
    keys().sign(&session()).unwrap()
}
