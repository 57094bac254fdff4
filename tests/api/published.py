"""Validation of responses against the published OpenAPI schema."""

import copy
from functools import cached_property

import jsonschema  # type: ignore[import-untyped]
from referencing import Registry
from referencing.jsonschema import DRAFT202012


class PublishedSchema:
    """An OpenAPI 3.0 document, made strict: no field may be missing from it."""

    def __init__(self, document):
        self.document = document
        self.registry = Registry().with_resource(
            "openapi", DRAFT202012.create_resource(as_json_schema(document))
        )

    @cached_property
    def operations(self):
        return {
            (method.upper(), path): operation
            for path, operations in self.document["paths"].items()
            for method, operation in operations.items()
        }

    def check(self, method, path, answer):
        """Raise ValidationError unless the response is as published for its status."""
        responses = self.operations[method, path]["responses"]
        assert str(answer.status_code) in responses, (method, path, answer.status_code)
        content = responses[str(answer.status_code)]["content"]
        schema = as_json_schema(content["application/json"]["schema"])
        validator = jsonschema.Draft202012Validator(
            {"$id": "openapi-answer", **absolute(schema)},
            registry=self.registry,
            format_checker=jsonschema.FormatChecker(),
        )
        validator.validate(answer.json())


def as_json_schema(node):
    """Convert OpenAPI 3.0 to JSON Schema: `nullable` becomes a type, and objects are closed."""
    if isinstance(node, list):
        return [as_json_schema(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: as_json_schema(value) for key, value in copy.deepcopy(node).items()}
    if node.get("type") == "object" and "properties" in node:
        node.setdefault("additionalProperties", False)
    if node.pop("nullable", False):
        return {"anyOf": [node, {"type": "null"}]}
    return node


def absolute(node):
    """The same with references into the registered document."""
    if isinstance(node, list):
        return [absolute(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: "openapi" + value if key == "$ref" else absolute(value) for key, value in node.items()
    }
