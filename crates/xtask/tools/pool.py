"""usage: pool.py ENDPOINT: creates a user pool with a user in a group and one in none, and signs both in; prints one JSON object."""
import json
import sys
import time

import boto3
import jwt

cognito = boto3.client("cognito-idp", endpoint_url=sys.argv[1])
pool = cognito.create_user_pool(PoolName="readers")["UserPool"]["Id"]
client = cognito.create_user_pool_client(
    UserPoolId=pool, ClientName="web", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
)["UserPoolClient"]["ClientId"]
cognito.admin_create_user(UserPoolId=pool, Username="alice", MessageAction="SUPPRESS",
                          UserAttributes=[{"Name": "email", "Value": "alice@example.com"}])
cognito.admin_set_user_password(UserPoolId=pool, Username="alice", Password="Passw0rd!", Permanent=True)
cognito.create_group(UserPoolId=pool, GroupName="writers")
cognito.admin_add_user_to_group(UserPoolId=pool, Username="alice", GroupName="writers")
cognito.admin_create_user(UserPoolId=pool, Username="bob", MessageAction="SUPPRESS")
cognito.admin_set_user_password(UserPoolId=pool, Username="bob", Password="Passw0rd!", Permanent=True)
other = cognito.initiate_auth(ClientId=client, AuthFlow="USER_PASSWORD_AUTH",
                              AuthParameters={"USERNAME": "bob", "PASSWORD": "Passw0rd!"})["AuthenticationResult"]
tokens = cognito.initiate_auth(ClientId=client, AuthFlow="USER_PASSWORD_AUTH",
                               AuthParameters={"USERNAME": "alice", "PASSWORD": "Passw0rd!"})["AuthenticationResult"]
claims = jwt.decode(tokens["AccessToken"], options={"verify_signature": False})


def at(seconds):
    """Returns the time this many seconds after the access token expires."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(claims["exp"] + seconds))


print(json.dumps({"pool": pool, "client": client, "issuer": claims["iss"], "user": "alice", "password": "Passw0rd!",
                  "access_token": tokens["AccessToken"], "other_access_token": other["AccessToken"], "id_token": tokens["IdToken"],
                  "within_leeway": at(59), "past_leeway": at(61)}))
