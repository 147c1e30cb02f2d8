//! Modules in several files, and what surrounds their resources: providers, local values, blocks of later versions.

use serde_json::json;
use upsign_documents::{DeployedFile, Deployment, sam_template, terraform_module};

use crate::policies::deployment;
use crate::stacks::{compare, lines};

/// Returns the blocks of the generated module in files: by the kind of block, and the resources in two files.
fn files(deployment: &Deployment) -> Vec<String> {
    let module = terraform_module(deployment).unwrap().to_hcl();
    let mut files = vec![String::new(); 4];
    for block in module.split_inclusive("\n}\n") {
        let index = match block.trim_start() {
            it if it.contains("resource \"aws_iam") => 1,
            it if it.contains("resource \"aws_s3") => 2,
            it if it.contains("\nresource ") || it.starts_with("resource ") => 3,
            _ => 0,
        };
        files[index].push_str(block);
    }
    assert!(files.iter().all(|file| !file.is_empty()), "{files:?}");
    files
}

fn joined(files: &[String]) -> DeployedFile {
    let mut all = files.iter().map(|text| DeployedFile::read(text).unwrap());
    let mut first = all.next().unwrap();
    for file in all {
        assert!(first.extend(&file));
    }
    first
}

fn report(deployment: &Deployment, files: &[String]) -> (bool, String) {
    let comparison = joined(files).compare(deployment, &deployment.buckets()[0]).unwrap();
    (comparison.agrees(), lines(&comparison))
}

#[test]
fn module_in_several_files_is_one_module_in_any_order() {
    let deployment = deployment();
    let mut files = files(&deployment);
    for _ in 0..files.len() {
        let file = joined(&files);
        assert!(file.is_stack() && !file.is_empty());
        let (agrees, lines) = report(&deployment, &files);
        assert!(agrees, "{lines}");
        files.rotate_left(1);
    }
    // The file with the variables alone holds nothing to compare, which is no agreement.
    let (agrees, lines) = report(&deployment, &files[..1]);
    assert!(joined(&files[..1]).is_empty() && !agrees, "{lines}");
    let evil = "resource \"aws_iam_role_policy_attachment\" \"more\" {\n  role = aws_iam_role.uploads.name\n  \
                policy_arn = \"arn:aws:iam::aws:policy/AdministratorAccess\"\n}\n";
    files.push(evil.to_owned());
    let (agrees, lines) = report(&deployment, &files);
    assert!(!agrees && lines.contains("aws_iam_role_policy_attachment.more"), "{lines}");
}

#[test]
fn local_values_of_another_file_are_inserted() {
    let deployment = deployment();
    let module = terraform_module(&deployment).unwrap().to_hcl();
    let module = module.replacen("\"s3:PutObject\"", "local.action", 1);
    for (action, wanted) in [("s3:PutObject", true), ("s3:*", false)] {
        let locals = format!("locals {{\n  action = \"{action}\"\n}}\n");
        let (agrees, lines) = report(&deployment, &[module.clone(), locals.clone()]);
        assert_eq!(agrees, wanted, "{lines}");
        // Terraform refuses a second value of one name.
        let (agrees, lines) = report(&deployment, &[module.clone(), locals.clone(), locals]);
        assert!(!agrees && lines.contains("local.action: the local value is set twice"), "{lines}");
    }
    // A value that contains itself many times is cut off.
    let bomb = format!("locals {{\n  action = \"{}\"\n}}\n", "${local.action}".repeat(60));
    let (agrees, _) = report(&deployment, &[module, bomb]);
    assert!(!agrees);
}

#[test]
fn region_of_the_provider_is_that_of_the_configuration() {
    let deployment = deployment();
    let module = terraform_module(&deployment).unwrap().to_hcl();
    let provider = |region: &str| format!("{module}\nprovider \"aws\" {{\n  region = {region}\n}}\n");
    let variable = |region: &str| {
        let provider = provider("var.place");
        format!("{provider}\nvariable \"place\" {{\n  type = string\n  default = \"{region}\"\n}}\n")
    };
    for (text, wanted) in [
        (provider("\"ap-southeast-1\""), true),
        (provider("\"us-east-1\""), false),
        (provider("var.unknown"), false),
        (variable("ap-southeast-1"), true),
        (variable("us-east-1"), false),
    ] {
        let (agrees, lines) = report(&deployment, &[text]);
        assert_eq!(agrees, wanted, "{lines}");
        assert!(wanted || lines.contains("provider.aws"), "{lines}");
    }
}

#[test]
fn indented_code_in_a_template_is_no_hcl() {
    let text = "Resources:\n  Function:\n    Type: AWS::Lambda::Function\n    Properties:\n      Code:\n        ZipFile: |\n          \
                import {a} from \"b\";\n          data {\n";
    let file = DeployedFile::read(text).unwrap();
    assert_eq!(file.form(), upsign_documents::DocumentForm::CloudFormationYaml);
    let unindented = text.replace("          import", "import");
    assert_ne!(
        DeployedFile::read(&unindented).map(|it| it.form()).ok(),
        Some(upsign_documents::DocumentForm::Terraform)
    );
}

#[test]
fn byte_order_mark_is_no_part_of_a_file() {
    let deployment = deployment();
    let bucket = &deployment.buckets()[0];
    let cors = upsign_documents::CorsDocument::for_bucket(&deployment, bucket).unwrap();
    let module = terraform_module(&deployment).unwrap();
    for text in [cors.to_xml(), cors.to_json(), module.to_hcl(), module.to_json()] {
        let file = DeployedFile::read(&format!("\u{FEFF}{text}")).unwrap();
        assert!(file.compare(&deployment, bucket).unwrap().agrees());
    }
}

#[test]
fn resources_of_one_name_in_two_templates_are_not_compared() {
    let deployment = deployment();
    let mut file = DeployedFile::read(&sam_template(&deployment).unwrap().to_json()).unwrap();
    let role = json!({"Type": "AWS::IAM::Role", "Properties": {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"]}});
    let bucket = json!({"Type": "AWS::S3::Bucket"});
    let second = json!({"Resources": {"UploadRole": role, "Another": bucket}}).to_string();
    assert!(file.extend(&DeployedFile::read(&second).unwrap()));
    let comparison = file.compare(&deployment, &deployment.buckets()[0]).unwrap();
    let names: Vec<&str> = comparison.uncompared().map(upsign_documents::Uncompared::name).collect();
    assert!(names.contains(&"UploadRole") && names.contains(&"Another"), "{}", lines(&comparison));
}

#[test]
fn account_of_another_provider_is_not_that_of_the_deployment() {
    let deployment = deployment().with_account("123456789012".parse().unwrap());
    let module = terraform_module(&deployment).unwrap().to_hcl();
    assert!(compare(&deployment, &module).agrees());
    let other = "data \"aws_caller_identity\" \"current\" {\n  provider = aws.other\n";
    let foreign = module.replace("data \"aws_caller_identity\" \"current\" {\n", other);
    assert_ne!(foreign, module);
    assert!(!compare(&deployment, &foreign).agrees());
}
