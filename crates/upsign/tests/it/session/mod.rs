//! Upload tokens: vectors that were computed without this crate, every way to alter or misuse a token, and round trips.

mod properties;
mod rejections;
mod rotation;
mod vectors;

use upsign::session::{MultipartUpload, ResumeWindow, TokenKeys, UploadSession, UploadToken};
use upsign::types::{MultipartPlan, Provider, Resource};
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

fn upload() -> MultipartUpload {
    MultipartUpload {
        route: Some("videos".parse().unwrap()),
        bucket: bucket(),
        key: "videos/alice/1.mp4".parse().unwrap(),
        upload_id: "VXBsb2FkSWQ".parse().unwrap(),
        content_type: "video/mp4".parse().unwrap(),
        plan: MultipartPlan::new(1 << 30, None, &Provider::Aws.capabilities()).unwrap(),
        checksum: None,
    }
}

fn bucket() -> Resource {
    "article-images-bucket".parse().unwrap()
}

/// The routes of the service: only `videos`.
fn bucket_of(route: Option<&RouteName>) -> Option<Resource> {
    route.filter(|name| **name == "videos").map(|_| bucket())
}

/// A session of one day that alice began.
fn session() -> UploadSession {
    UploadSession::begin(upload(), &alice(), at(), ResumeWindow::from_secs(86_400).unwrap())
}

fn token() -> UploadToken {
    keys().sign(&session()).unwrap()
}
