-- Format 1: windows by key, the deltas they were merged from, small documents.

CREATE TABLE windows (
    id          INTEGER PRIMARY KEY,
    writer      TEXT    NOT NULL,
    reader      TEXT    NOT NULL,
    operation   TEXT    NOT NULL,
    version     TEXT    NOT NULL,
    environment TEXT    NOT NULL,
    day         INTEGER NOT NULL,                            -- days since 1970-01-01
    last_ms     INTEGER NOT NULL,                            -- milliseconds since 1970-01-01 UTC
    exchanges   INTEGER NOT NULL CHECK (exchanges >= 0),
    value       BLOB    NOT NULL
) STRICT;

CREATE UNIQUE INDEX windows_by_key
    ON windows (writer, reader, operation, version, environment, day);

CREATE TABLE deltas (
    arrival     INTEGER PRIMARY KEY,                         -- the order in which they came
    id          BLOB    NOT NULL UNIQUE CHECK (length(id) = 32),
    source      TEXT    NOT NULL,
    received_ms INTEGER NOT NULL,                            -- milliseconds since 1970-01-01 UTC
    exchanges   INTEGER NOT NULL CHECK (exchanges >= 0),
    windows     INTEGER NOT NULL CHECK (windows >= 0),
    newest_day  INTEGER NOT NULL                             -- days since 1970-01-01
) STRICT;

CREATE TABLE documents (
    id          INTEGER PRIMARY KEY,
    kind        TEXT    NOT NULL,
    key         TEXT    NOT NULL,
    bytes       BLOB    NOT NULL,
    UNIQUE (kind, key)
) STRICT;

-- At most one row: days before this one have been pruned and are not taken in again.
CREATE TABLE horizon (
    one         INTEGER PRIMARY KEY CHECK (one = 1),
    day         INTEGER NOT NULL                             -- days since 1970-01-01
) STRICT;
