"""The callers of the deployments that `deployments_run.py` tries: how each one identifies itself, and how one that must be refused does.

Every caller has `headers(method, url, body)`, which returns the headers of its request.
"""
import io
import json
import zipfile

import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

SCOPE = "uploads/write"
# The header of the rows with another one than Authorization.
HEADER = "x-upload-token"
# What the Lambda authorizer accepts, and the caller that it identifies then.
PASSWORD, READER = "open sesame", "reader-7"

# Keys of the section [auth] that are about tokens, for sources without tokens.
NO_TOKENS = {"auth.user_pool": None, "auth.client_ids": None, "auth.token_use": None}
# A key that names the caller.
KEY_OF_CALLER = {"upload.key": "articles/{sub}/raw/{id}.{ext}", "upload.ids": None}

# Reads the header of the token and returns both forms of an answer: an API uses the one that its authorizer is configured for.
AUTHORIZER = f"""
def handler(event, context):
    headers = {{name.lower(): value for name, value in event["headers"].items()}}
    is_known = headers.get("{HEADER}") == "{PASSWORD}"
    answer = {{"userId": "{READER}", "roles": '["editors"]'}}
    if event.get("version") == "2.0":
        return {{"isAuthorized": is_known, "context": answer}}
    statement = {{"Action": "execute-api:Invoke", "Effect": "Allow" if is_known else "Deny", "Resource": event["methodArn"]}}
    return {{"principalId": "reader", "policyDocument": {{"Version": "2012-10-17", "Statement": [statement]}}, "context": answer}}
"""


class Nobody:
    """A caller without a token."""

    def headers(self, *_):
        return {}

    def altered(self):
        return []


class Bearer:
    """A caller with a token in a header."""

    def __init__(self, token, header="Authorization", scheme="Bearer "):
        self.token, self.header, self.scheme = token, header, scheme

    def headers(self, *_):
        return {self.header: self.scheme + self.token}

    def altered(self):
        """Returns callers with another letter at two places of the token, and with the token in another header."""
        places = [len(self.token) - 8, len(self.token) // 2]
        letters = [self.token[:place] + ("B" if self.token[place] == "A" else "A") + self.token[place + 1:] for place in places]
        other = "Authorization" if self.header == HEADER else HEADER
        return [Bearer(token, self.header, self.scheme) for token in letters] + [Bearer(self.token, other, self.scheme)]


class Signed:
    """A caller that signs its requests with credentials of AWS."""

    header = "Authorization"

    def __init__(self, credentials, service):
        self.credentials, self.service = credentials, service

    def headers(self, method, url, body):
        request = AWSRequest(method, url, data=body)
        SigV4Auth(self.credentials, self.service, "us-east-1").add_auth(request)
        return dict(request.headers)

    def altered(self):
        """Returns a caller who does not know the secret."""
        return [Signed(Credentials(self.credentials.access_key, "x" * 40, self.credentials.token), self.service)]


class Pool:
    """A user pool with two users and two machines."""

    def __init__(self, aws, endpoint):
        self.aws, self.cognito, self.endpoint = aws, aws["cognito-idp"], endpoint
        self.id = self.cognito.create_user_pool(PoolName="readers")["UserPool"]["Id"]
        self.cognito.create_resource_server(UserPoolId=self.id, Identifier="uploads", Name="uploads", Scopes=[
            {"ScopeName": name, "ScopeDescription": name} for name in ("write", "read")])
        for name in ("alice", "bob"):
            self.cognito.admin_create_user(UserPoolId=self.id, Username=name, MessageAction="SUPPRESS")
            self.cognito.admin_set_user_password(UserPoolId=self.id, Username=name, Password="Passw0rd!", Permanent=True)
        attributes = self.cognito.admin_get_user(UserPoolId=self.id, Username="alice")["UserAttributes"]
        self.subject = next(attribute["Value"] for attribute in attributes if attribute["Name"] == "sub")

    def user_tokens(self):
        client = self.cognito.create_user_pool_client(
            UserPoolId=self.id, ClientName="web", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"])["UserPoolClient"]["ClientId"]
        return client, self.sign_in(client, "alice")

    def sign_in(self, client, name):
        return self.cognito.initiate_auth(ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters={
            "USERNAME": name, "PASSWORD": "Passw0rd!"})["AuthenticationResult"]

    def machine_token(self, scope):
        client = self.cognito.create_user_pool_client(
            UserPoolId=self.id, ClientName="machine", GenerateSecret=True, AllowedOAuthFlows=["client_credentials"],
            AllowedOAuthScopes=[scope], AllowedOAuthFlowsUserPoolClient=True)["UserPoolClient"]
        answer = requests.post(f"{self.endpoint}/oauth2/token", timeout=10, auth=(client["ClientId"], client["ClientSecret"]), data={
            "grant_type": "client_credentials", "scope": scope})
        return client["ClientId"], answer.json()["access_token"]

    def identities(self, client, id_token):
        """Returns the credentials of the user and of a guest in an identity pool, whose roles may call every API."""
        role = create_role(self.aws, "identities", "cognito-identity.amazonaws.com", [
            "execute-api:Invoke", "lambda:InvokeFunctionUrl", "lambda:InvokeFunction"])
        identity, provider = self.aws["cognito-identity"], f"cognito-idp.us-east-1.amazonaws.com/{self.id}"
        pool = identity.create_identity_pool(
            IdentityPoolName="readers", AllowUnauthenticatedIdentities=True,
            CognitoIdentityProviders=[{"ProviderName": provider, "ClientId": client}])["IdentityPoolId"]
        identity.set_identity_pool_roles(IdentityPoolId=pool, Roles={"authenticated": role, "unauthenticated": role})
        found = []
        for logins in ({"Logins": {provider: id_token}}, {}):
            name = identity.get_id(IdentityPoolId=pool, **logins)["IdentityId"]
            given = identity.get_credentials_for_identity(IdentityId=name, **logins)["Credentials"]
            found.append(Credentials(given["AccessKeyId"], given["SecretKey"], given["SessionToken"]))
        return found


def create_role(aws, name, principal, actions):
    """Creates a role that may do this everywhere, and returns its ARN."""
    def policy(**statement):
        return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})
    key = "Federated" if principal.startswith("cognito") else "Service"
    action = "sts:AssumeRoleWithWebIdentity" if key == "Federated" else "sts:AssumeRole"
    arn = aws["iam"].create_role(RoleName=name, AssumeRolePolicyDocument=policy(Principal={key: principal}, Action=action))["Role"]["Arn"]
    aws["iam"].put_role_policy(RoleName=name, PolicyName="calls", PolicyDocument=policy(Action=actions, Resource="*"))
    return arn


def create_authorizer(aws):
    """Creates the function of the Lambda authorizer, which is not part of any stack, and returns its ARN."""
    role, content = create_role(aws, "authorizer", "lambda.amazonaws.com", ["logs:*"]), io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("h.py", AUTHORIZER)
    created = aws["lambda"].create_function(
        FunctionName="authorizer", Runtime="python3.11", Handler="h.handler", Role=role, Code={"ZipFile": content.getvalue()})
    return created["FunctionArn"]


class Identity:
    """How one row identifies callers: the changes of upsign.toml, a caller, callers that are refused, the folder below `articles/` that
    keys of the caller begin with, parameters of the stack, and another caller that is accepted, if there is one."""

    def __init__(self, changes, caller, refused, folder="", parameters=None, other=None):
        self.changes, self.caller, self.refused, self.folder = changes, caller, refused, folder
        self.parameters, self.other = parameters or {}, other


def identities(aws, endpoint):
    """Returns the identities by name, or by name and kind of API if they differ."""
    pool = Pool(aws, endpoint)
    (client, user), (_, stranger) = pool.user_tokens(), pool.user_tokens()
    (writer, write), (reader, read) = pool.machine_token(SCOPE), pool.machine_token("uploads/read")
    issuer = f"https://cognito-idp.us-east-1.amazonaws.com/{pool.id}"
    by_pool = {"auth.user_pool": pool.id}
    by_issuer = {"auth.user_pool": None, "auth.issuer": issuer, "auth.danger_http_keys": True,
                 "auth.jwks_uri": f"{endpoint}/{pool.id}/.well-known/jwks.json"}
    # The authorizer fetches the keys, and the function does not. With an address without TLS, there would be no authorizer.
    by_authorizer = {"auth.user_pool": None, "auth.issuer": issuer, "auth.jwks_uri": f"{issuer}/.well-known/jwks.json",
                     "auth.source": "authorizer"}
    of_user = {"auth.client_ids": [client], "auth.token_use": "access"}
    of_machine = {"auth.client_ids": [writer, reader], "auth.token_use": "access", "auth.scopes": [SCOPE]}
    of_id, other_header = {**by_pool, "auth.client_ids": [client], "auth.token_use": "id"}, {"auth.token_header": HEADER}
    access, id_token, other = user["AccessToken"], user["IdToken"], pool.sign_in(client, "bob")

    def tokens(changes, token, refused, other=None):
        return Identity(changes, Bearer(token), [Bearer(text) for text in refused], other=other and Bearer(other))

    def in_header(changes, token, refused):
        return Identity({**changes, **other_header, **KEY_OF_CALLER}, Bearer(token, HEADER),
                        [Bearer(text, HEADER) for text in refused], pool.subject)

    found = {
        ("id", "rest"): tokens(of_id, id_token, [access, write], other["IdToken"]),
        ("scopes", "rest"): tokens({**by_pool, **of_machine}, write, [read, access]),
        ("scopes", "http"): tokens({**by_authorizer, **of_machine}, write, [read, access]),
        ("access", "http"): tokens({**by_authorizer, **of_user}, access, [stranger["AccessToken"], write],
                                     other["AccessToken"]),
        "token": tokens({**by_issuer, **of_user, "auth.source": "token"}, access, [stranger["AccessToken"], id_token, write],
                        other["AccessToken"]),
        "token with scopes": tokens({**by_issuer, **of_machine}, write, [read, access]),
        ("header", "rest"): in_header(of_id, id_token, [access, write]),
        ("header", "http"): in_header({**by_authorizer, **of_user}, access, [stranger["AccessToken"], write]),
        "header": in_header({**by_issuer, **of_user}, access, [stranger["AccessToken"], id_token]),
    }
    found["lambda"] = Identity(
        {**NO_TOKENS, **other_header, **KEY_OF_CALLER, "auth.source": "lambda-authorizer", "auth.issuer": "https://readers.example.com",
         "auth.subject_claim": "userId", "auth.groups_claim": {"claim": "roles", "form": "json"}, "upload.groups": ["editors"]},
        Bearer(PASSWORD, HEADER, ""), [Bearer("open", HEADER, ""), Bearer(PASSWORD, HEADER)], READER,
        {"AuthorizerFunctionArn": create_authorizer(aws)})
    known, guest = pool.identities(client, id_token)
    for service, name in (("execute-api", "iam"), ("lambda", ("iam", "url"))):
        found[name] = Identity({**NO_TOKENS, **by_pool, **KEY_OF_CALLER, "auth.source": "iam"}, Signed(known, service),
                               [Signed(guest, service), Bearer(access)], pool.subject)
    return found
