"""Checks Terraform modules against the schema of Terraform's AWS provider: names, types, blocks and references.

`extract.cjs` describes the schema. A finding names the file and the argument.
"""
import re

import hcl2

META_ARGUMENTS = {"count", "for_each", "depends_on", "provider", "lifecycle", "provisioner", "connection"}
# What the functions return that a module may call. "any" is not compared.
FUNCTIONS = {
    "abs": "number", "can": "boolean", "coalesce": "any", "concat": ["list", "any"], "contains": "boolean", "file": "string",
    "filebase64sha256": "string", "format": "string", "join": "string", "jsonencode": "string", "keys": ["list", "string"],
    "length": "number", "lower": "string", "merge": ["map", "any"], "one": "any", "replace": "string", "sha1": "string",
    "sha256": "string", "slice": ["list", "any"], "sort": ["list", "string"], "split": ["list", "string"], "substr": "string", "tolist": ["list", "any"], "tonumber": "number",
    "toset": ["list", "any"], "tostring": "string", "trimprefix": "string", "trimsuffix": "string", "try": "any",
    "values": ["list", "any"],
}
REFERENCE = re.compile(r"(?:data\.)?[a-z][\w-]*(?:\.[\w-]+|\[[^\]]*\])+")
OF_RESOURCE = re.compile(r"(?<![\w.\"-])(data\.)?(aws_\w+)\.([\w-]+)(?:\[[^\]]*\])?(?:\.(\w+))?")
OF_VARIABLE = re.compile(r"(?<![\w.\"-])(var|local)\.(\w+)")


def unquoted(name):
    return name[1:-1] if name.startswith('"') else name


def arguments(block):
    """Returns the arguments and blocks of a block, without the marks of the parser."""
    return {unquoted(name): value for name, value in block.items() if not (name.startswith("__") and name.endswith("__"))}


def version(text):
    return tuple(map(int, text.split(".")))


def is_block(value):
    return isinstance(value, dict) and value.get("__is_block__", False)


def texts(value):
    """Yields every expression and text in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, dict):
        for item in arguments(value).values():
            yield from texts(item)


def branches(expression):
    """Returns the two results of `condition ? a : b`, or nothing if the expression is no condition."""
    depth, quoted, question, previous = 0, False, None, ""
    for index, character in enumerate(expression):
        if character == '"' and previous != "\\":
            quoted = not quoted
        elif not quoted and character in "([{":
            depth += 1
        elif not quoted and character in ")]}":
            depth -= 1
        elif not quoted and depth == 0 and character == "?" and question is None:
            question = index
        elif not quoted and depth == 0 and character == ":" and question is not None:
            return [expression[question + 1:index].strip(), expression[index + 1:].strip()]
        previous = character
    return []


class Module:
    """One file. `findings` lists what is wrong with it."""

    def __init__(self, schema, name, text):
        self.schema, self.name, self.findings, self.checked = schema, name, [], 0
        self.document = hcl2.loads(text)
        self.declared, self.variables, self.locals = {}, {}, {}
        for kind in ("resource", "data"):
            for place, block in self.labelled(kind):
                self.declared[(kind, *place)] = block
        for place, block in self.labelled("variable"):
            self.variables[place[0]] = self.variable_type(arguments(block).get("type", ""))
        for block in self.document.get("locals", []):
            self.locals.update(arguments(block))
        self.check()

    def labelled(self, kind):
        """Yields the labels and the body of every block of one kind."""
        def walk(value, labels):
            if is_block(value):
                yield labels, value
            else:
                for label, inner in value.items():
                    yield from walk(inner, (*labels, unquoted(label)))
        for block in self.document.get(kind, []):
            yield from walk(block, ())

    def required_version(self):
        """Returns the oldest version of the provider that the module accepts."""
        providers = [block for settings in self.document.get("terraform", []) for block in settings.get("required_providers", [])]
        constraints = [re.search(r">= ([0-9.]+)", block["aws"]["version"]) for block in providers]
        return version(constraints[0][1]) if constraints and constraints[0] else (0,)

    def find(self, place, problem):
        self.findings.append(f"{self.name}: {place}: {problem}")

    def check(self):
        for (kind, type_name, name), block in self.declared.items():
            place = f"{kind} {type_name}.{name}"
            known = self.schema[kind].get(type_name)
            if known is None:
                self.find(place, "the provider has no such type")
            else:
                self.check_block(place, known, block, META_ARGUMENTS)
        for text in texts(self.document):
            self.check_references(text)

    def check_block(self, place, block_type, block, allowed=frozenset()):
        known = self.schema["blocks"][block_type]
        found = arguments(block)
        for name, value in found.pop("dynamic", [{}])[0].items() if "dynamic" in found else ():
            found[unquoted(name)] = arguments(value)["content"]
        for name, value in found.items():
            self.checked += 1
            if name in known:
                self.check_value(f"{place}.{name}", known[name], value)
                since = known[name].get("since")
                if since and self.required_version() < version(since):
                    self.find(f"{place}.{name}", f"the module accepts versions of the provider before {since}")
            elif name not in allowed:
                self.find(f"{place}.{name}", "the provider has no such argument")
        for name, argument in known.items():
            if argument["required"] and name not in found:
                self.find(f"{place}.{name}", "the argument is required")

    def check_value(self, place, argument, value):
        kind = argument["type"]
        many = isinstance(kind, list) and isinstance(kind[1], dict)
        block = kind[1] if many else kind
        if not isinstance(block, dict):
            if any(is_block(item) for item in (value if isinstance(value, list) else [value])):
                self.find(place, f"is a block, and not {kind}")
            elif not self.fits(kind, self.type_of(value)):
                self.find(place, f"is {self.type_of(value)}, and not {kind}: {value}")
            return
        items = value if isinstance(value, list) else [value]
        if len(items) > 1 and not many:
            self.find(place, "occurs more than once")
        for item in items:
            if not isinstance(item, dict) or (argument.get("block", False) and not is_block(item)):
                self.find(place, f"is no block: {item}")
            else:
                self.check_block(place, block["block"], item)

    def fits(self, wanted, found):
        if "any" in (wanted, found) or wanted is None:
            return True
        if isinstance(wanted, list) and isinstance(found, list):
            return wanted[0] == found[0] and all(self.fits(wanted[1], kind) for kind in found[1:])
        return wanted == found

    def type_of(self, value):
        """Returns the type of a value: the list of a type's name and its elements' types, or one name."""
        if isinstance(value, bool):
            return "boolean"
        if isinstance(value, (int, float)):
            return "number"
        if isinstance(value, list):
            return ["list", *map(self.type_of, value)]
        if isinstance(value, dict):
            return ["map", *map(self.type_of, arguments(value).values())]
        if value in ("true", "false"):
            return "boolean"
        if value.startswith('"') or value.startswith("<<"):
            return "string"
        return self.type_of_expression(value.removeprefix("${").removesuffix("}").strip())

    def type_of_expression(self, expression):
        if choices := branches(expression):
            types = [self.type_of_expression(choice) for choice in choices if choice != "null"]
            return types[0] if types else "any"
        if expression.startswith('"'):
            return "string"
        if re.fullmatch(r"-?[0-9.]+", expression):
            return "number"
        if expression in ("true", "false"):
            return "boolean"
        if expression.startswith(("[", "{")):
            return ["list" if expression.startswith("[") else "map"]
        if call := re.match(r"(\w+)\(", expression):
            return FUNCTIONS.get(call[1], f"the result of {call[1]}()")
        if REFERENCE.fullmatch(expression):
            return self.type_of_reference(expression)
        return f"the expression {expression}"

    def type_of_reference(self, reference):
        if (of_variable := OF_VARIABLE.fullmatch(reference)):
            if of_variable[1] == "local":
                return self.type_of(self.locals[of_variable[2]]) if of_variable[2] in self.locals else "undeclared"
            return self.variables.get(of_variable[2], "undeclared")
        if (of_resource := OF_RESOURCE.fullmatch(reference)) and of_resource[4]:
            kind = self.schema["data" if of_resource[1] else "resource"].get(of_resource[2])
            return self.attribute_type(kind, of_resource[4]) or "any"
        return "any"

    def attribute_type(self, block_type, attribute):
        argument = self.schema["blocks"].get(block_type, {}).get(attribute)
        if argument and not isinstance(argument["type"], dict):
            return argument["type"]
        return self.schema["exported"].get(block_type, {}).get(attribute)

    def check_references(self, text):
        for is_data, type_name, name, attribute in OF_RESOURCE.findall(text):
            kind = "data" if is_data else "resource"
            if (kind, type_name, name) not in self.declared:
                self.find(text[:80], f"{type_name}.{name} is not declared")
            elif attribute:
                block_type = self.schema[kind].get(type_name)
                exported = self.schema["exported"].get(block_type, {})
                if attribute not in exported and attribute not in self.schema["blocks"].get(block_type, {}):
                    self.find(text[:80], f"{type_name} has no attribute {attribute}")
        for kind, name in OF_VARIABLE.findall(text):
            if name not in (self.variables if kind == "var" else self.locals):
                self.find(text[:80], f"{kind}.{name} is not declared")

    @staticmethod
    def variable_type(text):
        text = text.removeprefix("${").removesuffix("}")
        simple = {"string": "string", "number": "number", "bool": "boolean"}
        outer, _, inner = text.partition("(")
        if not inner:
            return simple.get(text, "any")
        return ["map" if outer in ("map", "object") else "list", simple.get(inner.removesuffix(")"), "any")]
