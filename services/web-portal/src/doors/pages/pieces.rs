//! A list that is read as a whole and shown in pieces: rules and services, whose order counts, accounts and endpoints. They
//! are few as a rule, and may be a thousand all the same.

use super::visit::Visit;

/// The rows of one page, and where the next ones are.
pub(super) struct Piece<T> {
    pub(super) rows: Vec<T>,
    pub(super) first: bool,
    /// The address of the page that follows; none: it is the last one.
    pub(super) more: Option<String>,
}

impl<T> Piece<T> {
    /// The piece that somebody visits, of the list at `path` in pieces of `most`. A form that is answered by the list has its beginning.
    pub(super) fn of(
        visit: &Visit,
        path: &str,
        all: impl IntoIterator<Item = T>,
        most: usize,
    ) -> Self {
        Self::at(path, begin(&visit.path), all, most)
    }

    fn at(path: &str, from: usize, all: impl IntoIterator<Item = T>, most: usize) -> Self {
        let mut rest = all.into_iter().skip(from);
        let rows = rest.by_ref().take(most).collect();
        let more = rest.next().map(|_| format!("{path}?from={}", from + most));
        Self { rows, first: from == 0, more }
    }
}

/// How many rows come before the piece, as the address says it; what says no number is the beginning.
fn begin(address: &str) -> usize {
    let query = address.split_once('?').map_or("", |(_, query)| query);
    let mut fields = url::form_urlencoded::parse(query.as_bytes());
    let from = fields.find(|(name, _)| name == "from");
    from.and_then(|(_, value)| value.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_make_up_the_whole() {
        let mut all = Vec::new();
        let mut address = "/users".to_owned();
        loop {
            let piece = Piece::at("/users", begin(&address), 0..120, 50);
            assert_eq!(piece.first, all.is_empty());
            all.extend(piece.rows);
            match piece.more {
                Some(more) => address = more,
                None => break,
            }
        }
        assert_eq!(all, (0..120).collect::<Vec<_>>());
        assert!(Piece::at("/users", 0, 0..50, 50).more.is_none());
    }

    #[test]
    fn an_address_that_says_nothing_is_the_beginning() {
        for (address, from) in [
            ("/users", 0),
            ("/users?from=", 0),
            ("/users?from=-1", 0),
            ("/users?from=x&from=7", 0),
            ("/users?a=b&from=50", 50),
        ] {
            assert_eq!(begin(address), from, "{address}");
        }
        let far = Piece::at("/users", begin(&format!("/users?from={}", usize::MAX)), 0..9, 50);
        assert!(far.rows.is_empty() && far.more.is_none() && !far.first);
    }
}
