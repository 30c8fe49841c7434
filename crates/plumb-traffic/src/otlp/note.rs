//! What is said of telemetry with a reservation, or left out of it on purpose. It refuses to know
//! when.

/// Why bodies and headers are not there: instrumentation does not capture them unless told to.
pub const NOT_IN_TELEMETRY: &str = "not in telemetry";

/// Note: a body that is not there.
pub const NOTE_NO_BODY: &str = "a call without bodies in telemetry: status, route and headers only";
/// Note: nobody reported the writer's side.
pub const NOTE_CALLER_ONLY: &str =
    "a call that only the caller reported; the writer's version is not known";
/// Note: nobody reported the reader's side.
pub const NOTE_CALLEE_ONLY: &str =
    "a call that only the called side reported; the reader may not be known";
/// Note: given up early, because too many waited.
pub const NOTE_CROWDED: &str =
    "a span that waited for the other side of its call and had to make room for others";
/// Note: the same span once more.
pub const NOTE_TWICE: &str = "a span that came twice; counted once";
/// Note: a span from inside a process.
pub const NOTE_INTERNAL: &str = "spans inside a process; they show no call";
/// Note: a span of unknown kind.
pub const NOTE_NO_KIND: &str = "spans of no kind; not read";
/// Note: nobody reported the taking of a message.
pub const NOTE_SENT_ONLY: &str = "a message that only its sender reported; the reader is not known";
/// Note: nobody reported the sending of a message.
pub const NOTE_TAKEN_ONLY: &str = "a message that only its taker reported; the writer is not known";
/// Note: the same message once more, received and then processed.
pub const NOTE_TAKEN_TWICE: &str = "a message that one service told of twice; counted once";
/// Note: the sending of messages that have spans of their own.
pub const NOTE_BATCH: &str = "spans that send a batch; its messages are counted one by one";
/// Note: asking for messages.
pub const NOTE_POLL: &str = "spans that receive and name no message; not read";
/// Note: an acknowledgement.
pub const NOTE_SETTLED: &str = "spans that settle messages; they show no message anew";
/// Note: nothing says where a message went.
pub const NOTE_NO_DESTINATION: &str = "a message whose span has no destination; left out";
/// Note: nothing says what was asked of a database.
pub const NOTE_NO_STATEMENT: &str =
    "a statement whose span has neither operation nor summary; left out";
/// Note: a remote call other than gRPC.
pub const NOTE_OTHER_RPC: &str = "spans of remote calls other than gRPC; not read yet";
/// Note: a client's or server's span of something else.
pub const NOTE_OTHER: &str =
    "spans of calls that are neither HTTP nor gRPC, messages nor databases; not read";
/// Note: nothing says what was called.
pub const NOTE_NO_PATH: &str = "a call whose span has no path; left out";
/// Note: an outcome that is no status.
pub const NOTE_ODD_STATUS: &str = "a call with a status that is none; taken as no response";
/// Note: no response and no reason to expect one.
pub const NOTE_NO_STATUS: &str = "a call without status; taken as no response";
/// Note: a header list too long.
pub const NOTE_HEADERS_CUT: &str = "a span with too many headers; some were left out";
/// Note: an id that is none.
pub const NOTE_ODD_ID: &str =
    "a span with an id of the wrong form; the two sides of its call stay apart";
/// Note: the default name of an SDK.
pub const NOTE_NO_SERVICE: &str = "a span of a service without name";
/// Note: names where numbers belong.
pub const NOTE_ENUM_NAMES: &str = "a kind or status by its name; OTLP writes numbers";
/// Note: ids in the other alphabet.
pub const NOTE_BASE64_IDS: &str = "an id in base64; OTLP writes hexadecimal digits";
/// Note: another signal.
pub const NOTE_NO_SPANS: &str = "requests without spans; metrics and logs are not read";
