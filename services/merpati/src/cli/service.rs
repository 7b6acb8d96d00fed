//! What can be said about keyword services.

use clap::{ArgGroup, Args, Subcommand};
use contracts::SimId;

#[derive(Debug, Subcommand)]
pub(crate) enum KeywordService {
    /// Call a URL, or answer, when a message comes whose first word is a keyword, or whose text matches an expression.
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
#[command(group(ArgGroup::new("action").required(true).multiple(true).args([
    "get_url", "post_url", "post_xml", "exec", "reply", "forward_to", "subscribe", "unsubscribe", "vote",
])))]
#[command(group(ArgGroup::new("does").args([
    "get_url", "post_url", "post_xml", "exec", "forward_to", "subscribe", "unsubscribe", "vote",
])))]
#[command(group(ArgGroup::new("takes").required(true).args(["keyword", "pattern"])))]
pub(crate) struct AddService {
    /// What it is called.
    pub(crate) name: String,
    /// The keyword, letter case aside. The keyword `default` takes what no other takes.
    #[arg(long, value_name = "WORD")]
    pub(crate) keyword: Option<String>,
    /// Another word that does as well; may be given more than once.
    #[arg(long = "alias", value_name = "WORD", requires = "keyword")]
    pub(crate) aliases: Vec<String>,
    /// A regular expression that the whole text is matched with, letter case aside. Asked after all keywords.
    #[arg(long = "match", value_name = "REGEX")]
    pub(crate) pattern: Option<String>,
    /// The place among services with expressions, 1 to 9999: the lowest is asked first. 100 when nothing is said.
    #[arg(long, value_name = "N", requires = "pattern", value_parser = clap::value_parser!(u16).range(1..=9_999))]
    pub(crate) place: Option<u16>,
    /// Take only what comes to this SIM: its id.
    #[arg(long, value_name = "SIM")]
    pub(crate) sim: Option<SimId>,
    /// Take only what comes from senders that are written so at the beginning.
    #[arg(long, value_name = "PREFIX")]
    pub(crate) from: Option<String>,
    /// Take only what comes at these times: days, hours and a zone, such as 'mon-fri 08:00-17:00 Asia/Jakarta'.
    #[arg(long, value_name = "TIMES")]
    pub(crate) when: Option<String>,
    /// Fetch this URL, with Kannel's escape codes such as %a, the text, and %q, the sender.
    #[arg(long, value_name = "URL")]
    pub(crate) get_url: Option<String>,
    /// Send the text to this URL, and the rest in Kannel's headers.
    #[arg(long, value_name = "URL")]
    pub(crate) post_url: Option<String>,
    /// Send Kannel's XML to this URL.
    #[arg(long, value_name = "URL")]
    pub(crate) post_xml: Option<String>,
    /// Send this text back. Fields are filled in: {from}, {text}, {keyword}, {rest}, {word1} to {word9}, {time}, {sim}; {{ is a
    /// brace.
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["get_url", "post_url", "post_xml", "exec", "forward_to"])]
    pub(crate) reply: Option<String>,
    /// Run this program of services.programs, with the fields of --reply in its arguments, and send back what it writes. Never
    /// by a shell: arguments are split at blanks before fields are filled in.
    #[arg(long, value_name = "COMMAND")]
    pub(crate) exec: Option<String>,
    /// Send a text on to this number; may be given up to 10 times.
    #[arg(long, value_name = "NUMBER", num_args = 1..)]
    pub(crate) forward_to: Vec<String>,
    /// The text that is sent on, with the fields of --reply. "From {from}: {text}" when nothing is said.
    #[arg(long, value_name = "TEXT", requires = "forward_to")]
    pub(crate) forward_text: Option<String>,
    /// Put the sender into this group of contacts, and send --reply back if there is one.
    #[arg(long, value_name = "GROUP")]
    pub(crate) subscribe: Option<String>,
    /// Take the sender out of this group of contacts, and send --reply back if there is one.
    #[arg(long, value_name = "GROUP")]
    pub(crate) unsubscribe: Option<String>,
    /// Count votes for this option, which is the word after the keyword; may be given 2 to 20 times. --reply is sent back.
    #[arg(long, value_name = "OPTION", num_args = 1..)]
    pub(crate) vote: Vec<String>,
    /// Send the plain text that the URL answers back to the sender.
    #[arg(long, conflicts_with = "reply")]
    pub(crate) reply_with_body: bool,
    /// Of how many parts a reply is at most; the rest is cut off. 0: nothing is sent back. 1 when nothing is said, and 4 of what
    /// is sent on.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=i64::from(contracts::bounds::REPLY_PARTS)))]
    pub(crate) max_messages: Option<u8>,
    /// Send nothing back when the URL answers with an empty text.
    #[arg(long)]
    pub(crate) omit_empty: bool,
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("change").required(true).multiple(true).args([
    "name", "keyword", "aliases", "no_aliases", "pattern", "place", "sim", "from", "when", "get_url",
    "post_url", "post_xml", "exec", "reply", "forward_to", "subscribe", "unsubscribe", "vote", "reply_with_body",
    "max_messages", "omit_empty",
])))]
#[command(group(ArgGroup::new("does").args([
    "get_url", "post_url", "post_xml", "exec", "forward_to", "subscribe", "unsubscribe", "vote",
])))]
pub(crate) struct ChangeService {
    /// Its name or its id.
    pub(crate) service: String,
    /// What it is called from now on.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Its keyword from now on. It takes the place of an expression.
    #[arg(long, value_name = "WORD")]
    pub(crate) keyword: Option<String>,
    /// A word that does as well; may be given more than once. They take the place of those that it had.
    #[arg(long = "alias", value_name = "WORD")]
    pub(crate) aliases: Vec<String>,
    /// Take away the other words that do as well.
    #[arg(long, conflicts_with = "aliases")]
    pub(crate) no_aliases: bool,
    /// A regular expression, which takes the place of its keywords.
    #[arg(long = "match", value_name = "REGEX", conflicts_with_all = ["keyword", "aliases"])]
    pub(crate) pattern: Option<String>,
    /// Its place among services with expressions, 1 to 9999.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=9_999))]
    pub(crate) place: Option<u16>,
    /// Take only what comes to this SIM: its id; empty: to any.
    #[arg(long, value_name = "SIM")]
    pub(crate) sim: Option<String>,
    /// Take only what comes from senders that are written so at the beginning; empty: from anybody.
    #[arg(long, value_name = "PREFIX")]
    pub(crate) from: Option<String>,
    /// Take only what comes at these times; empty: at any time.
    #[arg(long, value_name = "TIMES")]
    pub(crate) when: Option<String>,
    /// Fetch this URL.
    #[arg(long, value_name = "URL")]
    pub(crate) get_url: Option<String>,
    /// Send the text to this URL, and the rest in Kannel's headers.
    #[arg(long, value_name = "URL")]
    pub(crate) post_url: Option<String>,
    /// Send Kannel's XML to this URL.
    #[arg(long, value_name = "URL")]
    pub(crate) post_xml: Option<String>,
    /// Send this text back. Of a service that counts votes, or keeps a group, say that again too: it does only this otherwise.
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["get_url", "post_url", "post_xml", "exec", "forward_to"])]
    pub(crate) reply: Option<String>,
    /// Run this program of services.programs, with the fields of --reply in its arguments, and send back what it writes. Never
    /// by a shell: arguments are split at blanks before fields are filled in.
    #[arg(long, value_name = "COMMAND")]
    pub(crate) exec: Option<String>,
    /// Send a text on to this number; may be given up to 10 times.
    #[arg(long, value_name = "NUMBER", num_args = 1..)]
    pub(crate) forward_to: Vec<String>,
    /// The text that is sent on.
    #[arg(long, value_name = "TEXT", requires = "forward_to")]
    pub(crate) forward_text: Option<String>,
    /// Put the sender into this group of contacts, and send --reply back if there is one.
    #[arg(long, value_name = "GROUP")]
    pub(crate) subscribe: Option<String>,
    /// Take the sender out of this group of contacts, and send --reply back if there is one.
    #[arg(long, value_name = "GROUP")]
    pub(crate) unsubscribe: Option<String>,
    /// Count votes for this option, which is the word after the keyword; may be given 2 to 20 times. --reply is sent back.
    #[arg(long, value_name = "OPTION", num_args = 1..)]
    pub(crate) vote: Vec<String>,
    /// Whether the plain text that the URL answers is sent back.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub(crate) reply_with_body: Option<bool>,
    /// Of how many parts a reply is at most. 0: nothing is sent back.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=i64::from(contracts::bounds::REPLY_PARTS)))]
    pub(crate) max_messages: Option<u8>,
    /// Whether nothing is sent back when the URL answers with an empty text.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub(crate) omit_empty: Option<bool>,
}
