# For each line {"kind", "readable", "document"} of standard input: an empty line when the schema of
# that kind in the folder argv[1] accepts the document, else what is wrong with it.
import json
import pathlib
import sys

import jsonschema

validators = {}
for path in pathlib.Path(sys.argv[1]).glob("*.json"):
    schema = json.loads(path.read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    validators[path.stem] = jsonschema.Draft7Validator(schema)

for line in sys.stdin:
    asked = json.loads(line)
    if not asked["readable"]:
        print("no YAML that is accepted")
        continue
    errors = list(validators[asked["kind"]].iter_errors(asked["document"]))
    print("" if not errors else errors[0].message.replace("\n", " ")[:200])
