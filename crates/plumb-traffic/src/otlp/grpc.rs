//! How gRPC looks on the wire: a POST to `/package.Service/Method`, answered 200 with the outcome
//! in `grpc-status`. It refuses to know other systems of remote calls.

use std::borrow::Cow;

use crate::grpc_code::NAMES;

use super::attribute::Word;
use super::span::Span;

/// The header, or trailer, with the outcome.
pub(crate) const STATUS: &str = "grpc-status";

/// True for a span of gRPC.
pub(crate) fn is_grpc(span: &Span<'_>) -> bool {
    span.word(Word::RpcSystem).is_some_and(|system| system.eq_ignore_ascii_case("grpc"))
}

/// The path on the wire; the method's name holds the service's in the stable conventions.
pub(crate) fn path<'s>(span: &'s Span<'s>) -> Option<Cow<'s, str>> {
    let method = span.word(Word::RpcMethod).filter(|_| is_grpc(span))?;
    let method = method.strip_prefix('/').unwrap_or(method);
    match (method.contains('/'), span.word(Word::RpcService)) {
        (true, _) => Some(format!("/{method}").into()),
        (false, Some(service)) => Some(format!("/{service}/{method}").into()),
        (false, None) => None,
    }
}

/// The outcome as `grpc-status` writes it, from its number or its name.
pub(crate) fn status<'s>(span: &'s Span<'s>) -> Option<Cow<'s, str>> {
    let said = span.word(Word::RpcStatus).filter(|_| is_grpc(span))?;
    if said.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(said.into());
    }
    let number = NAMES.iter().position(|name| name.eq_ignore_ascii_case(said))?;
    Some(number.to_string().into())
}

#[cfg(test)]
mod tests {
    use super::super::attribute::span_slot;
    use super::super::span::Value;
    use super::*;

    fn check(words: &[(&'static str, &'static str)], expected: (Option<&str>, Option<&str>)) {
        let mut span = Span::default();
        for (name, text) in words {
            span.put(span_slot(name.as_bytes()).unwrap(), Value::Text((*text).into()));
        }
        assert_eq!((path(&span).as_deref(), status(&span).as_deref()), expected, "{words:?}");
    }

    #[test]
    fn calls_look_as_on_the_wire() {
        let previous = [
            ("rpc.system", "grpc"),
            ("rpc.service", "shop.v1.Orders"),
            ("rpc.method", "Get"),
            ("rpc.grpc.status_code", "5"),
        ];
        check(&previous, (Some("/shop.v1.Orders/Get"), Some("5")));
        let stable = [
            ("rpc.system.name", "grpc"),
            ("rpc.method", "shop.v1.Orders/Get"),
            ("rpc.status_code", "NOT_FOUND"),
        ];
        check(&stable, (Some("/shop.v1.Orders/Get"), Some("5")));
        check(
            &[previous, [stable[0], stable[1], stable[2], stable[0]]].concat(),
            (Some("/shop.v1.Orders/Get"), Some("5")),
        );
    }

    #[test]
    fn what_is_no_call_of_grpc_is_none() {
        check(
            &[("rpc.system", "aws-api"), ("rpc.method", "a/b"), ("rpc.status_code", "1")],
            (None, None),
        );
        check(&[("rpc.system", "grpc"), ("rpc.method", "Get")], (None, None));
        check(&[("rpc.system", "grpc"), ("rpc.status_code", "fine")], (None, None));
    }
}
