//! What can be said about keyword services.

use clap::{ArgGroup, Args, Subcommand};

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
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(0..=20))]
    pub(crate) max_messages: u8,
    /// Send nothing back when the URL answers with an empty text.
    #[arg(long)]
    pub(crate) omit_empty: bool,
}
