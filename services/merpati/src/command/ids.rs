//! Ids as people read and type them: as much as tells one from the others.

/// The fewest characters of an id that are said.
const SHORTEST: usize = "mdm_".len() + 8;

/// So much of an id as tells it from the others.
pub(super) fn short(id: &str, all: &[String]) -> String {
    let others = || all.iter().filter(|other| *other != id);
    let is_unique = |length: &usize| {
        id.get(..*length).is_some_and(|part| !others().any(|other| other.starts_with(part)))
    };
    let length = (SHORTEST..id.len()).find(is_unique);
    length.and_then(|length| id.get(..length)).unwrap_or(id).to_owned()
}

/// Whether an id begins so, its prefix said or not.
pub(super) fn begins(id: &str, wanted: &str) -> bool {
    let digits = id.split_once('_').map_or(id, |(_, digits)| digits);
    let wanted_digits = wanted.split_once('_').map_or(wanted, |(_, digits)| digits);
    let is_long_enough = wanted_digits.len() >= 4;
    is_long_enough && (id.starts_with(wanted) || digits.starts_with(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_as_long_as_it_must_be() {
        let ids = ["mdm_1cbfd238544754908f".to_owned(), "mdm_1cbfd239544754908f".to_owned()];
        assert_eq!(short(&ids[0], &ids), "mdm_1cbfd238");
        let twins = ["mdm_1cbfd2385".to_owned(), "mdm_1cbfd2386".to_owned()];
        assert_eq!(short(&twins[0], &twins), "mdm_1cbfd2385");
    }

    #[test]
    fn an_id_is_typed_in_part() {
        assert!(begins("mdm_1cbfd238", "mdm_1cbf"));
        assert!(begins("mdm_1cbfd238", "1cbfd2"));
        assert!(!begins("mdm_1cbfd238", "mdm_"), "that is all of them");
        assert!(!begins("mdm_1cbfd238", "1cb"));
    }
}
