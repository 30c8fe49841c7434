//! Scripts as they are written, and what is read of them.

use super::*;
use crate::Value;
use crate::script::expression::{Expression, Step, calls_of, exported, objects_of};
use crate::script::value::value_of;

/// The chains of a script, one a line: `line:column head.step(arguments)`.
fn chains(name: &str, text: &str) -> String {
    let file = parse_script(name, text.as_bytes()).unwrap();
    let script = Script::of(&file);
    let argument = |one: &Expression<'_>| match value_of(*one).value {
        Value::Computed => "?".to_owned(),
        _ => value_of(*one).to_json_text(),
    };
    let step = |step: &Step<'_>| {
        let arguments = step.arguments.as_ref().map(|arguments| {
            let arguments: Vec<String> = arguments.iter().map(argument).collect();
            format!("({})", arguments.join(", "))
        });
        format!(".{}{}", step.name, arguments.unwrap_or_default())
    };
    let line = |call: Expression<'_>| {
        let Spot { line, column } = call.spot();
        let chain = call.chain();
        let head = chain.head.name().unwrap_or("?");
        let steps: String = chain.steps.iter().map(step).collect();
        format!("{line}:{column} {head}{steps}\n")
    };
    calls_of(&script).map(line).collect()
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(chains("a.js", text), expected, "{text}");
}

/// Checks the value that `f` is called with; computed values are shown as null.
#[track_caller]
fn check_value(text: &str, expected: &str) {
    let file = parse_script("a.ts", text.as_bytes()).unwrap();
    let script = Script::of(&file);
    let call = calls_of(&script).map(Expression::chain).find(|it| it.head.name() == Some("f"));
    let argument = call.unwrap().steps[0].arguments.as_ref().unwrap()[0];
    assert_eq!(value_of(argument).to_json_text(), expected, "{text}");
}

#[test]
fn chains_of_calls_are_read_step_by_step() {
    check("nock('h').get('/p').reply(200)", "1:1 nock.(\"h\").get(\"/p\").reply(200)\n");
    check("const s = a.b.c(1)\n  .d();", "1:11 a.b.c(1).d()\n");
    check("f(g(1), [h(2)])", "1:1 f.(?, [null])\n1:3 g.(1)\n1:10 h.(2)\n");
    check("(await f(1))!.then(x)", "1:1 f.(1).then(?)\n");
    check("f(1)(2)", "1:1 f.(1).(2)\n");
    check("a['b'](f(1))", "1:1 ?.(?)\n1:8 f.(1)\n");
    check("/* ü */ ü(1)", "1:9 ü.(1)\n");
    check("\u{feff}x()", "1:1 x.()\n");
}

#[test]
fn both_languages_and_their_dialects_are_read() {
    let jsx = "const a = (b: string): any => <p id={f(1)}>{b as any}</p>;";
    assert_eq!(chains("a.tsx", jsx), "1:38 f.(1)\n");
    assert_eq!(chains("a.jsx", "const a = <p id={f(1)} />;"), "1:18 f.(1)\n");
    let cast = "enum E { A }; const a = <any>f(1); g<E>(h satisfies E, <T>2);";
    assert_eq!(chains("a.ts", cast), "1:30 f.(1)\n1:36 g.(?, 2)\n");
    assert_eq!(chains("a.mjs", "#!/usr/bin/env node\nawait f?.(1);"), "2:7 f.(1)\n");
}

#[test]
fn values_are_as_they_are_sent() {
    check_value("f({ a: 1, 'b-c': [true, null, -2.0], ['d']: 'x\\n\\'' })", {
        r#"{"a":1,"b-c":[true,null,-2],"d":"x\n'"}"#
    });
    check_value(
        "f({ a: undefined, b: [undefined], a: 1, a: 2 } as const)",
        r#"{"b":[null],"a":2}"#,
    );
    check_value("f(`a${'b'}${1}`)", r#""ab1""#);
    check_value("const a = { x: 1, y: 2 }; f({ ...a, y: 3, a })", {
        r#"{"x":1,"y":3,"a":{"x":1,"y":2}}"#
    });
    check_value("let s; s = [1]; f([...s, s])", "[1,[1]]");
}

#[test]
fn what_only_running_tells_is_computed() {
    check_value("f({ a: g(), b: `x${g()}`, c: a + 1, d: new Date(), e: /x/ })", {
        r#"{"a":null,"b":null,"c":null,"d":null,"e":null}"#
    });
    for computed in ["{ ...g(), a: 1 }", "[...g()]", "{ [k]: 1 }", "{ a() {} }", "10n", "-x"] {
        check_value(&format!("f({computed})"), "null");
    }
}

#[test]
fn a_name_has_a_value_when_it_is_given_one_once() {
    check_value("f(a); const a = 1", "1");
    check_value("let a = 1; a = 2; f(a)", "null");
    check_value("let a = 1; a++; f(a)", "null");
    check_value("const a = { b: 1 }; a.b = 2; f(a)", "null");
    check_value("const a = 1; function g(a) { f(a) }", "null");
    check_value("const a = 1; const g = a => f(a)", "null");
    check_value("const a = 1; for (const a of b) f(a)", "null");
    check_value("import a from 'a'; f(a)", "null");
    check_value("const { a } = b; f(a)", "null");
    check_value("const a = b, b = a; f([a])", "[null]");
    check_value("const a = [a, a]; f(a)", "[null,null]");
}

#[test]
fn names_tell_where_they_are_imported_from() {
    let check = |text: &str, expected: Option<(&str, &str)>| {
        let text = format!("{text}; x()");
        let file = parse_script("a.ts", text.as_bytes()).unwrap();
        let script = Script::of(&file);
        let call = calls_of(&script).last().unwrap().chain();
        let import = call.head.import().map(|it| (it.module, it.name));
        assert_eq!(import, expected, "{text}");
    };
    check("import x from 'm'", Some(("m", "default")));
    check("import * as x from 'm'", Some(("m", "*")));
    check("import y, { z, y as x } from \"m\"", Some(("m", "y")));
    check("import x = require('m')", Some(("m", "*")));
    check("const x = require('m')", Some(("m", "*")));
    check("const { y: x, z } = require('m')", Some(("m", "y")));
    check("const { x } = require('m')", Some(("m", "x")));
    check("import { x } from 'm'; const g = (x) => 1", None);
    check("const x = 1", None);
}

#[test]
fn functions_tell_what_they_may_return() {
    let check = |text: &str, expected: &str| {
        let text = format!("f({text})");
        let file = parse_script("a.js", text.as_bytes()).unwrap();
        let script = Script::of(&file);
        let call = calls_of(&script).next().unwrap().chain();
        let function = call.steps[0].arguments.as_ref().unwrap()[0].resolved().function();
        let found = function.map(|function| {
            let named: Vec<&str> =
                function.parameters.iter().map(|name| name.unwrap_or("_")).collect();
            let values = function.returned.iter().map(|one| value_of(*one).to_json_text());
            format!("{} -> {}", named.join(","), values.collect::<Vec<_>>().join(" "))
        });
        assert_eq!(found.as_deref().unwrap_or("none"), expected, "{text}");
    };
    check("() => ({ a: 1 })", " -> {\"a\":1}");
    check("async (a, { b }, c = 1) => { if (a) { return 1 } return 2 }", "a,_,c -> 1 2");
    check("a => a ? 1 : b ? 2 : 3", "a -> 1 2 3");
    check("function (a) { g(() => { return 1 }); return; }", "a -> ");
    check("h); function h() { return 1 } (1", " -> 1");
    check("function* () { return 1 }", "none");
    check("g()", "none");
}

#[test]
fn members_of_objects_are_found() {
    let check = |text: &str, expected: &str| {
        let file = parse_script("a.ts", text.as_bytes()).unwrap();
        let script = Script::of(&file);
        let shown = objects_of(&script).filter_map(|object| object.member("a")).map(|one| {
            let returned = one.function().map(|function| function.returned);
            let values = returned.unwrap_or(vec![one]).into_iter().map(value_of);
            values.map(|value| value.to_json_text()).collect::<String>()
        });
        assert_eq!(shown.collect::<Vec<_>>().join(" "), expected, "{text}");
    };
    check("f({ a: 1, b: { 'a': 2 } }, [{ c: 3 }])", "1 2");
    check("const a = 1; f({ a }, { a: 1, a: 2 })", "1 2");
    check("f({ a() { return 1 } }, { async a() { return 2 } }, { a: () => 3 })", "1 2 3");
    check("f({ get a() { return 1 } }, { *a() { yield 1 } })", "null null");
    check("const b = { a: 1 }; f({ ...b, c: 2 }, { ...b, a: 3 })", "1 1 3");
    check("f({ a: 1, ...b() }, { ...b(), a: 2 }, { a: 3, ...{ c: 1 } }, { a: 4, [b]: 1 })", "2 3");
    check("const b = { ...b }; f(b); const { a } = { c: 1 }", "");
}

#[test]
fn what_a_file_exports_is_found() {
    let check = |text: &str, expected: &str| {
        let file = parse_script("a.ts", text.as_bytes()).unwrap();
        let script = Script::of(&file);
        let found = match (exported(&script, "x"), script.passed_on("x")) {
            (Some(it), _) if it.resolved().import().is_some() => "imported".to_owned(),
            (Some(it), _) => value_of(it).to_json_text(),
            (None, Some(from)) => format!("{} of {}", from.name, from.module),
            (None, None) => script.all_passed_on().join(" "),
        };
        assert_eq!(found, expected, "{text}");
    };
    check("export const x = 1", "1");
    check("const y = 1; export { y as x }", "1");
    check("import { y } from 'm'; export { y as x }", "imported");
    check("export { y as x, z } from './m'", "y of ./m");
    check("export * from './m'; export * from './n'; export * as z from './o'", "./m ./n");
    check("const y = 1; module.exports = { x: y, z: 2 }", "1");
    check("module.exports = g()", "");
    check("export { y } from './m'", "");
    let file = parse_script("a.ts", b"const y = 1; export default y").unwrap();
    let script = Script::of(&file);
    assert_eq!(value_of(exported(&script, "default").unwrap()).to_json_text(), "1");
}

#[test]
fn a_fault_is_told_and_read_around() {
    let file = parse_script("a.js", b"f(1);\nconst = = ;\ng(2);\n").unwrap();
    let script = Script::of(&file);
    assert_eq!(script.fault().map(|spot| spot.line), Some(2));
    assert_eq!(calls_of(&script).count(), 2);
    let good = parse_script("a.js", b"f(1)").unwrap();
    assert_eq!(Script::of(&good).fault(), None);
}

#[test]
fn bounds_end_what_is_read() {
    let large = vec![b' '; SCRIPT_BYTES_MAX + 1];
    let reason = parse_script("a.js", &large).unwrap_err().reason;
    assert_eq!(reason, "the script is larger than 1 MiB");
    let tokens = ["(", "{", "[", "<a>", "=>", "}", ")", "]", "</a>", "async", "a", "=", ","];
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        tokens[state as usize / 65_536 % tokens.len()]
    };
    let hopeless: String = (0..100_000).map(|_| format!("{} ", next())).collect();
    let reason = parse_script("a.js", hopeless.as_bytes()).unwrap_err().reason;
    assert_eq!(reason, "it has too many faults for a script");
    let deep = format!("f({}1{})", "[".repeat(50_000), "]".repeat(50_000));
    check_value(&deep, &format!("{}null{}", "[".repeat(128), "]".repeat(128)));
    let doubling: String =
        (1..40).map(|at| format!("const a{at} = [a{}, a{}];", at - 1, at - 1)).collect();
    let text = format!("const a0 = 1; {doubling} f(a39)");
    let file = parse_script("a.js", text.as_bytes()).unwrap();
    let script = Script::of(&file);
    let call = calls_of(&script).next().unwrap().chain();
    let argument = call.steps[0].arguments.as_ref().unwrap()[0];
    let _ = value_of(argument);
    assert!(script.is_full());
    let chain = format!("f(1){}", ".g()".repeat(20_000));
    assert_eq!(chains("a.js", &chain).len(), "1:1 f.(1)\n".len() + 20_000 * ".g()".len());
}

proptest::proptest! {
    #[test]
    fn any_text_is_answered(text in "[a-c=>(){}\\[\\]'`$.,:;/<? \nü]{0,60}") {
        let _ = chains("a.js", &text);
        let _ = chains("a.ts", &text);
    }
}
