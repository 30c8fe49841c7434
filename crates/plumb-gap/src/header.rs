//! Headers by what they are for: some carry meaning that callers read, some keep house, and some
//! only move bytes.

/// What a response header is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderClass {
    /// Moves bytes or names software and moments; never compared.
    Transport,
    /// Caching, cross-origin and security policy: a change is drift, a new one is no news.
    Housekeeping,
    /// Anything else: callers may read it.
    Meaning,
}

const TRANSPORT: &[&str] = &[
    "age",
    "alt-svc",
    "connection",
    "content-encoding",
    "content-length",
    "date",
    "keep-alive",
    "proxy-connection",
    "server",
    "server-timing",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "x-powered-by",
    "x-aspnet-version",
    "x-runtime",
    "x-request-id",
    "x-correlation-id",
    "x-amzn-requestid",
    "x-amzn-trace-id",
    "x-cache",
    "x-served-by",
    "x-timer",
    "x-varnish",
    "x-envoy-upstream-service-time",
    "traceparent",
    "tracestate",
    "baggage",
    "nel",
    "report-to",
    "matched-stub-id",
];

const TRANSPORT_PREFIXES: &[&str] =
    &["cf-", "x-b3-", "x-amz-cf-", "x-datadog-", "x-github-request"];

const HOUSEKEEPING: &[&str] = &[
    "accept-ranges",
    "allow",
    "cache-control",
    "clear-site-data",
    "content-disposition",
    "content-language",
    "content-security-policy",
    "content-security-policy-report-only",
    "etag",
    "expect-ct",
    "expires",
    "feature-policy",
    "last-modified",
    "origin-agent-cluster",
    "p3p",
    "permissions-policy",
    "pragma",
    "referrer-policy",
    "strict-transport-security",
    "timing-allow-origin",
    "vary",
    "x-content-type-options",
    "x-dns-prefetch-control",
    "x-download-options",
    "x-frame-options",
    "x-permitted-cross-domain-policies",
    "x-robots-tag",
    "x-ua-compatible",
    "x-xss-protection",
];

const HOUSEKEEPING_PREFIXES: &[&str] = &["access-control-", "cross-origin-"];

/// What the header with this lower-case name is for.
#[must_use]
pub fn header_class(name: &str) -> HeaderClass {
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
    if TRANSPORT.contains(&name) || starts(TRANSPORT_PREFIXES) {
        HeaderClass::Transport
    } else if HOUSEKEEPING.contains(&name) || starts(HOUSEKEEPING_PREFIXES) {
        HeaderClass::Housekeeping
    } else {
        HeaderClass::Meaning
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_told_apart() {
        assert_eq!(header_class("x-powered-by"), HeaderClass::Transport);
        assert_eq!(header_class("access-control-expose-headers"), HeaderClass::Housekeeping);
        assert_eq!(header_class("x-total-count"), HeaderClass::Meaning);
        assert_eq!(header_class("retry-after"), HeaderClass::Meaning);
    }
}
