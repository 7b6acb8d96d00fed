//! What can be said about conversations.

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum Conversation {
    /// Show conversations, those with the newest messages first.
    List {
        /// Which conversations; the open ones when absent, and any with --search.
        #[arg(long, value_parser = ["open", "mine", "unassigned", "archived", "blocked", "any"])]
        show: Option<String>,
        /// Only those with whoever has this in their number or name.
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
        /// How many conversations.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=500))]
        limit: u16,
    },
    /// Show a conversation, newest first. Nothing in it is marked as read by that.
    Show {
        /// With whom: a number, or the name of a sender without one, such as BANK.
        number: String,
        /// How many messages, calls and notes.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=500))]
        limit: u16,
    },
    /// Write a note into a conversation. Colleagues see it, and it is sent to nobody.
    Note {
        /// With whom: a number, or the name of a sender without one, such as BANK.
        number: String,
        /// The text.
        #[arg(long)]
        text: String,
    },
    /// Say who looks after a conversation.
    Assign {
        /// With whom: a number, or the name of a sender without one, such as BANK.
        number: String,
        /// The name of an account that may read and answer it, or nobody.
        #[arg(long, value_name = "USER|nobody")]
        to: String,
    },
    /// Take a conversation out of the list, until a message comes in.
    Archive {
        /// With whom: a number, or the name of a sender without one, such as BANK.
        number: String,
    },
    /// Bring a conversation back into the list.
    Unarchive {
        /// With whom: a number, or the name of a sender without one, such as BANK.
        number: String,
    },
    /// Block a number: what comes from it is kept, but is not unread, and no service and no endpoint answers it.
    Block {
        /// The number, or the name of a sender without one, such as BANK.
        number: String,
    },
    /// Unblock a number.
    Unblock {
        /// The number, or the name of a sender without one, such as BANK.
        number: String,
    },
}
