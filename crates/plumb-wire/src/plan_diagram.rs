//! A plan as a picture: a line of time for each component, wave by wave, with the windows between
//! and the point of no return, as SVG or as Mermaid.

use crate::harmless::harmless_short;
use crate::planned::{version, window_words};
use plumb_plan::event::Event;
use plumb_plan::plan::Plan;
use plumb_plan::transition::Transition;
use std::fmt::Write as _;

/// Letters of a name in a picture.
const LETTERS_MAX: usize = 24;

/// Sizes in pixels.
const NAME_WIDTH: usize = 180;
const WAVE_WIDTH: usize = 150;
const ROW_HEIGHT: usize = 34;
const HEAD_HEIGHT: usize = 40;

/// The plan as Mermaid: waves one after the other, with what they wait for on the way.
#[must_use]
pub fn mermaid(transition: &Transition, plan: &Plan) -> String {
    let mut out = "flowchart TB\n".to_owned();
    let no_return = plan.point_of_no_return();
    for (at, wave) in plan.waves.iter().enumerate() {
        let number = at + 1;
        let note = if no_return == Some(at) { ": point of no return" } else { "" };
        out.push_str(&format!("  subgraph w{number} [\"Wave {number}{note}\"]\n"));
        for (nth, step) in wave.steps.iter().enumerate() {
            let name = quoted(&version(transition, step.event));
            out.push_str(&format!("    w{number}s{nth}[\"{name}\"]\n"));
        }
        out.push_str("  end\n");
        let waits: Vec<String> =
            wave.windows.iter().map(|one| quoted(&window_words(transition, one))).collect();
        match (at, waits.is_empty()) {
            (0, _) => {}
            (_, true) => out.push_str(&format!("  w{at} --> w{number}\n")),
            (_, false) => {
                out.push_str(&format!("  w{at} -->|\"{}\"| w{number}\n", waits.join("<br>")));
            }
        }
    }
    out
}

/// What Mermaid takes for text between quotes.
fn quoted(text: &str) -> String {
    let text = harmless_short(text, LETTERS_MAX * 8);
    let mut shown = String::new();
    for letter in text.chars() {
        match letter {
            '"' | '#' | ';' | '<' | '>' | '&' | '|' | '[' | ']' | '`' | '{' | '}' => {
                shown.push_str(&format!("#{};", u32::from(letter)));
            }
            _ => shown.push(letter),
        }
    }
    shown
}

/// The plan as one picture in SVG.
#[must_use]
pub fn svg(transition: &Transition, plan: &Plan) -> String {
    let moved: Vec<usize> = (0..transition.components().len())
        .filter(|at| transition.components()[*at].versions.len() > 1)
        .collect();
    let width = NAME_WIDTH + WAVE_WIDTH * (plan.waves.len() + 1);
    let height = HEAD_HEIGHT + ROW_HEIGHT * moved.len() + 16;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\" font-family=\"system-ui, sans-serif\" font-size=\"13\">\n\
         <title>Order of the transition</title>\n\
         <style>.a{{fill:#9aa5b1}}.b{{fill:#2f6fdb}}text{{fill:#1b2733}}.v{{fill:#fff}}\
         .n{{stroke:#c62828;stroke-width:2;stroke-dasharray:6 4}}.w{{stroke:#b8860b;\
         stroke-width:2}}@media(prefers-color-scheme:dark){{text{{fill:#e6e9ec}}}}</style>\n"
    );
    for at in 0..plan.waves.len() {
        let x = wave_x(at);
        write(&mut out, format_args!("<text x=\"{x}\" y=\"16\">wave {}</text>", at + 1));
    }
    for (row, component) in moved.iter().enumerate() {
        out.push_str(&line(transition, plan, (row, *component)));
    }
    let bottom = height - 8;
    for (at, wave) in plan.waves.iter().enumerate() {
        let x = wave_x(at) - 4;
        let waits: Vec<String> =
            wave.windows.iter().map(|window| window_words(transition, window)).collect();
        if !waits.is_empty() {
            let title = xml(&format!("wait until {}", waits.join(" and until ")));
            let line =
                format!("<line class=\"w\" x1=\"{x}\" x2=\"{x}\" y1=\"22\" y2=\"{bottom}\">");
            write(&mut out, format_args!("{line}<title>{title}</title></line>"));
        }
    }
    if let Some(at) = plan.point_of_no_return() {
        let x = wave_x(at) - 8;
        let title = "<title>point of no return</title>";
        let line = format!("<line class=\"n\" x1=\"{x}\" x2=\"{x}\" y1=\"22\" y2=\"{bottom}\">");
        write(&mut out, format_args!("{line}{title}</line>"));
        write(&mut out, format_args!("<text x=\"{x}\" y=\"32\">no return</text>"));
    }
    out.push_str("</svg>\n");
    out
}

const fn wave_x(at: usize) -> usize {
    NAME_WIDTH + WAVE_WIDTH * at + WAVE_WIDTH / 2
}

/// The versions of one component, each for as long as it is the one to run.
fn line(transition: &Transition, plan: &Plan, (row, component): (usize, usize)) -> String {
    let y = HEAD_HEIGHT + ROW_HEIGHT * row;
    let named = &transition.components()[component];
    let name = xml(&harmless_short(&named.name, LETTERS_MAX));
    let mut out = format!("<text x=\"8\" y=\"{}\">{name}</text>\n", y + 17);
    let entered = |version: usize| {
        let event = Event { component, version };
        let is_in = |wave: &plumb_plan::plan::Wave| wave.steps.iter().any(|one| one.event == event);
        plan.waves.iter().position(is_in)
    };
    let end = NAME_WIDTH + WAVE_WIDTH * (plan.waves.len() + 1) - 8;
    for (at, version) in named.versions.iter().enumerate() {
        let from = if at == 0 { Some(NAME_WIDTH) } else { entered(at).map(wave_x) };
        let Some(from) = from else { continue };
        let to = entered(at + 1).map_or(end, wave_x);
        let class = if at + 1 == named.versions.len() { "b" } else { "a" };
        let width = to.saturating_sub(from + 2);
        let label = xml(&harmless_short(version, LETTERS_MAX));
        write(
            &mut out,
            format_args!(
                "<rect class=\"{class}\" x=\"{from}\" y=\"{y}\" width=\"{width}\" height=\"24\" \
                 rx=\"4\"/><text class=\"v\" x=\"{}\" y=\"{}\">{label}</text>",
                from + 8,
                y + 17,
            ),
        );
    }
    out
}

/// A text between tags of XML.
fn xml(text: &str) -> String {
    harmless_short(text, LETTERS_MAX * 20)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn write(out: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a string does not fail.
    let _ = writeln!(out, "{line}");
}
