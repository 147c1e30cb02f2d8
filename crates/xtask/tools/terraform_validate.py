"""Runs `terraform validate` on modules, without the AWS provider. `terraform_validate.py SCHEMA FOLDER…` serves what stands for it.

A provider is a gRPC server that describes its types, and `terraform validate` asks it for nothing else that matters here. This one
describes the types of SCHEMA that the folders use (see `terraform/extract.cjs`), so that Terraform itself checks names, types and
references, and the calls of modules.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent import futures

# Fields of https://github.com/hashicorp/terraform/blob/main/docs/plugin-protocol/tfplugin6.proto
LIST_OF_BLOCKS = 2
TIME_LIMIT = 60


def field(number, content):
    """Encodes a field of a protobuf message: bytes with their length, or a number."""
    if isinstance(content, int):
        return bytes([number << 3]) + varint(content)
    content = content.encode() if isinstance(content, str) else content
    return bytes([number << 3 | 2]) + varint(len(content)) + content


def varint(number):
    encoded = b""
    while number > 0x7F:
        encoded, number = encoded + bytes([number & 0x7F | 0x80]), number >> 7
    return encoded + bytes([number])


def wire_type(kind):
    """Returns a type as Terraform writes it in JSON."""
    if isinstance(kind, list):
        return [kind[0], wire_type(kind[1])]
    return {"boolean": "bool", None: "dynamic"}.get(kind, kind)


def attribute(name, kind, flag):
    return field(2, field(1, name) + field(2, json.dumps(wire_type(kind))) + field(flag, 1))


def block(schema, name, seen=()):
    """Encodes a block. Blocks that contain themselves end at the second level."""
    encoded, arguments = b"", schema["blocks"][name]
    for argument, described in arguments.items():
        kind = described["type"]
        many = isinstance(kind, list) and isinstance(kind[1], dict)
        inner = kind[1] if many else kind
        if isinstance(inner, dict):
            if inner["block"] not in seen:
                nested = field(1, argument) + field(2, block(schema, inner["block"], (*seen, name)))
                nested += field(3, LIST_OF_BLOCKS) + field(5, 0 if many else 1)
                encoded += field(3, nested)
        else:
            encoded += attribute(argument, kind, 4 if described["required"] else 5)
    for exported, kind in schema["exported"].get(name, {}).items():
        if exported not in arguments:
            encoded += attribute(exported, kind, 6)
    return encoded


def provider_schema(schema, text):
    """Encodes the answer of GetProviderSchema with the types that a text names."""
    tags = field(3, field(1, "default_tags") + field(2, attribute("tags", ["map", "string"], 5)) + field(3, LIST_OF_BLOCKS))
    encoded = field(1, field(2, attribute("region", "string", 5) + tags))
    for number, kind, keyword in [(2, "resource", "resource"), (3, "data", "data")]:
        for name in sorted(set(re.findall(rf'^{keyword} "(aws_\w+)"', text, re.M)) & set(schema[kind])):
            encoded += field(number, field(1, name) + field(2, field(2, block(schema, schema[kind][name]))))
    return encoded


def serve(schema_path, *folders):
    """Serves the provider until standard input ends, in a process of its own, and prints the port."""
    import grpc

    schema = json.loads(pathlib.Path(schema_path).read_text(encoding="utf-8"))
    files = [path for folder in folders for path in pathlib.Path(folder).rglob("*.tf")]
    described = provider_schema(schema, "\n".join(path.read_text(encoding="utf-8") for path in files))

    class Provider(grpc.GenericRpcHandler):
        """Answers every call of Terraform with an empty message, apart from the one for the schema."""

        def service(self, details):
            if not details.method.startswith("/tfplugin6.Provider/"):
                # Streams of the plugin framework, which would occupy the threads of the server.
                return None
            answer = described if details.method == "/tfplugin6.Provider/GetProviderSchema" else b""
            return grpc.unary_unary_rpc_method_handler(lambda request, context: answer)

    server = grpc.server(futures.ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers([Provider()])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    sys.stdin.read()
    server.stop(None)


def validate(terraform, folder, environment):
    """Returns what Terraform finds in a copy of a folder."""
    with tempfile.TemporaryDirectory() as copied:
        shutil.copytree(folder, copied, dirs_exist_ok=True)
        for arguments in (["init", "-backend=false", "-input=false"], ["validate", "-json"]):
            done = subprocess.run([terraform, *arguments], cwd=copied, env=environment, capture_output=True, text=True, check=False,
                                  timeout=TIME_LIMIT)
            if arguments[0] == "init" and done.returncode:
                return [f"{folder}: {done.stdout}{done.stderr}"]
        found = json.loads(done.stdout)["diagnostics"]
        return [f"{folder}: {each['summary']}: {each['detail']} {each.get('snippet', {}).get('code', '')}" for each in found]


def findings(terraform, schema_path, folders):
    """Returns what Terraform finds in each folder."""
    with subprocess.Popen([sys.executable, __file__, schema_path, *map(str, folders)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as server:
        port = server.stdout.readline().strip()
        attached = {"Protocol": "grpc", "ProtocolVersion": 6, "Pid": server.pid, "Test": True,
                    "Addr": {"Network": "tcp", "String": f"127.0.0.1:{port}"}}
        environment = {**os.environ, "TF_REATTACH_PROVIDERS": json.dumps({"hashicorp/aws": attached}), "CHECKPOINT_DISABLE": "1"}
        environment.pop("TF_CLI_CONFIG_FILE", None)
        with futures.ThreadPoolExecutor(2) as threads:
            return list(threads.map(lambda folder: validate(terraform, folder, environment), folders))


if __name__ == "__main__":
    serve(*sys.argv[1:])
