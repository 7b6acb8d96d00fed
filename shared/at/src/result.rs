//! Final results: the line that ends an answer.

use crate::{CmeError, CmsError, ErrorClass};

/// The end of an answer (27.007, 4.1; V.250, 5.7.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Final {
    /// `OK`.
    Ok,
    /// `ERROR`, and what some makers say in its place: `COMMAND NOT SUPPORT`, `COMMAND NO RESPONSE!`,
    /// `TOO MANY PARAMETERS`.
    Error,
    /// `+CMS ERROR: …`.
    Cms(CmsError),
    /// `+CME ERROR: …`.
    Cme(CmeError),
    /// `NO CARRIER`, `BUSY`, `NO ANSWER`, `NO DIALTONE`: the end of a call.
    NoCarrier,
}

impl Final {
    /// Reads a whole line; `None` when it does not end an answer.
    pub fn parse(line: &str) -> Option<Self> {
        let line = line.trim();
        if let Some(code) = after(line, "+CMS ERROR") {
            return Some(Self::Cms(CmsError::parse(code)));
        }
        if let Some(code) = after(line, "+CME ERROR") {
            return Some(Self::Cme(CmeError::parse(code)));
        }
        match line.to_ascii_uppercase().as_str() {
            "OK" => Some(Self::Ok),
            "ERROR"
            | "COMMAND NOT SUPPORT"
            | "COMMAND NOT SUPPORTED"
            | "COMMAND NO RESPONSE!"
            | "TOO MANY PARAMETERS" => Some(Self::Error),
            "NO CARRIER" | "BUSY" | "NO ANSWER" | "NO DIALTONE" | "NO DIAL TONE" => {
                Some(Self::NoCarrier)
            }
            _ => None,
        }
    }

    /// Whether this is `OK`.
    pub fn is_ok(&self) -> bool {
        *self == Self::Ok
    }

    /// The code of an error, of either family.
    pub fn code(&self) -> Option<u16> {
        match self {
            Self::Cms(error) => error.code(),
            Self::Cme(error) => error.code(),
            Self::Ok | Self::Error | Self::NoCarrier => None,
        }
    }

    /// The code of a `+CMS ERROR`.
    pub fn cms_code(&self) -> Option<u16> {
        match self {
            Self::Cms(error) => error.code(),
            _ => None,
        }
    }

    /// The code of a `+CME ERROR`.
    pub fn cme_code(&self) -> Option<u16> {
        match self {
            Self::Cme(error) => error.code(),
            _ => None,
        }
    }

    /// What an error asks for; `None` when the modem does not say which error it is.
    pub fn class(&self) -> Option<ErrorClass> {
        match self {
            Self::Cms(error) => Some(error.class()),
            Self::Cme(error) => Some(error.class()),
            Self::Ok | Self::Error | Self::NoCarrier => None,
        }
    }
}

/// What stands behind `name` and its colon.
fn after<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let head = line.get(..name.len())?;
    let rest = line.get(name.len()..)?;
    (head.eq_ignore_ascii_case(name) && (rest.is_empty() || rest.starts_with([':', ' '])))
        .then(|| rest.trim_start_matches([':', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_lines_only() {
        assert_eq!(Final::parse("OK"), Some(Final::Ok));
        assert_eq!(Final::parse("ok"), Some(Final::Ok));
        assert_eq!(Final::parse("NOKIA OK"), None);
        assert_eq!(Final::parse("+CPIN: READY"), None);
        assert_eq!(Final::parse("ERROR"), Some(Final::Error));
        assert_eq!(Final::parse("COMMAND NOT SUPPORT"), Some(Final::Error));
        assert_eq!(Final::parse("TOO MANY PARAMETERS"), Some(Final::Error));
        assert_eq!(Final::parse("COMMAND NO RESPONSE!"), Some(Final::Error));
        assert_eq!(Final::parse("NO CARRIER"), Some(Final::NoCarrier));
        assert_eq!(Final::parse("ERROR LOG FULL"), None);
        assert_eq!(Final::parse("+CMS ERRORS: 3"), None);
        assert_eq!(Final::parse("é"), None);
    }

    #[test]
    fn codes_in_numbers_and_words() {
        let cms = |line| match Final::parse(line) {
            Some(Final::Cms(error)) => error.code(),
            other => panic!("{other:?}"),
        };
        assert_eq!(cms("+CMS ERROR: 38"), Some(38));
        assert_eq!(cms("+CMS ERROR:38"), Some(38));
        assert_eq!(cms("+CMS ERROR: Network out of order"), Some(38));
        assert_eq!(cms("+CMS ERROR: SIM not inserted"), Some(310));
        assert_eq!(cms("+CMS ERROR: (U)SIM not inserted"), Some(310));
        assert_eq!(cms("+CMS ERROR: the pigeon is ill"), None);
        assert_eq!(
            Final::parse("+CME ERROR: SIM PIN required"),
            Some(Final::Cme(CmeError::from(11)))
        );
        assert_eq!(Final::parse("+CME ERROR: 16"), Some(Final::Cme(CmeError::from(16))));
    }
}
