//! Which answer of a scenario a message gets.

use contracts::mo::MoReceived;
use store::Scenario;

use crate::after_keyword;

/// Returns the answer for the words that follow the keyword, letter case aside: of the line with the most words that all fit, and of
/// equal ones the first. When none fits, what is answered otherwise, which may be empty.
pub fn reply<'a>(scenario: &'a Scenario, message: &MoReceived) -> &'a str {
    let rest = after_keyword(message).to_lowercase();
    let said: Vec<&str> = rest.split_whitespace().collect();
    let mut best: Option<(usize, &str)> = None;
    for line in &scenario.lines {
        let fits = line.words.len() <= said.len()
            && line.words.iter().zip(&said).all(|(word, said)| word == said);
        if fits && best.is_none_or(|(words, _)| words < line.words.len()) {
            best = Some((line.words.len(), &line.reply));
        }
    }
    best.map_or(scenario.reply.as_str(), |(_, reply)| reply)
}

#[cfg(test)]
mod tests {
    use store::ScenarioLine;

    use super::*;
    use crate::sample::message;

    #[test]
    fn the_line_with_the_most_words_that_fit_answers() {
        let line = |words: &str, reply: &str| ScenarioLine {
            words: words.split(' ').map(str::to_owned).collect(),
            reply: reply.to_owned(),
        };
        let scenario = Scenario {
            lines: vec![
                line("buka", "Senin"),
                line("buka minggu", "Tutup"),
                line("buka", "never"),
                line("harga nasi goreng", "15000"),
            ],
            reply: "Tanya BUKA atau HARGA".to_owned(),
        };
        for (text, answer) in [
            ("info BUKA", "Senin"),
            ("info buka  Minggu pagi", "Tutup"),
            ("info harga nasi goreng", "15000"),
            ("info harga nasi", "Tanya BUKA atau HARGA"),
            ("info bukan", "Tanya BUKA atau HARGA"),
            ("info", "Tanya BUKA atau HARGA"),
        ] {
            assert_eq!(reply(&scenario, &message(text)), answer, "{text}");
        }
        let silent = Scenario { reply: String::new(), ..scenario };
        assert_eq!(reply(&silent, &message("info")), "");
    }
}
