//! Reads the languages' files and writes one Rust method for each of their messages.
//!
//! So a page that uses a text nobody wrote does not compile, a text no page uses is dead code, and a text
//! that one language has and another lacks, or that wants other variables there, fails the build here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, process};

use fluent_syntax::ast::{
    CallArguments, Entry, Expression, InlineExpression, Pattern, PatternElement,
};
use fluent_syntax::parser;

const LANGUAGES: [&str; 2] = ["en", "id"];

/// A message: the variables it wants, and its first line for the method's documentation.
struct Text {
    variables: BTreeSet<String>,
    sample: String,
}

fn main() {
    println!("cargo::rerun-if-changed=locales");
    println!("cargo::rerun-if-changed=templates");
    println!("cargo::rerun-if-changed=static");
    let mut faults = Vec::new();
    let languages: Vec<(&str, BTreeMap<String, Text>)> =
        LANGUAGES.iter().map(|name| (*name, read(name, &mut faults))).collect();
    let (first, texts) = &languages[0];
    for (other, others) in &languages[1..] {
        compare((first, texts), (other, others), &mut faults);
    }
    for fault in &faults {
        println!("cargo::error={fault}");
    }
    if !faults.is_empty() {
        process::exit(1);
    }
    let out = env::var_os("OUT_DIR").map(std::path::PathBuf::from).unwrap_or_default();
    if let Err(error) = fs::write(out.join("words.rs"), methods(texts)) {
        println!("cargo::error=words.rs cannot be written: {error}");
    }
}

fn read(language: &str, faults: &mut Vec<String>) -> BTreeMap<String, Text> {
    let path = format!("locales/{language}/portal.ftl");
    let source = fs::read_to_string(Path::new(&path)).unwrap_or_else(|error| {
        faults.push(format!("{path}: {error}"));
        String::new()
    });
    let resource = parser::parse(source.as_str()).unwrap_or_else(|(resource, errors)| {
        faults.extend(errors.iter().map(|error| format!("{path}: {error}")));
        resource
    });
    let mut texts = BTreeMap::new();
    for entry in &resource.body {
        match entry {
            Entry::Message(message) => {
                let Some(pattern) = &message.value else { continue };
                let mut variables = BTreeSet::new();
                of_pattern(pattern, &mut variables);
                let sample = sample(pattern);
                let name = message.id.name.to_owned();
                if texts.insert(name, Text { variables, sample }).is_some() {
                    faults.push(format!("{path}: '{}' stands there twice", message.id.name));
                }
            }
            Entry::Junk { content } => {
                faults.push(format!("{path}: not understood: {}", content.trim()));
            }
            _ => {}
        }
    }
    texts
}

fn sample(pattern: &Pattern<&str>) -> String {
    let first = pattern.elements.iter().find_map(|element| match element {
        PatternElement::TextElement { value } => value.lines().next(),
        PatternElement::Placeable { .. } => None,
    });
    first.unwrap_or_default().trim().replace(['\\', '[', ']', '<', '>', '`'], "")
}

fn of_pattern(pattern: &Pattern<&str>, variables: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            of_expression(expression, variables);
        }
    }
}

fn of_expression(expression: &Expression<&str>, variables: &mut BTreeSet<String>) {
    match expression {
        Expression::Inline(inline) => of_inline(inline, variables),
        Expression::Select { selector, variants } => {
            of_inline(selector, variables);
            for variant in variants {
                of_pattern(&variant.value, variables);
            }
        }
    }
}

fn of_inline(inline: &InlineExpression<&str>, variables: &mut BTreeSet<String>) {
    match inline {
        InlineExpression::VariableReference { id } => {
            variables.insert(id.name.to_owned());
        }
        InlineExpression::FunctionReference { arguments, .. } => {
            let CallArguments { positional, .. } = arguments;
            for argument in positional {
                of_inline(argument, variables);
            }
        }
        InlineExpression::Placeable { expression } => of_expression(expression, variables),
        _ => {}
    }
}

fn compare(
    (first, texts): (&str, &BTreeMap<String, Text>),
    (other, others): (&str, &BTreeMap<String, Text>),
    faults: &mut Vec<String>,
) {
    for (key, text) in texts {
        match others.get(key) {
            None => faults.push(format!("locales/{other}/portal.ftl: '{key}' is missing")),
            Some(there) if there.variables != text.variables => faults.push(format!(
                "'{key}' has the variables {:?} in {first} and {:?} in {other}",
                text.variables, there.variables
            )),
            Some(_) => {}
        }
    }
    for key in others.keys().filter(|key| !texts.contains_key(*key)) {
        faults.push(format!("locales/{first}/portal.ftl: '{key}' is missing"));
    }
}

fn methods(texts: &BTreeMap<String, Text>) -> String {
    let mut code = String::from("impl Words {\n");
    for (key, text) in texts {
        let name = key.replace('-', "_");
        let parameters: String = text.variables.iter().fold(String::new(), |mut all, variable| {
            let _ = write!(all, ", {variable}: impl Into<FluentValue<'static>>");
            all
        });
        let _ = writeln!(code, "    /// “{}”", text.sample);
        let _ = writeln!(code, "    pub(crate) fn {name}(self{parameters}) -> String {{");
        if text.variables.is_empty() {
            let _ = writeln!(code, "        self.say(\"{key}\", None)");
        } else {
            let _ = writeln!(code, "        let mut variables = FluentArgs::new();");
            for variable in &text.variables {
                let _ = writeln!(code, "        variables.set(\"{variable}\", {variable});");
            }
            let _ = writeln!(code, "        self.say(\"{key}\", Some(&variables))");
        }
        code.push_str("    }\n\n");
    }
    code.push_str("}\n");
    code
}
