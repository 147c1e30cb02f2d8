"""Deploys SAM templates on the AWS emulator, and sets what its CloudFormation ignores; see `deployments.IGNORED`."""
import hashlib
import logging
import re
import threading
import time

import boto3
import yaml
from botocore.config import Config
from samtranslator.translator.managed_policy_translator import ManagedPolicyLoader
from samtranslator.translator.transform import transform

SERVICES = ("s3", "cognito-idp", "cognito-identity", "iam", "cloudformation", "lambda", "apigateway", "apigatewayv2", "elbv2", "ec2", "sqs", "kms",
            "secretsmanager", "dynamodb", "sts")
logging.getLogger("samtranslator").setLevel(logging.ERROR)


def name_sessions(s3, bucket):
    """Names the sessions of the functions in the policy of a bucket, and returns the generated policy and how many roles it names. For a
    session, AWS compares aws:PrincipalArn with the ARN of its role; the emulator compares it with that of the session."""
    policy = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    named, count = re.subn(r"arn:aws:iam::(\d+):role/([^\"]+)", r"arn:aws:sts::\1:assumed-role/\2/*", policy)
    s3.put_bucket_policy(Bucket=bucket, Policy=named)
    return policy, count


class FakeIam:
    """Replaces the IAM client with which the translator lists managed policies. There are none."""

    def get_paginator(self, *_):
        return self

    def paginate(self, **_):
        return [{"Policies": []}]


class Stacks:
    """The emulator at one address. `aws` holds a client of each service."""

    def __init__(self, endpoint):
        config = Config(max_pool_connections=16, s3={"addressing_style": "path"})
        self.aws = {name: boto3.client(name, endpoint_url=endpoint, region_name="us-east-1", config=config) for name in SERVICES}
        # The translator is not safe for threads.
        self.translating = threading.Lock()

    def packaged(self, template, folder):
        """Uploads the local code of functions and returns the template with its location, as `sam deploy --resolve-s3` does.

        The location is a bucket that SAM manages and a hash: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-cli-command-reference-sam-deploy.html
        """
        for resource in template["Resources"].values():
            properties = resource.get("Properties", {})
            code = properties.get("CodeUri", "s3:")
            if isinstance(code, str) and not code.startswith("s3:"):
                content = (folder / code).read_bytes()
                bucket, key = "aws-sam-cli-managed-default-samclisourcebucket-1a2b3c4d5e6f", hashlib.md5(content).hexdigest()
                self.aws["s3"].create_bucket(Bucket=bucket)
                self.aws["s3"].put_object(Bucket=bucket, Key=key, Body=content)
                properties["CodeUri"] = f"s3://{bucket}/{key}"
        return template

    def deploy(self, name, template, parameters):
        """Creates a stack of a template in JSON or YAML, and returns its outputs and the physical ids of its resources."""
        cloudformation = self.aws["cloudformation"]
        cloudformation.create_stack(
            StackName=name, TemplateBody=template, Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()])
        for _ in range(300):
            stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
            if not stack["StackStatus"].endswith("IN_PROGRESS"):
                break
            time.sleep(0.1)
        resources = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
        if stack["StackStatus"] != "CREATE_COMPLETE":
            failed = [resource for resource in resources if "FAILED" in resource["ResourceStatus"]]
            raise RuntimeError(f"{stack['StackStatus']}: {stack.get('StackStatusReason')}: {failed}")
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
        ids = {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources}
        with self.translating:
            translated = transform(yaml.safe_load(template), {}, ManagedPolicyLoader(FakeIam()))
        for resource_name, resource in translated["Resources"].items():
            self.complete(resource["Type"], ids.get(resource_name), resource.get("Properties", {}), outputs)
        return outputs, ids

    def complete(self, kind, physical_id, properties, outputs):
        """Sets the properties of one resource that the emulator's CloudFormation ignores."""
        if kind == "AWS::S3::Bucket":
            s3 = self.aws["s3"]
            if "OwnershipControls" in properties:
                s3.put_bucket_ownership_controls(Bucket=physical_id, OwnershipControls=properties["OwnershipControls"])
            for rule in properties.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration", []):
                rule["ApplyServerSideEncryptionByDefault"] = rule.pop("ServerSideEncryptionByDefault")
                s3.put_bucket_encryption(Bucket=physical_id, ServerSideEncryptionConfiguration={"Rules": [rule]})
        if kind == "AWS::DynamoDB::Table":
            self.aws["dynamodb"].update_time_to_live(TableName=physical_id, TimeToLiveSpecification=properties["TimeToLiveSpecification"])
        if kind == "AWS::ApiGateway::RestApi":
            rest = self.aws["apigateway"]
            for name, response in properties["Body"].get("x-amazon-apigateway-gateway-responses", {}).items():
                rest.put_gateway_response(restApiId=physical_id, responseType=name,
                                          responseParameters=response.get("responseParameters", {}))
            self.answer_preflights(physical_id, properties["Body"]["paths"])
            rest.create_deployment(restApiId=physical_id, stageName="prod")
        if kind == "AWS::ApiGatewayV2::Api" and "CorsConfiguration" in properties:
            self.aws["apigatewayv2"].update_api(ApiId=physical_id, CorsConfiguration=properties["CorsConfiguration"])
        if kind == "AWS::ElasticLoadBalancingV2::TargetGroup":
            self.aws["elbv2"].register_targets(TargetGroupArn=physical_id, Targets=[{"Id": outputs["FunctionArn"]}])

    def answer_preflights(self, api, paths):
        """Sets the answers of the operations that a REST API answers itself. The emulator evaluates no response template, so it
        answers every origin with the first one."""
        rest = self.aws["apigateway"]
        resources = {item["path"]: item["id"] for item in rest.get_resources(restApiId=api)["items"]}
        for path, operations in paths.items():
            integration = operations["options"]["x-amazon-apigateway-integration"]
            if "responses" not in integration:
                # An origin has a star, so the function answers.
                continue
            answer = integration["responses"]["default"]
            rest.put_integration_response(restApiId=api, resourceId=resources[path], httpMethod="OPTIONS",
                                          statusCode=answer["statusCode"], responseParameters=answer["responseParameters"])
