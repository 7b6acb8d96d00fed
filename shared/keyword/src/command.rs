//! The command line of a program that a service runs: the path of the program and its arguments, split at blanks before the
//! fields of the arguments are filled in. So a field is one argument, or a part of one, whatever a sender writes, and no
//! shell ever reads it.
//!
//! ```text
//! command = path *(1*blank template)   ; the path is absolute and has no fields
//! ```

use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::template::{BadTemplate, Filling, Template};

/// The most characters of a command line.
pub const LONGEST: usize = 1_000;
/// The most arguments.
pub const MOST_ARGUMENTS: usize = 20;

/// A command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine {
    program: PathBuf,
    arguments: Vec<Template>,
}

/// Why a text is no command line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadCommand {
    /// It is too long, or has too many arguments.
    #[error("it has more than {LONGEST} characters or {MOST_ARGUMENTS} arguments")]
    TooLong,
    /// It does not begin with the program.
    #[error("it does not begin with the whole path of a program, such as /usr/local/bin/stock")]
    NoPath,
    /// An argument is no template.
    #[error(transparent)]
    Argument(#[from] BadTemplate),
}

impl CommandLine {
    /// The program.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// The arguments with their fields filled in. A character that no argument can hold is left out.
    pub fn arguments(&self, filling: &Filling) -> Vec<String> {
        let filled = self.arguments.iter().map(|argument| argument.fill(filling));
        filled.map(|argument| argument.replace('\0', "")).collect()
    }
}

impl FromStr for CommandLine {
    type Err = BadCommand;

    fn from_str(text: &str) -> Result<Self, BadCommand> {
        if text.chars().count() > LONGEST {
            return Err(BadCommand::TooLong);
        }
        let mut words = text.split_whitespace();
        let program = words.next().unwrap_or_default();
        if !program.starts_with('/') || program.contains(['{', '\0']) {
            return Err(BadCommand::NoPath);
        }
        let arguments = words.map(str::parse).collect::<Result<Vec<Template>, _>>()?;
        if arguments.len() > MOST_ARGUMENTS {
            return Err(BadCommand::TooLong);
        }
        Ok(Self { program: PathBuf::from(program), arguments })
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::sample::message;

    #[test]
    fn a_field_is_one_argument_whatever_is_written() {
        let line: CommandLine = "/usr/bin/stock --from={from}  -- {word1} {rest}".parse().unwrap();
        assert_eq!(line.program(), Path::new("/usr/bin/stock"));
        let zone = TimeZone::get("UTC").unwrap();
        let arguments =
            |text: &str| line.arguments(&Filling::of(&message(text), "+62811000001", &zone));
        assert_eq!(
            arguments("stok $(reboot); \"a b\" {from}\0"),
            ["--from=+628123456789", "--", "$(reboot);", "$(reboot); \"a b\" {from}"]
        );
        assert_eq!(arguments("stok"), ["--from=+628123456789", "--", "", ""]);
    }

    #[test]
    fn what_is_no_command_line_is_refused() {
        for bad in ["", "stock", "./stock", "{text}", "/usr/bin/{word1}"] {
            assert_eq!(bad.parse::<CommandLine>(), Err(BadCommand::NoPath), "{bad}");
        }
        let many = "/x".to_owned() + &" a".repeat(MOST_ARGUMENTS + 1);
        assert_eq!(many.parse::<CommandLine>(), Err(BadCommand::TooLong));
        let most = "/x".to_owned() + &" a".repeat(MOST_ARGUMENTS);
        assert!(most.parse::<CommandLine>().is_ok());
        let long = format!("/{}", "x".repeat(LONGEST));
        assert_eq!(long.parse::<CommandLine>(), Err(BadCommand::TooLong));
        assert!(matches!("/x {frm}".parse::<CommandLine>(), Err(BadCommand::Argument(_))));
    }
}
