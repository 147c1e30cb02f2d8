//! What is known about each store: its name, its hosts and regions, and how it addresses buckets.
//!
//! The features are in [`features`](crate::target::features).

use std::fmt;

use crate::target::addressing::Addressing;
use crate::target::provider::Provider;
use crate::target::region_rule::{RegionRule, has_form};

/// One row of the table of stores.
#[derive(Debug)]
pub(crate) struct Profile {
    /// The value of `provider` in `upsign.toml`.
    pub(crate) name: &'static str,
    /// The name of the product.
    pub(crate) title: &'static str,
    /// The hosts that are certain to belong to the store. The endpoint of a region is that of the first entry that fits.
    pub(crate) hosts: &'static [HostForm],
    pub(crate) region: RegionRule,
    pub(crate) addressing: Addressing,
    pub(crate) evidence: Evidence,
}

/// How the profile of a store is known, as in the chapter about stores of the manual.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Evidence {
    /// The tests of this project upload to a server of this store.
    Tried,
    /// The documentation of the store says so, and the tests of this project upload to an emulator of it, which this names.
    Emulated(&'static str),
    /// The documentation of the store says so, or its source. Nothing was tried.
    Documented,
    /// Nothing is known: the store is assumed to support what Amazon S3 does.
    Assumed,
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tried => f.write_str("tried"),
            Self::Emulated(name) => write!(f, "documentation; tried with the emulator {name}"),
            Self::Documented => f.write_str("documentation"),
            Self::Assumed => f.write_str("none"),
        }
    }
}

/// A group of hosts: `BEFORE VARIABLE AFTER`. A bucket may precede it as a label of its own.
#[derive(Debug)]
pub(crate) struct HostForm {
    pub(crate) before: &'static str,
    pub(crate) variable: Variable,
    pub(crate) after: &'static str,
}

/// The label of a host that is not fixed.
#[derive(Debug)]
pub(crate) enum Variable {
    /// Every host of the group is the same, and belongs to this region, if the store has several.
    None(Option<&'static str>),
    /// The region. If the list is not empty, only these regions are in the group.
    Region(&'static [&'static str]),
    /// The account, and one of these labels after it, or none.
    Account(&'static [&'static str]),
}

const fn per_region(before: &'static str, after: &'static str) -> HostForm {
    HostForm { before, variable: Variable::Region(&[]), after }
}

const fn fixed(host: &'static str, region: Option<&'static str>) -> HostForm {
    HostForm { before: host, variable: Variable::None(region), after: "" }
}

/// A store that its users operate. Its host may have neither subdomains nor a certificate for them.
const fn self_hosted(name: &'static str, title: &'static str) -> Profile {
    Profile {
        name,
        title,
        hosts: &[],
        region: RegionRule::Any,
        addressing: Addressing::Path,
        evidence: Evidence::Documented,
    }
}

/// A service, whose certificates cover subdomains.
const fn service(
    name: &'static str,
    title: &'static str,
    hosts: &'static [HostForm],
    region: RegionRule,
) -> Profile {
    Profile {
        name,
        title,
        hosts,
        region,
        addressing: Addressing::VirtualHosted,
        evidence: Evidence::Documented,
    }
}

// The hosts of AWS depend on the partition; see `store_host`.
static AWS: Profile = Profile {
    evidence: Evidence::Emulated("Ministack"),
    ..service("aws", "Amazon S3", &[], RegionRule::Aws)
};

// Hosts and jurisdictions: <https://developers.cloudflare.com/r2/api/s3/api/>,
// <https://developers.cloudflare.com/r2/reference/data-location/>.
// Regions: "Must be one of: wnam, enam, weur, eeur, apac, oc, auto", <https://github.com/jeessy2/backup-x/issues/127>.
static R2: Profile = service(
    "r2",
    "Cloudflare R2",
    &[HostForm {
        before: "",
        variable: Variable::Account(&["eu", "fedramp"]),
        after: ".r2.cloudflarestorage.com",
    }],
    RegionRule::OneOf(&["auto", "wnam", "enam", "weur", "eeur", "apac", "oc"]),
);

// <https://www.backblaze.com/docs/cloud-storage-call-the-s3-compatible-api>.
static B2: Profile = service(
    "b2",
    "Backblaze B2",
    &[per_region("s3.", ".backblazeb2.com")],
    RegionRule::Form {
        known: &[
            "us-west-004",
            "us-west-000",
            "us-west-001",
            "us-west-002",
            "us-east-005",
            "eu-central-003",
            "ca-east-006",
        ],
        fits: |region| has_form(region, "aa-word-000"),
    },
);

static MINIO: Profile = self_hosted("minio", "MinIO");

// <https://docs.wasabi.com/docs/what-are-the-service-urls-for-wasabis-different-storage-regions>, and the regions of rclone
// (`backend/s3/provider/Wasabi.yaml`), <https://rclone.org/s3/#wasabi>.
static WASABI: Profile = service(
    "wasabi",
    "Wasabi",
    &[per_region("s3.", ".wasabisys.com"), fixed("s3.wasabisys.com", Some("us-east-1"))],
    RegionRule::Form {
        known: &[
            "us-east-1",
            "us-east-2",
            "us-central-1",
            "us-west-1",
            "ca-central-1",
            "eu-central-1",
            "eu-central-2",
            "eu-west-1",
            "eu-west-2",
            "eu-south-1",
            "ap-northeast-1",
            "ap-northeast-2",
            "ap-southeast-1",
            "ap-southeast-2",
        ],
        fits: |region| has_form(region, "aa-word-0"),
    },
);

// <https://docs.digitalocean.com/products/spaces/reference/s3-compatibility/>, and the regions of rclone
// (`backend/s3/provider/DigitalOcean.yaml`), <https://rclone.org/s3/#digitalocean-spaces>.
static DIGITAL_OCEAN: Profile = service(
    "do",
    "DigitalOcean Spaces",
    &[per_region("", ".digitaloceanspaces.com")],
    RegionRule::Form {
        known: &["nyc3", "ams3", "sfo2", "sfo3", "sgp1", "lon1", "fra1", "tor1", "blr1", "syd1"],
        fits: |region| has_form(region, "aaa0"),
    },
);

// The second host is for applications on Fly: <https://www.tigrisdata.com/docs/sdks/s3/aws-cli/>.
static TIGRIS: Profile = service(
    "tigris",
    "Tigris",
    &[fixed("t3.storage.dev", None), fixed("fly.storage.tigris.dev", None)],
    RegionRule::OneOf(&["auto"]),
);

static GARAGE: Profile = self_hosted("garage", "Garage");
static SEAWEED_FS: Profile = Profile { evidence: Evidence::Tried, ..self_hosted("seaweedfs", "SeaweedFS") };

// Buckets of every location have this host: <https://cloud.google.com/storage/docs/request-endpoints>.
// Any region is accepted in a signature, "auto" if it is not known:
// <https://cloud.google.com/storage/docs/authentication/signatures#credential-scope>.
static GCS: Profile = service(
    "gcs",
    "Google Cloud Storage",
    &[fixed("storage.googleapis.com", None)],
    RegionRule::AnyOr("auto"),
);

// `backend/s3/provider/Hetzner.yaml` of <https://github.com/rclone/rclone>.
static HETZNER: Profile = service(
    "hetzner",
    "Hetzner Object Storage",
    &[per_region("", ".your-objectstorage.com")],
    RegionRule::Form { known: &["fsn1", "nbg1", "hel1"], fits: |region| has_form(region, "aaa0") },
);

// Regions and hosts: `s3_location/guide.en-gb.md` of <https://github.com/ovh/docs>; those of the United States and the archive:
// `backend/s3/provider/OVHcloud.yaml` of <https://github.com/rclone/rclone>. The last group is the older form of the same hosts.
static OVH: Profile = service(
    "ovh",
    "OVHcloud Object Storage",
    &[
        HostForm {
            before: "s3.",
            variable: Variable::Region(&["us-east-va", "us-west-or"]),
            after: ".io.cloud.ovh.us",
        },
        per_region("s3.", ".io.cloud.ovh.net"),
        per_region("s3.", ".perf.cloud.ovh.net"),
    ],
    RegionRule::Form {
        known: &[
            "gra",
            "rbx",
            "sbg",
            "eu-west-par",
            "eu-south-mil",
            "de",
            "uk",
            "waw",
            "bhs",
            "ca-east-tor",
            "sgp",
            "ap-southeast-syd",
            "ap-south-mum",
            "us-east-va",
            "us-west-or",
            "rbx-archive",
        ],
        fits: |region| {
            ["aa", "aaa", "aaa-word", "aa-word-aa", "aa-word-aaa"].iter().any(|form| has_form(region, form))
        },
    },
);

// `backend/s3/provider/Scaleway.yaml` of <https://github.com/rclone/rclone>.
static SCALEWAY: Profile = service(
    "scaleway",
    "Scaleway Object Storage",
    &[per_region("s3.", ".scw.cloud")],
    RegionRule::Form {
        known: &["fr-par", "nl-ams", "pl-waw", "it-mil"],
        fits: |region| has_form(region, "aa-aaa"),
    },
);

static CEPH: Profile = self_hosted("ceph", "Ceph Object Gateway");
static RUST_FS: Profile = self_hosted("rustfs", "RustFS");

// <https://docs.localstack.cloud/aws/services/s3/>. The port is the one of the container.
static LOCAL_STACK: Profile = Profile {
    name: "localstack",
    title: "LocalStack",
    hosts: &[fixed("s3.localhost.localstack.cloud", None), fixed("localhost.localstack.cloud", None)],
    region: RegionRule::Aws,
    addressing: Addressing::Path,
    evidence: Evidence::Documented,
};

static CUSTOM: Profile =
    Profile { evidence: Evidence::Assumed, ..self_hosted("custom", "a store without a profile") };

impl Provider {
    pub(crate) const fn profile(self) -> &'static Profile {
        match self {
            Self::Aws => &AWS,
            Self::R2 => &R2,
            Self::B2 => &B2,
            Self::Minio => &MINIO,
            Self::Wasabi => &WASABI,
            Self::DigitalOcean => &DIGITAL_OCEAN,
            Self::Tigris => &TIGRIS,
            Self::Garage => &GARAGE,
            Self::SeaweedFs => &SEAWEED_FS,
            Self::Gcs => &GCS,
            Self::Hetzner => &HETZNER,
            Self::Ovh => &OVH,
            Self::Scaleway => &SCALEWAY,
            Self::Ceph => &CEPH,
            Self::RustFs => &RUST_FS,
            Self::LocalStack => &LOCAL_STACK,
            Self::Custom => &CUSTOM,
        }
    }
}
