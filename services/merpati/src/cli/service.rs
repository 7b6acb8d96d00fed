//! What can be said about keyword services.

use api::{NewService, ServiceChanges};
use clap::{ArgGroup, Args, Subcommand};
use contracts::{CallbackId, SimId};

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
    /// Show what a service keeps: answers to a quiz or a survey, or the texts of a board, newest first. As a table with
    /// `Accept: text/csv` from /api/v1/services/NAME/entries.
    Results {
        /// Its name or its id.
        service: String,
        /// At most so many.
        #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
        limit: u32,
    },
    /// Hide a text of a board, or show it again.
    Hide {
        /// The name or the id of the service.
        service: String,
        /// The id of the text, which `merpati service results` shows.
        entry: CallbackId,
        /// Show it again.
        #[arg(long)]
        show: bool,
    },
    /// Forget what a service keeps: answers, texts, votes, and whom it asks.
    Clear {
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
#[command(group(ArgGroup::new("action").required(true).multiple(true).args([
    "reply", "get_url", "post_url", "post_xml", "exec", "forward_to", "subscribe", "unsubscribe", "vote", "quiz", "survey",
    "scenario", "board", "inbox", "inbox_named", "to_group",
])))]
#[command(group(ArgGroup::new("takes").required(true).args(["keyword", "pattern"])))]
pub(crate) struct AddService {
    /// What it is called.
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) options: ServiceOptions,
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("change").required(true).multiple(true).args([
    "name", "keyword", "aliases", "no_aliases", "pattern", "place", "sim", "from", "when", "reply",
    "reply_with_body", "max_messages", "omit_empty",
    "get_url", "post_url", "post_xml", "exec", "forward_to", "subscribe", "unsubscribe", "vote", "quiz", "survey",
    "scenario", "board", "inbox", "inbox_named", "to_group",
    "otherwise", "once", "leave", "wait_minutes", "shown", "pin", "senders",
])))]
pub(crate) struct ChangeService {
    /// Its name or its id.
    pub(crate) service: String,
    /// What it is called from now on.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Take away the other words that do as well.
    #[arg(long, conflicts_with = "aliases")]
    pub(crate) no_aliases: bool,
    #[command(flatten)]
    pub(crate) options: ServiceOptions,
}

// What a service takes and does. Of one that is changed, what is not said stays as it is. No documentation comment: it would be the
// help of the commands that take these options.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("does").args([
    "get_url", "post_url", "post_xml", "exec", "forward_to", "subscribe", "unsubscribe", "vote", "quiz", "survey",
    "scenario", "board", "inbox", "inbox_named", "to_group",
])))]
pub(crate) struct ServiceOptions {
    /// The keyword, letter case aside. The keyword `default` takes what no other takes.
    #[arg(long, value_name = "WORD")]
    pub(crate) keyword: Option<String>,
    /// Another word that does as well; may be given more than once. Of a service that is changed, they take the place of those
    /// that it had.
    #[arg(long = "alias", value_name = "WORD", conflicts_with = "pattern")]
    pub(crate) aliases: Vec<String>,
    /// A regular expression that the whole text is matched with, letter case aside, in place of a keyword. Asked after all
    /// keywords.
    #[arg(long = "match", value_name = "REGEX", conflicts_with = "keyword")]
    pub(crate) pattern: Option<String>,
    /// The place among services with expressions, 1 to 9999: the lowest is asked first. 100 when nothing is said.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=9_999))]
    pub(crate) place: Option<u16>,
    /// Take only what comes to this SIM: its id; empty: to any.
    #[arg(long, value_name = "SIM")]
    pub(crate) sim: Option<String>,
    /// Take only what comes from senders that are written so at the beginning; empty: from anybody.
    #[arg(long, value_name = "PREFIX")]
    pub(crate) from: Option<String>,
    /// Take only what comes at these times: days, hours and a zone, such as 'mon-fri 08:00-17:00 Asia/Jakarta'; empty: at any
    /// time.
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
    /// Send this text back: to whoever writes, or beside what else the service does, to a right answer, after a survey, or when
    /// no words of a scenario fit. Fields are filled in: {from}, {text}, {keyword}, {rest}, {word1} to {word9}, {time}, {sim}; {{
    /// is a brace.
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["get_url", "post_url", "post_xml", "exec", "forward_to", "to_group"])]
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
    /// A question of a quiz with its right answers, 'QUESTION = ANSWER, ANSWER'; may be given up to 20 times. The answer follows
    /// the keyword, and of several questions the number of the question stands before it.
    #[arg(long, value_name = "QUESTION")]
    pub(crate) quiz: Vec<String>,
    /// A question of a survey, alone or with what may be answered, 'QUESTION = ANSWER, ANSWER'; may be given up to 20 times. The
    /// next messages of the sender to the SIM are the answers.
    #[arg(long, value_name = "QUESTION")]
    pub(crate) survey: Vec<String>,
    /// What is answered to words that follow the keyword, 'WORDS = ANSWER'; may be given up to 50 times.
    #[arg(long, value_name = "LINE")]
    pub(crate) scenario: Vec<String>,
    /// What is sent back to a wrong answer of a quiz, to what may not be answered in a survey, or to who names no account.
    #[arg(long, value_name = "TEXT")]
    pub(crate) otherwise: Option<String>,
    /// Whether only the first answer of a sender to a question of a quiz counts; it does when nothing is said.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub(crate) once: Option<bool>,
    /// The word that ends a survey for its sender. "exit" when nothing is said.
    #[arg(long, value_name = "WORD")]
    pub(crate) leave: Option<String>,
    /// For how many minutes a question of a survey waits for its answer, at most 43200. A day when nothing is said.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=43_200))]
    pub(crate) wait_minutes: Option<u32>,
    /// Keep what follows the keyword on a board. With an address, everybody may see it at /boards/ADDRESS; '*': at one that nobody
    /// can guess.
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "")]
    pub(crate) board: Option<String>,
    /// How many of the last texts a board shows, at most 200. 20 when nothing is said.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=200))]
    pub(crate) shown: Option<u16>,
    /// Put the message into the inbox of this account; may be given up to 20 times.
    #[arg(long, value_name = "USER")]
    pub(crate) inbox: Vec<String>,
    /// Put the message into the inbox of the account that it names: '@NAME text', or the word after the keyword.
    #[arg(long, conflicts_with = "inbox")]
    pub(crate) inbox_named: bool,
    /// Send what follows the keyword on to this group of contacts. --pin or --sender says who may.
    #[arg(long, value_name = "GROUP")]
    pub(crate) to_group: Option<String>,
    /// A PIN of 6 to 32 characters that stands between the keyword and the text for a group; empty: none.
    #[arg(long, value_name = "PIN")]
    pub(crate) pin: Option<String>,
    /// A number that may send to the group; may be given up to 20 times. Without a PIN, each time a code is sent there, and the
    /// text goes out when it comes back. Of a service that is changed, they take the place of those that it had; empty: anybody with
    /// the PIN.
    #[arg(long = "sender", value_name = "NUMBER")]
    pub(crate) senders: Vec<String>,
    /// Send the plain text that the URL answers back to the sender.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub(crate) reply_with_body: Option<bool>,
    /// Of how many parts a reply is at most; the rest is cut off. 0: nothing is sent back. 1 when nothing is said, and 4 of what
    /// is sent on.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=i64::from(contracts::bounds::REPLY_PARTS)))]
    pub(crate) max_messages: Option<u8>,
    /// Send nothing back when the URL answers with an empty text.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub(crate) omit_empty: Option<bool>,
}

impl AddService {
    /// The body of the request that makes the service. The error says what is wrong with what was said.
    pub(crate) fn new_service(self) -> anyhow::Result<NewService> {
        let Self { name, options: said } = self;
        let sim = said.sim.filter(|sim| !sim.is_empty());
        Ok(NewService {
            name,
            keyword: said.keyword.unwrap_or_default(),
            aliases: said.aliases,
            pattern: said.pattern,
            place: said.place,
            sim: sim.map(|sim| sim.parse()).transpose()?,
            from: said.from,
            when: said.when,
            get_url: said.get_url,
            post_url: said.post_url,
            post_xml: said.post_xml,
            reply: said.reply,
            exec: said.exec,
            forward_to: said.forward_to,
            forward_text: said.forward_text,
            subscribe: said.subscribe,
            unsubscribe: said.unsubscribe,
            vote: said.vote,
            quiz: said.quiz,
            survey: said.survey,
            scenario: said.scenario,
            otherwise: said.otherwise,
            once: said.once,
            leave: said.leave,
            wait_minutes: said.wait_minutes,
            board: said.board,
            shown: said.shown,
            inbox: said.inbox,
            inbox_named: said.inbox_named,
            to_group: said.to_group,
            pin: said.pin,
            senders: said.senders,
            reply_with_body: said.reply_with_body.unwrap_or(false),
            max_messages: said.max_messages,
            omit_empty: said.omit_empty.unwrap_or(false),
        })
    }
}

impl ChangeService {
    /// The body of the request that changes the service.
    pub(crate) fn changes(self) -> ServiceChanges {
        let Self { service: _, name, no_aliases, options: said } = self;
        let some = |list: Vec<String>| Some(list).filter(|list| !list.is_empty());
        ServiceChanges {
            name,
            keyword: said.keyword,
            aliases: (no_aliases || !said.aliases.is_empty()).then_some(said.aliases),
            pattern: said.pattern,
            place: said.place,
            sim: said.sim,
            from: said.from,
            when: said.when,
            get_url: said.get_url,
            post_url: said.post_url,
            post_xml: said.post_xml,
            reply: said.reply,
            exec: said.exec,
            forward_to: some(said.forward_to),
            forward_text: said.forward_text,
            subscribe: said.subscribe,
            unsubscribe: said.unsubscribe,
            vote: some(said.vote),
            quiz: some(said.quiz),
            survey: some(said.survey),
            scenario: some(said.scenario),
            otherwise: said.otherwise,
            once: said.once,
            leave: said.leave,
            wait_minutes: said.wait_minutes,
            board: said.board,
            shown: said.shown,
            inbox: some(said.inbox),
            inbox_named: said.inbox_named.then_some(true),
            to_group: said.to_group,
            pin: said.pin,
            // An empty one takes away those that there were.
            senders: some(said.senders)
                .map(|senders| senders.into_iter().filter(|number| !number.is_empty()).collect()),
            reply_with_body: said.reply_with_body,
            max_messages: said.max_messages,
            omit_empty: said.omit_empty,
        }
    }
}
