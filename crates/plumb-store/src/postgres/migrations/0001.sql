-- Format 1: windows by key, the deltas they were merged from, small documents.
--
-- Texts are bytes in UTF-8: ordered by their bytes and free to hold any letter, whatever the
-- encoding and the collation of the database.

CREATE TABLE plumb.formats (
    format      integer PRIMARY KEY,
    since       timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE plumb.windows (
    id          bytea   PRIMARY KEY CHECK (length(id) = 32),  -- the hash of the key
    writer      bytea   NOT NULL,
    reader      bytea   NOT NULL,
    operation   bytea   NOT NULL,
    version     bytea   NOT NULL,
    environment bytea   NOT NULL,
    day         integer NOT NULL,                             -- days since 1970-01-01
    last_ms     bigint  NOT NULL,                             -- milliseconds since 1970-01-01 UTC
    exchanges   bigint  NOT NULL CHECK (exchanges >= 0),
    merges      bigint  NOT NULL CHECK (merges >= 1),         -- deltas it was merged from
    value       bytea   NOT NULL
);

CREATE INDEX windows_by_day ON plumb.windows (day);

-- Values come compressed or do not compress; trying costs more than it saves.
ALTER TABLE plumb.windows ALTER COLUMN value SET STORAGE EXTERNAL;

CREATE TABLE plumb.deltas (
    arrival     bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id          bytea   NOT NULL UNIQUE CHECK (length(id) = 32),
    source      bytea   NOT NULL,
    received_ms bigint  NOT NULL,                             -- milliseconds since 1970-01-01 UTC
    exchanges   bigint  NOT NULL CHECK (exchanges >= 0),
    windows     bigint  NOT NULL CHECK (windows >= 0),
    newest_day  integer NOT NULL                              -- days since 1970-01-01
);

CREATE TABLE plumb.documents (
    id          bytea   PRIMARY KEY CHECK (length(id) = 32),  -- the hash of kind and key
    kind        bytea   NOT NULL,
    key         bytea   NOT NULL,
    bytes       bytea   NOT NULL
);

CREATE INDEX documents_by_kind ON plumb.documents (kind);

-- One row: days before this one have been pruned and are not taken in again.
CREATE TABLE plumb.horizon (
    one         integer PRIMARY KEY CHECK (one = 1),
    day         integer NOT NULL                              -- days since 1970-01-01
);

INSERT INTO plumb.horizon (one, day) VALUES (1, -2147483648);
