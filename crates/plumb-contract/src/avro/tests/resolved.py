"""Asks fastavro and Apache's own library what becomes of data: one pair of schemas a line, with an
answer and for a no its witness. Prints one line for each answer that either contradicts."""

import io
import json
import sys

import avro.errors
import avro.io
import avro.schema
import fastavro
import fastavro.utils


def datum_of(witness, schema):
    text = io.StringIO(json.dumps(witness) + "\n")
    return list(fastavro.json_reader(text, schema))[0]


def in_fastavro(writer, reader, datum):
    out = io.BytesIO()
    fastavro.schemaless_writer(out, writer, datum)
    out.seek(0)
    fastavro.schemaless_reader(out, writer, reader)


def in_apache(writer, reader, datum):
    """Encoded by fastavro, since Apache's own writer takes other Python values."""
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(json.loads(json.dumps(writer))), datum)
    writer = avro.schema.parse(json.dumps(writer), validate_names=False)
    reader = avro.schema.parse(json.dumps(reader), validate_names=False)
    decoder = avro.io.BinaryDecoder(io.BytesIO(out.getvalue()))
    avro.io.DatumReader(writer, reader).read(decoder)


def refused(read, writer, reader, datum):
    try:
        read(writer, reader, datum)
        return None
    except UnicodeDecodeError:
        return None  # bytes that are no text: the types resolve
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:120]


tally = {}
for line in sys.stdin:
    pair = json.loads(line)
    writer, reader = pair["writer"], pair["reader"]
    try:
        parsed = [fastavro.parse_schema(json.loads(json.dumps(it))) for it in (writer, reader)]
    except Exception as error:
        tally["schema refused"] = tally.get("schema refused", 0) + 1
        continue
    for name, read, sides in (
        ("fastavro", in_fastavro, parsed),
        ("apache", in_apache, (writer, reader)),
    ):
        try:
            if pair["answer"] == "no":
                data = [datum_of(pair["witness"], parsed[0])]
            else:
                data = list(fastavro.utils.generate_many(parsed[0], 5))
        except Exception as error:
            tally[name + " no data"] = tally.get(name + " no data", 0) + 1
            continue
        results = [refused(read, *sides, datum) for datum in data]
        is_same = bool(results[0]) if pair["answer"] == "no" else not any(results)
        key = f"{name} {pair['answer']} {'agrees' if is_same else 'differs'}"
        tally[key] = tally.get(key, 0) + 1
        if not is_same:
            why = next((it for it in results if it), "taken")
            print(f"{name} {pair['answer']}: {why}: {json.dumps(writer)} -> {json.dumps(reader)}"
                  f" {json.dumps(pair.get('witness'))}")
for key in sorted(tally):
    print("=", key, tally[key])
