# Validates documents against JSON Schemas: `[[schema, document], …]` on stdin, `[true, …]` on stdout.
import json, sys
from jsonschema import Draft202012Validator

print(json.dumps([Draft202012Validator(schema).is_valid(document) for schema, document in json.load(sys.stdin)]))
