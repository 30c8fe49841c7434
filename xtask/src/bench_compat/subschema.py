"""Asks jsonsubschema whether every document of the first schema fits the second.

Usage: subschema.py WRITER READER
"""

import json
import sys

from jsonsubschema import isSubschema

writer, reader = (json.load(open(path, encoding="utf-8")) for path in sys.argv[1:])
sys.exit(0 if isSubschema(writer, reader) else 1)
