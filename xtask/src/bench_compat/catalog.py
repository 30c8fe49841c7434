"""Runs Plumb and its peers on the pairs of the catalogue that each can read, and prints how many
breaking pairs were caught, how many safe ones raised an alarm, and how many could not be decided.

Pairs labelled risky are left out, and so are those of the strict reading: no peer knows either.
The names of all that a peer decides otherwise than the label are written beside the pairs.

Usage: catalog.py CATALOGUE FOLDER PLUMB OPENAPI_DIFF SPECMATIC BUF
"""

import json
import multiprocessing
import pathlib
import subprocess
import sys
import tomllib

import yaml
from jsonsubschema import isSubschema

# One pair of OpenAPI in so many is given to Specmatic, which takes seconds for each.
SPECMATIC_STEP = 8

# Seconds that one question may take.
TIME_MAX = 60

# What came after draft 4, which jsonsubschema reads.
LATER = {"$defs", "$dynamicRef", "const", "contains", "dependentRequired", "dependentSchemas",
         "else", "if", "maxContains", "minContains", "prefixItems", "propertyNames", "then",
         "unevaluatedItems", "unevaluatedProperties"}
EXCLUSIVE = ("exclusiveMaximum", "exclusiveMinimum")

OPERATION = ("paths", "/things", "post")
CONTENT = {"application/json": {"schema": {"type": "object"}}}
DIALECTS = {"4": "http://json-schema.org/draft-04/schema#",
            "6": "http://json-schema.org/draft-06/schema#",
            "7": "http://json-schema.org/draft-07/schema#",
            "2019-09": "https://json-schema.org/draft/2019-09/schema",
            "2020-12": "https://json-schema.org/draft/2020-12/schema"}


def plain():
    """The description that edits are made to; the tests of plumb-contract have the same."""
    flow = {"tokenUrl": "https://a.io/token", "scopes": {}}
    post = {"requestBody": {"required": True, "content": CONTENT},
            "responses": {"200": {"description": "ok", "content": CONTENT}}}
    schemes = {"a": {"type": "apiKey", "in": "header", "name": "X-Key"},
               "b": {"type": "http", "scheme": "bearer"},
               "o": {"type": "oauth2", "flows": {"clientCredentials": flow}}}
    whole = {"openapi": "3.0.3", "info": {"title": "things", "version": "1"},
             "paths": {"/things": {"post": post}},
             "components": {"schemas": {}, "securitySchemes": schemes}}
    # Through text, so that no two places share what is edited in one of them.
    return json.loads(json.dumps(whole))


def merged(target, patch):
    """JSON merge patch (RFC 7396)."""
    if not isinstance(patch, dict):
        return patch
    target = dict(target) if isinstance(target, dict) else {}
    for key, member in patch.items():
        if member is None:
            target.pop(key, None)
        else:
            target[key] = merged(target.get(key), member)
    return target


def at(version, path):
    for step in path:
        version = version[step]
    return version


def edited(version, key, edit):
    """The description with one edit of a pair."""
    bodies = {"request": (*OPERATION, "requestBody"), "response": (*OPERATION, "responses", "200")}
    patches = {"version": lambda: {"openapi": edit}, "document": lambda: edit,
               "schemas": lambda: {"components": {"schemas": edit}},
               "operation": lambda: {"paths": {"/things": {"post": edit}}},
               "parameters": lambda: {"paths": {"/things": {"post": {"parameters": edit}}}}}
    if key in bodies:
        at(version, bodies[key])["content"]["application/json"]["schema"] = edit
        return version
    return merged(version, patches[key]()) if key in patches else version


def versions(pair):
    """Both versions of a pair of OpenAPI."""
    if "whole" in pair:
        return pair["whole"]
    both = []
    for side in (0, 1):
        version = plain()
        for key, patch in pair.items():
            is_pair = isinstance(patch, list) and len(patch) == 2
            version = edited(version, key, patch[side] if is_pair else patch)
        both.append(version)
    return both


def is_later(both):
    """Whether a version is written in OpenAPI 3.1 or later."""
    return any(version.get("openapi", "3.0") >= "3.1" for version in both)


def yaml_pairs(folder):
    found = []
    for file in sorted(folder.glob("*.yaml")):
        found += yaml.safe_load(file.read_text(encoding="utf-8"))["pairs"]
    return [pair for pair in found if "reading" not in pair]


def protobuf_edits(folder):
    """Each edit once, whoever writes: peers do not ask. It breaks if it breaks for anybody, and is
    safe where both sides may write; what is known of one side alone is left out."""
    edits = {}
    for file in sorted(folder.glob("*.toml")):
        for pair in tomllib.loads(file.read_text(encoding="utf-8"))["pair"]:
            edit = (pair["old"], pair["new"], pair["reading"])
            edits.setdefault(edit, []).append(pair)
    found = []
    for (old, new, reading), pairs in edits.items():
        labels = {pair["label"] for pair in pairs}
        flows = {pair["flow"] for pair in pairs}
        is_known = "both" in flows or len(flows) == 2
        if "breaking" in labels or (labels == {"safe"} and is_known):
            label = "breaking" if "breaking" in labels else "safe"
            found.append({"name": pairs[0]["name"], "old": old, "new": new, "label": label,
                          "reading": reading})
    return found


def written(folder, pairs, suffix):
    """Writes each pair into a folder of its own; the folders."""
    places = []
    for number, (old, new) in enumerate(pairs):
        place = folder / f"{number:03}"
        for side, text in (("old", old), ("new", new)):
            path = place / f"{side}{suffix}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
        places.append(place)
    return places


def ran(command):
    """The exit code and what was said; no code where it took too long."""
    try:
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                              timeout=TIME_MAX, check=False)
    except subprocess.TimeoutExpired:
        return None, ""
    return done.returncode, done.stdout + done.stderr


def plumb(program, old, new, *more):
    """Breaking where a change breaks; an error where it cannot tell."""
    code, _ = ran([program, "compat", old, new, "--no-evidence", "--format", "json", *more])
    if code not in (0, 1):
        return "error"
    return "breaking" if code == 1 else "safe"


def specmatic(jar, old, new):
    code, text = ran(["java", "-jar", jar, "compare", old, new])
    if code == 1 and "is not backward compatible" in text:
        return "breaking"
    return "safe" if code == 0 else "error"


def buf(program, place, reading):
    """Exit code 100 is a break."""
    rules = {"wire": "WIRE", "json": "WIRE_JSON", "code": "FILE"}[reading]
    config = json.dumps({"version": "v2", "breaking": {"use": [rules]}})
    code, _ = ran([program, "breaking", place / "new", "--against", place / "old",
                   "--config", config])
    return {0: "safe", 100: "breaking"}.get(code, "error")


def subschema_in(pipe, writer, reader):
    try:
        pipe.send("safe" if isSubschema(writer, reader) else "breaking")
    except BaseException:  # Whatever it raises is no answer.
        pipe.send("error")


def subschema(writer, reader):
    ours, theirs = multiprocessing.Pipe()
    task = multiprocessing.get_context("fork").Process(
        target=subschema_in, args=(theirs, writer, reader))
    task.start()
    answer = ours.recv() if ours.poll(TIME_MAX) else "error"
    task.kill()
    task.join()
    return answer


def tell(format_, tool, pairs, answers, log):
    """One row, and the names of all that is not as labelled."""
    count = {(label, answer): 0 for label in ("breaking", "safe")
             for answer in ("breaking", "safe", "error")}
    for pair, answer in zip(pairs, answers, strict=True):
        count[pair["label"], answer] += 1
        if pair["label"] != answer:
            log.write(f"{format_}\t{tool}\t{pair['label']}\t{answer}\t{pair['name']}\n")
    breaking = sum(count["breaking", answer] for answer in ("breaking", "safe", "error"))
    safe = len(answers) - breaking
    errors = count["breaking", "error"] + count["safe", "error"]
    print(f"{format_:24} {tool:20} {count['breaking', 'breaking']:>4} of {breaking:<4}"
          f" {count['safe', 'breaking']:>4} of {safe:<4} {errors:>6}", flush=True)


def openapi(catalogue, folder, tools, log):
    pairs = [pair for pair in yaml_pairs(catalogue / "openapi") if pair["label"] != "risky"]
    places = written(folder / "openapi", map(versions, pairs), ".json")
    files = [(place / "old.json", place / "new.json") for place in places]
    tell("OpenAPI", "plumb", pairs, [plumb(tools["plumb"], *two) for two in files], log)
    script = pathlib.Path(__file__).with_name("openapi_diff.js")
    _, text = ran(["node", script, tools["openapi-diff"], folder / "openapi"])
    answers = json.loads(text)
    told = [answers[place.name] for place in places]
    tell("OpenAPI", "openapi-diff", pairs, told, log)
    older = [index for index, pair in enumerate(pairs) if not is_later(versions(pair))]
    tell("OpenAPI up to 3.0", "openapi-diff", [pairs[it] for it in older],
         [told[it] for it in older], log)
    sample = range(0, len(pairs), SPECMATIC_STEP)
    told = [specmatic(tools["specmatic"], *files[index]) for index in sample]
    tell(f"OpenAPI, one in {SPECMATIC_STEP}", "specmatic", [pairs[it] for it in sample], told, log)


def protobuf(catalogue, folder, tools, log):
    for reading in ("wire", "json", "code"):
        edits = protobuf_edits(catalogue / "protobuf")
        edits = [edit for edit in edits if edit["reading"] == reading]
        places = written(folder / "protobuf" / reading,
                         [(edit["old"], edit["new"]) for edit in edits], "/shop.proto")
        told = [plumb(tools["plumb"], place / "old/shop.proto", place / "new/shop.proto",
                      "--protobuf", reading) for place in places]
        tell(f"Protobuf, {reading}", "plumb", edits, told, log)
        told = [buf(tools["buf"], place, reading) for place in places]
        tell(f"Protobuf, {reading}", "buf", edits, told, log)


def declared(schema, draft):
    """With its dialect, where a schema can say it."""
    if isinstance(schema, dict):
        return {"$schema": DIALECTS[draft], **schema}
    return {"$schema": DIALECTS[draft], "allOf": [schema]}


def is_draft_4(schema):
    """Whether nothing in a schema came with a later draft."""
    if isinstance(schema, list):
        return all(map(is_draft_4, schema))
    if not isinstance(schema, dict):
        return True
    is_later = (LATER & schema.keys() or isinstance(schema.get("items"), bool)
                or any(type(schema.get(key)) in (int, float) for key in EXCLUSIVE))
    return not is_later and all(map(is_draft_4, schema.values()))


def json_schema(catalogue, folder, tools, log):
    pairs = yaml_pairs(catalogue / "json-schema")
    for pair in pairs:
        pair["label"] = "safe" if pair["label"] in (True, "yes") else "breaking"
    schemas = [[declared(pair[side], str(pair.get("draft", "2020-12")))
                for side in ("writer", "reader")] for pair in pairs]
    places = written(folder / "json-schema", schemas, ".schema.json")
    asked = [(place / "old.schema.json", place / "new.schema.json", "--writer", "old")
             for place in places]
    tell("JSON Schema", "plumb", pairs, [plumb(tools["plumb"], *words) for words in asked], log)
    # It knows one reading, in which keys that nothing names may hold anything.
    strict = [plumb(tools["plumb"], *words, "--reading", "strict") for words in asked]
    same = [index for index, pair in enumerate(pairs) if strict[index] == pair["label"]]
    told = [subschema(pairs[it]["writer"], pairs[it]["reader"]) for it in same]
    tell("JSON Schema, strict too", "jsonsubschema", [pairs[it] for it in same], told, log)
    sides = [[pairs[it]["writer"], pairs[it]["reader"]] for it in same]
    older = [number for number, both in enumerate(sides)
             if is_draft_4(both) and not any(isinstance(side, bool) for side in both)]
    tell("draft 4 alone", "jsonsubschema", [pairs[same[it]] for it in older],
         [told[it] for it in older], log)


def main():
    catalogue, folder = map(pathlib.Path, sys.argv[1:3])
    tools = dict(zip(("plumb", "openapi-diff", "specmatic", "buf"), sys.argv[3:], strict=True))
    print(f"{'pairs':24} {'':20} {'breaking caught':>12} {'false alarms':>12} {'errors':>6}")
    with open(folder / "otherwise.tsv", "w", encoding="utf-8") as log:
        for compare in (openapi, protobuf, json_schema):
            compare(catalogue, folder, tools, log)


main()
