//! What is wrong with a field, in words.

use super::{Field, Kind, names};
use crate::doors::api::problem::Problem;

/// What is wrong with a field.
#[derive(Debug)]
pub(super) enum Fault {
    Unknown { field: String, known: &'static [Field] },
    Missing { field: String, kind: Kind },
    Wrong { field: String, kind: Kind },
    TooLarge { field: String, found: usize, most: usize, unit: &'static str },
}

impl Fault {
    pub(super) fn wrong(field: &str, kind: &Kind) -> Self {
        Self::Wrong { field: field.to_owned(), kind: *kind }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Unknown { field, known } => {
                let last = field.rsplit('.').next().unwrap_or_default();
                let nearest =
                    known.iter().map(|k| (strsim::levenshtein(last, k.name), k.name)).min();
                let nearest = nearest.filter(|(far, name)| *far <= name.len().max(last.len()) / 2);
                let guess =
                    nearest.map(|(_, name)| format!(" Did you mean '{name}'?")).unwrap_or_default();
                let there = match known {
                    [] => "This call takes no fields there.".to_owned(),
                    known => format!("There are {}.", names(known)),
                };
                Self::malformed(format!("There is no field '{field}'.{guess} {there}"))
                    .with("field", field)
            }
            Fault::Missing { field, kind } => {
                Self::malformed(format!("The field '{field}' is missing: {kind}."))
                    .with("field", field)
            }
            Fault::Wrong { field, kind } if field.is_empty() => {
                Self::malformed(format!("The body is not what this call takes: {kind}."))
            }
            Fault::Wrong { field, kind } => {
                Self::malformed(format!("The field '{field}' has to be {kind}."))
                    .with("field", field)
            }
            Fault::TooLarge { field, found, most, unit } => Self::malformed(format!(
                "The field '{field}' has {found} {unit}, and at most {most} are allowed."
            ))
            .with("field", field)
            .with("limit", most),
        }
    }
}
