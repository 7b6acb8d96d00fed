//! What can be said about credit, and what messages cost.

use clap::Subcommand;
use contracts::Amount;

#[derive(Debug, Subcommand)]
pub(crate) enum Credit {
    /// Show what accounts may spend, or one of them.
    Show {
        /// The name of the account.
        name: Option<String>,
    },
    /// Give an account credit. From then on it sends only what that pays for.
    Add {
        /// The name of the account.
        name: String,
        /// How much, such as 50000 or 12.50; with a minus, so much is taken back.
        #[arg(allow_negative_numbers = true)]
        amount: Amount,
        /// What is noted in the ledger.
        #[arg(long)]
        note: Option<String>,
    },
    /// Let an account send as much as it likes.
    Unlimited {
        /// The name of the account.
        name: String,
    },
    /// Show what became of the credit of an account, newest first.
    Ledger {
        /// The name of the account; your own without it.
        name: Option<String>,
        /// At most so many.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=500))]
        limit: u16,
    },
    /// What a part of a message costs.
    #[command(subcommand)]
    Price(Price),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Price {
    /// Show all prices.
    List,
    /// Set what a part costs to numbers that begin so. The longest prefix that fits counts.
    Set {
        /// What the numbers begin with, such as +62.
        prefix: String,
        /// What a part costs, such as 350 or 0.05.
        price: Amount,
    },
    /// Remove the price of a prefix.
    Remove {
        /// The prefix.
        prefix: String,
    },
    /// Set what a part costs to all other numbers.
    Usual {
        /// What a part costs.
        price: Amount,
    },
    /// Set the word for the currency that amounts are shown with.
    Currency {
        /// The word, such as IDR.
        word: String,
    },
}
