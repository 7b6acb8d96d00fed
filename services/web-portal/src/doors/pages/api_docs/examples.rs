//! One program in five languages: it sends a message, follows it to the network, and reads the inbox.
//!
//! The files are those of `docs/examples`, which the tests run.

/// An example, as it is shown.
#[derive(Debug, Clone)]
pub(in crate::doors::pages) struct Example {
    /// The language.
    pub(in crate::doors::pages) language: &'static str,
    /// What the file is called.
    pub(in crate::doors::pages) file: &'static str,
    /// The program.
    pub(in crate::doors::pages) code: String,
}

/// The server that the files name, and the key.
const BASE: &str = "http://127.0.0.1:8080";
const KEY: &str = "mrp_…";

macro_rules! file {
    ($language:literal, $name:literal) => {
        ($language, $name, include_str!(concat!("../../../../../../docs/examples/", $name)))
    };
}

const FILES: [(&str, &str, &str); 5] = [
    file!("curl", "send.sh"),
    file!("Python", "send.py"),
    file!("PHP", "send.php"),
    file!("Go", "send.go"),
    file!("JavaScript", "send.mjs"),
];

/// All of them, for a server and for a key that begins with `prefix`.
pub(in crate::doors::pages) fn all(base: &str, prefix: Option<&str>) -> Vec<Example> {
    let key = prefix.map(|prefix| format!("{prefix}…"));
    let shown = |(language, file, text): &(&'static str, &'static str, &str)| {
        let code = text.replace(BASE, base);
        let code = key.as_ref().map_or(code.clone(), |key| code.replace(KEY, key));
        Example { language, file, code }
    };
    FILES.iter().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_for_the_server_and_the_key_that_are_asked_for() {
        for example in all("https://sms.example", Some("mrp_abc")) {
            let Example { file, code, .. } = &example;
            assert!(code.contains("https://sms.example") && !code.contains(BASE), "{file}");
            assert!(code.contains("mrp_abc…") && !code.contains(KEY), "{file}");
        }
    }
}
