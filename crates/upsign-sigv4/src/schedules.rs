//! The signer's kept state under 100,000 schedules of its threads, chosen by shuttle: `cargo xtask test --only schedules`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic in a test reports the failure")]

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use shuttle::rand::{Rng, thread_rng};
use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
use shuttle::{Config, FailurePersistence, Runner, thread};
use upsign_core::{Credentials, ExpiresIn, Operation, PresignRequest, Sign, Target, Timestamp};

use crate::batch::template::UrlTemplate;
use crate::signer::SigV4;

/// Each test runs this many schedules of uniformly random choices, and as many of random priorities with a few changes (PCT).
const SCHEDULES: usize = 25_000;

fn run(test: fn()) {
    let schedulers: [Box<dyn Scheduler + Send>; 2] =
        [Box::new(RandomScheduler::new(SCHEDULES)), Box::new(PctScheduler::new(4, SCHEDULES))];
    for scheduler in schedulers {
        let mut config = Config::new();
        config.failure_persistence = FailurePersistence::Print;
        config.stack_size = 1 << 18;
        assert_eq!(Runner::new(scheduler, config).run(test), SCHEDULES);
    }
}

const KEYS: usize = 3;
/// Two seconds of one day and one of the next.
const TIMES: [u64; 3] = [1_800_000_000, 1_800_000_001, 1_800_086_400];

fn request(region: &str) -> PresignRequest {
    let target = Target::aws("article-images-bucket".parse().unwrap(), region.parse().unwrap());
    PresignRequest::new(
        target,
        Operation::PutObject,
        "a/b.jpg".parse().unwrap(),
        ExpiresIn::from_secs(900).unwrap(),
    )
}

/// What a fresh signer returns for each choice of credentials, time and region.
struct Expected {
    credentials: [Credentials; KEYS],
    times: [Timestamp; 3],
    requests: [PresignRequest; 2],
    urls: HashMap<[usize; 3], String>,
}

fn expected() -> &'static Expected {
    static EXPECTED: OnceLock<Expected> = OnceLock::new();
    EXPECTED.get_or_init(|| {
        // A rotation that keeps the access key id, and one that does not.
        let credentials = [("AKID1", "secret-1"), ("AKID1", "secret-2"), ("AKID2", "secret-3")]
            .map(|(id, secret)| Credentials::long_term(id, secret).unwrap());
        let times = TIMES.map(|seconds| Timestamp::from_unix(seconds).unwrap());
        let requests = ["ap-southeast-1", "us-east-1"].map(request);
        let mut urls = HashMap::new();
        for (key, credentials) in credentials.iter().enumerate() {
            for (time, at) in times.iter().enumerate() {
                for (region, request) in requests.iter().enumerate() {
                    let signed = SigV4::new().sign(request, credentials, *at).unwrap();
                    urls.insert([key, time, region], signed.url.expose().to_owned());
                }
            }
        }
        Expected { credentials, times, requests, urls }
    })
}

/// Signs with random credentials, time and region in three threads, and compares each URL.
fn in_threads(sign: impl Fn(usize, usize, usize) -> (String, usize) + Clone + Send + 'static) {
    // Here, where only one task runs: within it, a signer lets other tasks run, and they would wait for it forever.
    expected();
    let threads = [0, 1, 2].map(|_| {
        let sign = sign.clone();
        thread::spawn(move || {
            for _ in 0..3 {
                let mut random = thread_rng();
                let choice = [random.gen_range(0..KEYS), random.gen_range(0..3), random.gen_range(0..2)];
                let (url, region) = sign(choice[0], choice[1], choice[2]);
                assert_eq!(url, expected().urls[&[choice[0], choice[1], region]]);
            }
        })
    });
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn shared_signer_equals_a_fresh_one() {
    run(|| {
        let signer = Arc::new(SigV4::new());
        in_threads(move |key, time, region| {
            let expected = expected();
            let (credentials, at) = (&expected.credentials[key], expected.times[time]);
            let signed = signer.sign(&expected.requests[region], credentials, at).unwrap();
            (signed.url.expose().to_owned(), region)
        });
    });
}

/// The template and direct calls share the signer.
#[test]
fn shared_template_equals_a_fresh_signer() {
    run(|| {
        let signer = Arc::new(SigV4::new());
        let template = UrlTemplate::new(Arc::clone(&signer), expected().requests[0].clone()).unwrap();
        let template = Arc::new(template);
        in_threads(move |key, time, region| {
            let expected = expected();
            let (credentials, at) = (&expected.credentials[key], expected.times[time]);
            if region == 1 {
                let signed = signer.sign(&expected.requests[1], credentials, at).unwrap();
                return (signed.url.expose().to_owned(), 1);
            }
            (template.url(expected.requests[0].key(), credentials, at), 0)
        });
    });
}
