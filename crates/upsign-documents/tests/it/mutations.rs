//! Mutates generated stacks and documents at every node: a mutant that changes what anybody may do never agrees, and one that
//! is only named, ordered or spelled in another way does.

#[path = "mutations/additions.rs"]
mod additions;
#[path = "mutations/documents.rs"]
mod documents;
#[path = "mutations/mutants.rs"]
mod mutants;
#[path = "mutations/neutral.rs"]
mod neutral;
#[path = "mutations/policies.rs"]
mod policies;
#[path = "mutations/writers.rs"]
mod writers;

use std::collections::BTreeMap;

use serde_json::Value;
use upsign_documents::{Comparison, DeployedFile, Deployment, Severity, sam_template, terraform_module};

use crate::counts;
use crate::stacks::{compare, deployments, lines};
use mutants::Kind;

/// Counts the mutants of each kind.
type Counts = BTreeMap<Kind, usize>;

/// Compares every mutant of a document, or every `step`th.
fn check(deployment: &Deployment, document: &Value, write: &dyn Fn(&Value) -> String, step: usize) -> Counts {
    let names = mutants::names(document);
    let mut counts = Counts::new();
    let mut agreeing = Vec::new();
    for mutant in mutants::mutants(document, &names).into_iter().step_by(step) {
        *counts.entry(mutant.kind).or_default() += 1;
        // A mutant that is no document any more is no agreement.
        let Ok(file) = DeployedFile::read(&write(&mutant.document)) else { continue };
        let comparison = file.compare(deployment, &deployment.buckets()[0]).unwrap();
        if comparison.agrees() && !may_agree(&mutant.place, &comparison) {
            agreeing.push(format!("{:?} {}\n{}", mutant.kind, mutant.place, lines(&comparison)));
        }
    }
    assert!(agreeing.is_empty(), "{} of {counts:?} agree:\n{}", agreeing.len(), agreeing.join("\n"));
    counts
}

/// Properties that only name or describe something, and the sections that change no resource. With a caller reference, CloudFront
/// recognizes a repeated request: who may read does not depend on it.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cloudfront-publickey-publickeyconfig.html>
const LABELS: [&str; 28] = [
    "AWSTemplateFormatVersion",
    "AlarmDescription",
    "AssertDescription",
    "CallerReference",
    "Comment",
    "DashboardName",
    "Description",
    "ID",
    "Id",
    "LogGroupName",
    "Name",
    "Outputs",
    "PolicyName",
    "Sid",
    "alarm_description",
    "alarm_name",
    "comment",
    "dashboard_name",
    "data",
    "description",
    "error_message",
    "function_name",
    "id",
    "info",
    "name",
    "name_prefix",
    "output",
    "validation",
];

/// Returns whether a mutant changes nothing that anybody may do: it changes a name or a description, or it only denies more.
fn may_agree(place: &str, comparison: &Comparison) -> bool {
    let (path, _) = place.split_once(" -> ").unwrap();
    if comparison.differences().next().is_some() {
        let narrower = comparison.differences().all(|it| it.severity() == Severity::Narrower);
        return narrower && path.contains("Statement/");
    }
    // Without a version, a policy has that of 2008, which only lacks variables.
    // Which role a single policy belongs to is in no configuration.
    let is_optional = path.ends_with("Version")
        || path == "resource/aws_iam_role_policy/uploads/role"
        // What nothing refers to has no effect, and a type without resources neither.
        || ["Conditions", "Parameters", "variable", "resource"].contains(&path)
        || (path.starts_with("terraform") && !place.ends_with("source -> \"*\""));
    let is_filter_or_stage = path.contains("/Rules/") && path.ends_with("/Name") || path.contains("stage/");
    is_optional || !is_filter_or_stage && path.split('/').any(|step| LABELS.contains(&step))
}

fn template(deployment: &Deployment) -> Value {
    serde_json::from_str(&sam_template(deployment).unwrap().to_json()).unwrap()
}

fn module(deployment: &Deployment) -> Value {
    serde_json::from_str(&terraform_module(deployment).unwrap().to_json()).unwrap()
}

/// Checks that the counts are not less than `least` in total and that every kind occurs, and adds them to those of the form.
fn add(all: &mut Counts, name: &str, counts: &Counts, least: usize) {
    assert!(counts.len() == 5 && counts.values().sum::<usize>() >= least, "{name}: {counts:?}");
    for (kind, count) in counts {
        *all.entry(*kind).or_default() += count;
    }
}

fn write(name: &str, counts: &Counts) {
    let total: usize = counts.values().sum();
    counts::write(name, &format!("{total} mutants, {counts:?}"));
}

#[test]
fn no_mutant_of_a_sam_template_in_json_agrees() {
    let mut all = Counts::new();
    for (index, (name, deployment)) in deployments().iter().enumerate() {
        let (step, least) = if index == 0 { (1, 1_400) } else { (9, 50) };
        let counts = check(deployment, &template(deployment), &Value::to_string, step);
        add(&mut all, name, &counts, least);
    }
    write("mutations of SAM in JSON", &all);
}

#[test]
fn no_mutant_of_a_sam_template_in_yaml_agrees() {
    let mut all = Counts::new();
    for (name, deployment) in &deployments() {
        let document = template(deployment);
        let yaml = writers::yaml(&document);
        assert!(compare(deployment, &yaml).agrees(), "{}", lines(&compare(deployment, &yaml)));
        add(&mut all, name, &check(deployment, &document, &writers::yaml, 9), 50);
    }
    write("mutations of SAM in YAML", &all);
}

#[test]
fn no_mutant_of_a_terraform_module_in_hcl_agrees() {
    let mut all = Counts::new();
    for (index, (name, deployment)) in deployments().iter().enumerate() {
        let document = module(deployment);
        let hcl = writers::hcl(&document);
        assert!(compare(deployment, &hcl).agrees(), "{}", lines(&compare(deployment, &hcl)));
        let (step, least) = if index == 1 { (2, 600) } else { (9, 50) };
        add(&mut all, name, &check(deployment, &document, &writers::hcl, step), least);
    }
    write("mutations of Terraform in HCL", &all);
}

#[test]
fn no_mutant_of_a_terraform_module_in_json_agrees() {
    let mut all = Counts::new();
    for (name, deployment) in &deployments() {
        let counts = check(deployment, &module(deployment), &Value::to_string, 9);
        add(&mut all, name, &counts, 50);
    }
    write("mutations of Terraform in JSON", &all);
}

#[test]
fn other_names_orders_and_spellings_agree() {
    let mut count = 0;
    for (name, deployment) in &deployments() {
        for document in [template(deployment), module(deployment)] {
            for (change, variant) in neutral::variants(&document) {
                assert_ne!(variant, document, "{name}: {change} changes nothing");
                let texts = match document.get("Resources") {
                    Some(_) => [variant.to_string(), writers::yaml(&variant)],
                    None => [variant.to_string(), writers::hcl(&variant)],
                };
                for text in texts {
                    let comparison = compare(deployment, &text);
                    assert!(comparison.agrees(), "{name}, {change}:\n{}", lines(&comparison));
                    count += 1;
                }
            }
        }
    }
    counts::write("neutral variants of stacks", &format!("{count} variants, each agrees"));
    assert!(count >= 90, "{count}");
}

/// The deployments for single documents, which name the account, the queue and the distribution.
fn complete(deployment: Deployment) -> Deployment {
    deployment
        .with_account("123456789012".parse().unwrap())
        .with_queue_arn("arn:aws:sqs:ap-southeast-1:123456789012:uploads")
        .with_distribution_arn("arn:aws:cloudfront::1:distribution/E")
}

#[test]
fn no_mutant_of_a_single_document_agrees() {
    let mut all = Counts::new();
    for (name, deployment) in deployments().into_iter().take(2) {
        let deployment = complete(deployment);
        for (form, document) in documents::in_json(&deployment) {
            let comparison = compare(&deployment, &document.to_string());
            assert!(comparison.agrees(), "{name}, {form}:\n{}", lines(&comparison));
            let hcl = document.get("resource").is_some();
            let text = |it: &Value| if hcl { writers::hcl(it) } else { it.to_string() };
            for (kind, count) in check(&deployment, &document, &text, 1) {
                *all.entry(kind).or_default() += count;
            }
        }
    }
    write("mutations of single documents", &all);
    assert!(all.values().sum::<usize>() >= 700, "{all:?}");
}

#[test]
fn no_mutant_of_a_single_document_in_xml_agrees() {
    let mut total = 0;
    for (name, deployment) in deployments().into_iter().take(2) {
        let deployment = complete(deployment);
        for (form, xml) in documents::in_xml(&deployment) {
            assert!(compare(&deployment, &xml).agrees(), "{name}, {form}");
            for (change, mutant) in documents::xml_mutants(&xml) {
                total += 1;
                let Ok(file) = DeployedFile::read(&mutant) else { continue };
                let comparison = file.compare(&deployment, &deployment.buckets()[0]).unwrap();
                let is_label = change.contains("ID") || change.contains("Id");
                assert!(!comparison.agrees() || is_label, "{name}, {form}: {change}\n{mutant}");
            }
        }
    }
    counts::write("mutations of single documents in XML", &format!("{total} mutants"));
    assert!(total >= 90, "{total}");
}

/// Checks that no changed file agrees, and returns how many there are.
fn check_changed(deployment: &Deployment, name: &str, changed: Vec<additions::Changed>) -> usize {
    let count = changed.len();
    for (change, text) in changed {
        // What cannot be read is no agreement.
        let Ok(file) = DeployedFile::read(&text) else { continue };
        let comparison = file.compare(deployment, &deployment.buckets()[0]).unwrap();
        assert!(!comparison.agrees(), "{name}, {change} agrees:\n{text}");
    }
    count
}

#[test]
fn nothing_next_to_a_document_is_ignored() {
    let deployment = complete(deployments().remove(0).1);
    let mut total = [0, 0];
    for (name, document) in additions::single_resources(&deployment) {
        let comparison = compare(&deployment, &document.to_string());
        assert!(comparison.agrees(), "{name}:\n{}", lines(&comparison));
        let resource = check_changed(&deployment, name, additions::of_resource(&document));
        let file = check_changed(&deployment, name, additions::of_file(&document));
        total = [total[0] + resource, total[1] + file];
    }
    let [resource, file] = total;
    let line = format!("{resource} in the resource of a document, {file} in its file");
    counts::write("additions to single documents", &line);
    assert!(resource + file >= 250, "{line}");
}

#[test]
fn no_unknown_section_or_block_of_a_stack_is_ignored() {
    let (name, deployment) = deployments().remove(0);
    let [sam, terraform] = [template(&deployment), module(&deployment)]
        .map(|document| check_changed(&deployment, name, additions::of_file(&document)));
    let line = format!("{sam} sections of SAM, {terraform} blocks of Terraform");
    counts::write("additions to stacks", &line);
    assert!(sam >= 8 && terraform >= 8, "{line}");
}

#[test]
fn nothing_in_an_answer_of_aws_is_ignored() {
    let deployment = complete(deployments().remove(0).1);
    let count = check_changed(&deployment, "answer", additions::of_answers(&deployment));
    counts::write("additions to answers of AWS", &format!("{count} additions"));
    assert_eq!(count, 8);
}
