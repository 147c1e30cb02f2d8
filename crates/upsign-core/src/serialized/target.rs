//! The form of targets.

use serde::{Deserialize, Serialize};

use crate::target::Target;
use crate::target::addressing::Addressing;
use crate::target::endpoint::Endpoint;
use crate::target::error::InvalidTarget;
use crate::target::region::Region;
use crate::target::resource::{InvalidResource, Resource};
use crate::target::signature_family::SignatureFamily;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TargetForm {
    /// A bucket's name, or the ARN of an access point.
    bucket: Box<str>,
    region: Region,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    endpoint: Option<Endpoint>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    addressing: Option<AddressingForm>,
    #[serde(default, skip_serializing_if = "is_false")]
    dualstack: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    fips: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    accelerate: bool,
    #[serde(default, skip_serializing_if = "SignatureForm::is_aws")]
    signature: SignatureForm,
}

#[derive(Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum SignatureForm {
    #[default]
    Aws,
    Google,
}

impl SignatureForm {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "the signature that `skip_serializing_if` requires"
    )]
    const fn is_aws(&self) -> bool {
        matches!(self, Self::Aws)
    }
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum AddressingForm {
    Path,
    Virtual,
    BucketIsHost,
}

#[derive(Debug, thiserror::Error)]
enum InvalidTargetForm {
    #[error(transparent)]
    Resource(#[from] InvalidResource),
    #[error(transparent)]
    Target(#[from] InvalidTarget),
    /// Every target was built by the builder, so one of the candidates gives its address.
    #[error("no options of the target builder give this address")]
    NoCandidate,
}

through_form!(Target, TargetForm);

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that `skip_serializing_if` requires")]
const fn is_false(value: &bool) -> bool {
    !*value
}

impl TryFrom<&Target> for TargetForm {
    type Error = InvalidTargetForm;

    /// A target stores its address, not the options that it was built with. The form is the first candidate that gives the
    /// same address, so that equal targets have equal forms.
    fn try_from(target: &Target) -> Result<Self, InvalidTargetForm> {
        let candidates = aws_candidates(target).chain(endpoint_candidates(target));
        let mut fitting = candidates.filter(|form| form.build().is_ok_and(|built| built == *target));
        fitting.next().ok_or(InvalidTargetForm::NoCandidate)
    }
}

impl TryFrom<TargetForm> for Target {
    type Error = InvalidTargetForm;

    fn try_from(form: TargetForm) -> Result<Self, InvalidTargetForm> {
        form.build()
    }
}

impl TargetForm {
    fn new(target: &Target) -> Self {
        Self {
            bucket: target.bucket().as_str().into(),
            region: target.region().clone(),
            endpoint: None,
            addressing: None,
            dualstack: false,
            fips: false,
            accelerate: false,
            signature: match target.signature_family() {
                SignatureFamily::Aws => SignatureForm::Aws,
                SignatureFamily::Google => SignatureForm::Google,
            },
        }
    }

    fn build(&self) -> Result<Target, InvalidTargetForm> {
        let mut builder = Target::builder(self.bucket.parse::<Resource>()?, self.region.clone())
            .dualstack(self.dualstack)
            .fips(self.fips)
            .accelerate(self.accelerate)
            .signature_family(match self.signature {
                SignatureForm::Aws => SignatureFamily::Aws,
                SignatureForm::Google => SignatureFamily::Google,
            });
        if let Some(endpoint) = &self.endpoint {
            builder = builder.endpoint(endpoint.clone());
        }
        builder = builder.addressing(match self.addressing {
            None => Addressing::Auto,
            Some(AddressingForm::Path) => Addressing::Path,
            Some(AddressingForm::Virtual) => Addressing::VirtualHosted,
            Some(AddressingForm::BucketIsHost) => Addressing::BucketHost,
        });
        Ok(builder.build()?)
    }
}

/// Returns the forms of AWS's own endpoints, those with the fewest options first.
fn aws_candidates(target: &Target) -> impl Iterator<Item = TargetForm> {
    let options = (0_u8..8).map(|bits| [bits & 1 != 0, bits & 2 != 0, bits & 4 != 0]);
    let with_addressing =
        options.flat_map(|options| [None, Some(AddressingForm::Path)].map(|form| (options, form)));
    with_addressing.map(|([dualstack, fips, accelerate], addressing)| TargetForm {
        addressing,
        dualstack,
        fips,
        accelerate,
        ..TargetForm::new(target)
    })
}

/// Returns the forms of a custom endpoint. They state the addressing, because the rule of [`Addressing::Auto`] depends on
/// the host.
fn endpoint_candidates(target: &Target) -> impl Iterator<Item = TargetForm> {
    let endpoint: Option<Endpoint> = target.endpoint_url().parse().ok();
    let forms = [AddressingForm::Path, AddressingForm::Virtual, AddressingForm::BucketIsHost];
    forms.into_iter().map(move |addressing| TargetForm {
        endpoint: endpoint.clone(),
        addressing: Some(addressing),
        ..TargetForm::new(target)
    })
}
