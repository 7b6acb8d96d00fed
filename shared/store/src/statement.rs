//! Statements about many rows.
//!
//! An engine prepares a statement for each text, and its driver keeps what was prepared last. So the number of rows is part of
//! few texts only: rows are cut into pieces of as many as a power of two.

/// The most rows of a statement that writes whole rows.
pub(crate) const ROWS: usize = 64;

/// The most values of a list.
pub(crate) const LIST: usize = 512;

/// How many statements a connection keeps: about twice as many as there are.
pub(crate) const KEPT: usize = 400;

/// Cuts rows into pieces of `most`, which is a power of two, and the rest into as few such pieces as there are.
pub(crate) fn pieces<T>(mut rows: &[T], most: usize) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let size = 1 << rows.len().checked_ilog2()?;
        let (piece, rest) = rows.split_at(size.min(most));
        rows = rest;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_all_of_it_in_few_sizes() {
        let rows: Vec<usize> = (0..2_300).collect();
        for count in [0, 1, 2, 3, 63, 64, 65, 127, 1_000, 2_300] {
            let cut: Vec<&[usize]> = pieces(&rows[..count], 64).collect();
            assert_eq!(cut.concat(), rows[..count]);
            assert!(cut.iter().all(|piece| piece.len().is_power_of_two() && piece.len() <= 64));
            assert!(cut.len() <= count / 64 + 6, "{count}");
        }
    }
}
