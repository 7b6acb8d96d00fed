//! The reference file, and what it says about a setting.

use std::fmt;

/// The commented file that is both the defaults and the reference.
pub const REFERENCE: &str = include_str!("../merpati.toml");

/// What the reference says about a setting.
#[derive(Debug, Clone, Default)]
pub struct Help {
    comment: String,
    default: String,
}

impl Help {
    pub(super) fn new(setting: &str, default: String) -> Self {
        Self { comment: comment_of(setting), default }
    }
}

impl fmt::Display for Help {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.comment.is_empty() {
            write!(f, ". What it means: {}", self.comment)?;
        }
        if !self.default.is_empty() {
            write!(f, " (default: {})", self.default)?;
        }
        Ok(())
    }
}

/// The comment above a setting in the reference, as one line.
fn comment_of(key: &str) -> String {
    let (section, name) = key.rsplit_once('.').unwrap_or(("", key));
    let mut here = String::new();
    let mut comment: Vec<&str> = Vec::new();
    for line in REFERENCE.lines() {
        if let Some(text) = line.strip_prefix('#') {
            comment.push(text.trim());
        } else if let Some(header) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            header.clone_into(&mut here);
            comment.clear();
        } else if here == section && line.split('=').next().map(str::trim) == Some(name) {
            return comment.join(" ");
        } else {
            comment.clear();
        }
    }
    String::new()
}
