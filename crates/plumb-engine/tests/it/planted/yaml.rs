//! Writes JSON values as YAML in block style, as people and recorders write it.

use serde_json::Value;

/// The document.
pub(super) fn block(value: &Value) -> String {
    let mut text = String::from("---\n");
    write(value, 0, &mut text);
    text
}

fn write(value: &Value, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, member) in members {
                text.push_str(&format!("{indent}{}:", key(name)));
                write_below(member, depth, text);
            }
        }
        Value::Array(elements) if !elements.is_empty() => {
            for element in elements {
                text.push_str(&format!("{indent}-"));
                write_below(element, depth, text);
            }
        }
        scalar => text.push_str(&format!("{indent}{scalar}\n")),
    }
}

fn write_below(value: &Value, depth: usize, text: &mut String) {
    let is_block = match value {
        Value::Object(members) => !members.is_empty(),
        Value::Array(elements) => !elements.is_empty(),
        _ => false,
    };
    if is_block {
        text.push('\n');
        write(value, depth + 1, text);
    } else {
        text.push_str(&format!(" {value}\n"));
    }
}

/// A plain key where it is a word, a quoted one where it could be taken for something else.
fn key(name: &str) -> String {
    let is_word = name.bytes().all(|byte| byte.is_ascii_alphabetic() || b"_$-".contains(&byte));
    if is_word { name.to_owned() } else { Value::from(name).to_string() }
}
