"""usage: cloud.py ENDPOINT FUNCTION_ZIP CONSUMER_ZIP CORS_FILE IAM_FILE BUCKET ORIGIN: the article's system, made by API calls.

A user pool with alice, a bucket, the function behind a REST API (Cognito authorizer) and an HTTP API (JWT authorizer), and a
queue of S3's events with its consumer. Prints one JSON object."""
import json
import sys
import time

import boto3

endpoint, function_zip, consumer_zip, cors, iam_document, bucket, origin = sys.argv[1:8]
region, account = "us-east-1", "000000000000"
cognito, s3, iam, functions, rest, http, sqs = (
    boto3.client(name, endpoint_url=endpoint, region_name=region)
    for name in ("cognito-idp", "s3", "iam", "lambda", "apigateway", "apigatewayv2", "sqs"))


def read(path):
    with open(path, "rb") as file:
        return file.read()


def role(name, document):
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}))
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps(document))
    return f"arn:aws:iam::{account}:role/{name}"


def function(name, zip_file, its_role, variables):
    arn = functions.create_function(
        FunctionName=name, Runtime="provided.al2023", Handler="bootstrap", Architectures=["x86_64"], MemorySize=128,
        Timeout=10, Role=its_role, Code={"ZipFile": read(zip_file)}, Environment={"Variables": variables},
    )["FunctionArn"]
    while functions.get_function(FunctionName=name)["Configuration"]["State"] != "Active":
        time.sleep(0.1)
    return arn


# Who may ask.
pool = cognito.create_user_pool(PoolName="readers")["UserPool"]["Id"]
client = cognito.create_user_pool_client(
    UserPoolId=pool, ClientName="web", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"])["UserPoolClient"]["ClientId"]
cognito.admin_create_user(UserPoolId=pool, Username="alice", MessageAction="SUPPRESS")
cognito.admin_set_user_password(UserPoolId=pool, Username="alice", Password="Passw0rd!", Permanent=True)
tokens = cognito.initiate_auth(ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters={
    "USERNAME": "alice", "PASSWORD": "Passw0rd!"})["AuthenticationResult"]

# What it is about.
s3.create_bucket(Bucket=bucket)
s3.put_bucket_cors(Bucket=bucket, CORSConfiguration=json.loads(read(cors)))
variables = {
    "ARTICLE_IMAGES_BUCKET": bucket, "UPSIGN_REGION": region, "UPSIGN_ENDPOINT": endpoint,
    "UPSIGN_KEY": "articles/{article_id}/raw/{id}.{ext}", "UPSIGN_IDS": "article_id",
    "UPSIGN_TYPES": "image/jpeg,image/png,image/webp", "UPSIGN_MAX_SIZE": "10 MiB", "UPSIGN_BODYLESS": "allow",
    "UPSIGN_UNKNOWN_EXPIRY": "assume", "UPSIGN_ASSUME_FOR": "1h", "UPSIGN_ORIGINS": origin,
    "UPSIGN_USER_POOL": pool, "UPSIGN_CLIENT_IDS": client, "UPSIGN_TOKEN_USE": "any",
}
its_role = role("uploads", json.loads(read(iam_document)))
get_upload_url = function("GetUploadUrlFunction", function_zip, its_role, variables)
# The same function under the same role, misled about its prefix: what it signs must be worth nothing.
function("Astray", function_zip, its_role, {**variables, "UPSIGN_KEY": "elsewhere/{article_id}/{id}.{ext}"})


def rest_api():
    """Its 401 is the gateway's own: the page can read it because of the gateway response."""
    api = rest.create_rest_api(name="uploads")["id"]
    root = rest.get_resources(restApiId=api)["items"][0]["id"]
    authorizer = rest.create_authorizer(
        restApiId=api, name="readers", type="COGNITO_USER_POOLS", identitySource="method.request.header.Authorization",
        providerARNs=[f"arn:aws:cognito-idp:{region}:{account}:userpool/{pool}"])["id"]
    resource = rest.create_resource(restApiId=api, parentId=root, pathPart="upload-url")["id"]
    checked = {"authorizationType": "COGNITO_USER_POOLS", "authorizerId": authorizer}
    for method, authorization in (("POST", checked), ("OPTIONS", {"authorizationType": "NONE"})):
        rest.put_method(restApiId=api, resourceId=resource, httpMethod=method, **authorization)
        rest.put_integration(restApiId=api, resourceId=resource, httpMethod=method, type="AWS_PROXY",
                             integrationHttpMethod="POST", uri=f"arn:aws:apigateway:{region}:lambda:path"
                             f"/2015-03-31/functions/{get_upload_url}/invocations")
    rest.put_gateway_response(restApiId=api, responseType="UNAUTHORIZED", statusCode="401", responseParameters={
        "gatewayresponse.header.Access-Control-Allow-Origin": f"'{origin}'"})
    rest.create_deployment(restApiId=api, stageName="prod")
    return api


def http_api():
    api = http.create_api(Name="uploads", ProtocolType="HTTP", CorsConfiguration={
        "AllowOrigins": [origin], "AllowMethods": ["POST"], "AllowHeaders": ["authorization", "content-type"]})["ApiId"]
    integration = http.create_integration(
        ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=get_upload_url, PayloadFormatVersion="2.0")["IntegrationId"]
    authorizer = http.create_authorizer(
        ApiId=api, AuthorizerType="JWT", Name="readers", IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Issuer": f"https://cognito-idp.{region}.amazonaws.com/{pool}", "Audience": [client]})["AuthorizerId"]
    http.create_route(ApiId=api, RouteKey="POST /upload-url", Target=f"integrations/{integration}",
                      AuthorizationType="JWT", AuthorizerId=authorizer)
    http.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
    return api


# What comes of it.
queue = sqs.create_queue(QueueName="uploaded")["QueueUrl"]
queue_arn = f"arn:aws:sqs:{region}:{account}:uploaded"
sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": queue_arn}]})})
consumer_role = role("consumer", {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/articles/*"},
    {"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/index/*"},
    {"Effect": "Allow", "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], "Resource": queue_arn}]})
function("Consumer", consumer_zip, consumer_role, {"AWS_ENDPOINT_URL_S3": endpoint})
functions.create_event_source_mapping(EventSourceArn=queue_arn, FunctionName="Consumer", BatchSize=10,
                                      FunctionResponseTypes=["ReportBatchItemFailures"])
s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"QueueConfigurations": [{
    "QueueArn": queue_arn, "Events": ["s3:ObjectCreated:*"],
    "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "articles/"}]}}}]})

port = endpoint.rsplit(":", 1)[1]
print(json.dumps({
    "rest": f"http://{rest_api()}.execute-api.localhost:{port}/prod", "http": f"http://{http_api()}.execute-api.localhost:{port}",
    "pool": pool, "client": client, "access_token": tokens["AccessToken"], "id_token": tokens["IdToken"]}))
