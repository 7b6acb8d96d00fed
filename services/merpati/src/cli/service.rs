//! What can be said about keyword services.

use clap::{ArgGroup, Args, Subcommand};
use contracts::SimId;

#[derive(Debug, Subcommand)]
pub(crate) enum KeywordService {
    /// Call a URL, or answer, when a message comes whose first word is a keyword.
    Add(AddService),
    /// Show the services there are, in the order in which they are asked.
    List,
    /// Show a service and what came of its last calls.
    Show {
        /// Its name or its id.
        service: String,
    },
    /// Change a service. What is not said stays as it is.
    Change(ChangeService),
    /// Say which service would take a message, and what would happen. Nothing is done.
    Test {
        /// From whom the message comes: a number or a name.
        #[arg(long, value_name = "NUMBER")]
        from: String,
        /// The text of the message.
        #[arg(long)]
        text: String,
        /// The SIM that the message comes to: its id. Without it, the first SIM that there is.
        #[arg(long, value_name = "SIM")]
        sim: Option<SimId>,
    },
    /// Remove a service and what is known of its calls.
    Remove {
        /// Its name or its id.
        service: String,
    },
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("action").required(true).args(["get_url", "post_url", "post_xml", "reply"])))]
pub(crate) struct AddService {
    /// What it is called.
    pub(crate) name: String,
    /// The keyword, letter case aside. The keyword `default` takes what no other takes.
    #[arg(long, value_name = "WORD")]
    pub(crate) keyword: String,
    /// Another word that does as well; may be given more than once.
    #[arg(long = "alias", value_name = "WORD")]
    pub(crate) aliases: Vec<String>,
    /// Fetch this URL, with Kannel's escape codes such as %a, the text, and %q, the sender.
    #[arg(long, value_name = "URL")]
    pub(crate) get_url: Option<String>,
    /// Send the text to this URL, and the rest in Kannel's headers.
    #[arg(long, value_name = "URL")]
    pub(crate) post_url: Option<String>,
    /// Send Kannel's XML to this URL.
    #[arg(long, value_name = "URL")]
    pub(crate) post_xml: Option<String>,
    /// Send this text back.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reply: Option<String>,
    /// Send the plain text that the URL answers back to the sender.
    #[arg(long, conflicts_with = "reply")]
    pub(crate) reply_with_body: bool,
    /// Of how many parts a reply is at most; the rest is cut off. 0: nothing is sent back.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(0..=i64::from(contracts::bounds::REPLY_PARTS)))]
    pub(crate) max_messages: u8,
    /// Send nothing back when the URL answers with an empty text.
    #[arg(long)]
    pub(crate) omit_empty: bool,
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("change").required(true).multiple(true).args([
    "name", "keyword", "aliases", "no_aliases", "get_url", "post_url", "post_xml", "reply",
    "reply_with_body", "max_messages", "omit_empty",
])))]
#[command(group(ArgGroup::new("does").args(["get_url", "post_url", "post_xml", "reply"])))]
pub(crate) struct ChangeService {
    /// Its name or its id.
    pub(crate) service: String,
    /// What it is called from now on.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Its keyword from now on.
    #[arg(long, value_name = "WORD")]
    pub(crate) keyword: Option<String>,
    /// A word that does as well; may be given more than once. They take the place of those that it had.
    #[arg(long = "alias", value_name = "WORD")]
    pub(crate) aliases: Vec<String>,
    /// Take away the other words that do as well.
    #[arg(long, conflicts_with = "aliases")]
    pub(crate) no_aliases: bool,
    /// Fetch this URL.
    #[arg(long, value_name = "URL")]
    pub(crate) get_url: Option<String>,
    /// Send the text to this URL, and the rest in Kannel's headers.
    #[arg(long, value_name = "URL")]
    pub(crate) post_url: Option<String>,
    /// Send Kannel's XML to this URL.
    #[arg(long, value_name = "URL")]
    pub(crate) post_xml: Option<String>,
    /// Send this text back.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reply: Option<String>,
    /// Whether the plain text that the URL answers is sent back.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub(crate) reply_with_body: Option<bool>,
    /// Of how many parts a reply is at most. 0: nothing is sent back.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=20))]
    pub(crate) max_messages: Option<u8>,
    /// Whether nothing is sent back when the URL answers with an empty text.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub(crate) omit_empty: Option<bool>,
}
