//! Which requirement of security is held by which tests.
//!
//! The requirements stand in `SECURITY.md` in the same words. What is not there yet says what is missing. That each test which is
//! named exists is all that is looked at here; what it holds, it holds by itself.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use Held::{Setting, Test};

/// What holds a requirement.
#[derive(Debug)]
enum Held {
    /// A test, by its file and its name.
    Test(&'static str, &'static str),
    /// A file of the repository, and words that it has.
    Setting(&'static str, &'static str),
}

/// A requirement.
#[derive(Debug)]
struct Requirement {
    number: usize,
    /// What it says, as `SECURITY.md` says it.
    says: &'static str,
    held: &'static [Held],
    /// What of it is still to come.
    later: Option<&'static str>,
}

/// All of them.
const ALL: [Requirement; 28] = [
    Requirement {
        number: 1,
        says: "There is no default password and no default key: the first administrator is made by a link that works once.",
        held: &[
            Test("shared/store/tests/it/setup.rs", "the_first_administrator_is_made_once"),
            Test("shared/store/tests/it/setup.rs", "a_setup_link_is_voided"),
            Test(
                "services/web-portal/tests/it/socket.rs",
                "the_set_up_link_is_renewed_until_there_is_an_administrator",
            ),
            Test("services/web-portal/tests/it/pages.rs", "the_first_minute_in_both_languages"),
        ],
        later: None,
    },
    Requirement {
        number: 2,
        says: "Passwords are argon2id, tries are limited for account and address, a session begins anew at each log-in, ends by time and can be ended, and its cookie is closed to scripts and other sites.",
        held: &[
            Test("services/web-portal/src/password.rs", "only_the_right_one_opens"),
            Test(
                "services/web-portal/src/throttle.rs",
                "a_right_password_does_not_give_an_address_its_tries_back",
            ),
            Test("services/web-portal/src/throttle.rs", "an_account_is_counted_over_all_addresses"),
            Test("services/web-portal/src/throttle.rs", "a_network_of_ipv6_is_one_address"),
            Test("services/web-portal/tests/it/pages.rs", "guessing_is_slowed_down"),
            Test(
                "services/web-portal/tests/it/attacks/log_in.rs",
                "a_name_that_nobody_has_is_refused_as_one_that_somebody_has",
            ),
            Test("services/web-portal/tests/it/attacks/log_in.rs", "a_form_gives_no_role"),
            Test(
                "services/web-portal/tests/it/attacks/sessions.rs",
                "a_session_that_was_planted_is_none_after_the_log_in_either",
            ),
            Test(
                "services/web-portal/tests/it/attacks/sessions.rs",
                "a_log_in_ends_the_session_that_the_browser_had_before",
            ),
            Test(
                "services/web-portal/tests/it/attacks/sessions.rs",
                "who_logs_out_is_out_at_every_copy",
            ),
            Test(
                "services/web-portal/tests/it/attacks/sessions.rs",
                "another_password_ends_all_sessions_but_that_of_who_set_it",
            ),
            Test(
                "services/web-portal/tests/it/attacks/sessions.rs",
                "an_account_that_is_locked_out_is_out_at_once",
            ),
            Test(
                "services/web-portal/tests/it/attacks/sessions.rs",
                "every_cookie_is_closed_to_scripts_and_to_other_sites",
            ),
            Test(
                "services/web-portal/tests/it/clock.rs",
                "sessions_and_keys_end_by_the_clock_of_the_portal",
            ),
            Test("services/web-portal/tests/it/people.rs", "sessions_are_seen_and_ended"),
            Test("services/web-portal/tests/it/people.rs", "somebody_is_invited_once"),
            Test("services/web-portal/tests/it/people.rs", "a_lost_password_is_set_by_a_link"),
            Test(
                "services/web-portal/tests/it/authority.rs",
                "a_disabled_account_watches_no_longer",
            ),
        ],
        later: None,
    },
    Requirement {
        number: 3,
        says: "A second factor stands beside the password where somebody or their role wants it, each code does once, and nothing of it depends on SMS.",
        held: &[
            Test("services/web-portal/tests/it/people.rs", "a_phone_stands_beside_the_password"),
            Test("services/web-portal/tests/it/people.rs", "a_role_may_have_to_have_a_phone"),
            Test(
                "services/web-portal/tests/it/people.rs",
                "guessing_codes_is_slowed_down_and_a_log_in_is_waited_for_ten_minutes",
            ),
            Test("services/web-portal/src/totp.rs", "codes_are_those_of_the_rfc"),
        ],
        later: Some("Keys of hardware (WebAuthn) beside the codes of a phone."),
    },
    Requirement {
        number: 4,
        says: "Whatever changes something is a form of our own page, by its token and its origin, and what is only looked at changes nothing.",
        held: &[
            Test(
                "services/web-portal/tests/it/attacks/csrf.rs",
                "a_form_from_elsewhere_is_refused_whatever_it_is_for",
            ),
            Test(
                "services/web-portal/tests/it/attacks/csrf.rs",
                "what_is_only_looked_at_changes_nothing",
            ),
            Test("services/web-portal/tests/it/pages.rs", "forms_of_others_are_refused"),
        ],
        later: None,
    },
    Requirement {
        number: 5,
        says: "What others write is text on every page: escaped, its direction its own, what is invisible shown, within a policy that lets no script of theirs run; nothing leads to another host.",
        held: &[
            Test(
                "services/web-portal/tests/it/attacks/hostile.rs",
                "names_and_texts_are_text_on_every_page",
            ),
            Test(
                "services/web-portal/tests/it/attacks/hostile.rs",
                "what_a_form_gives_back_is_text",
            ),
            Test(
                "services/web-portal/tests/it/attacks/hostile.rs",
                "a_text_stays_one_value_in_json_and_in_the_stream",
            ),
            Test(
                "services/web-portal/tests/it/attacks/hostile.rs",
                "marks_are_not_stacked_over_a_page",
            ),
            Test(
                "services/web-portal/tests/it/attacks/hostile.rs",
                "what_shows_texts_of_others_is_clipped",
            ),
            Test(
                "services/web-portal/tests/it/attacks/hostile.rs",
                "names_do_not_turn_round_what_stands_beside_them",
            ),
            Test("services/web-portal/src/doors/pages/hostile.rs", "what_hides_is_shown"),
            Test("services/web-portal/src/acts/name.rs", "a_name_is_what_it_looks_like"),
            Test("services/web-portal/tests/it/attacks/requests.rs", "every_answer_is_guarded"),
            Test(
                "services/web-portal/tests/it/attacks/redirects.rs",
                "nothing_that_is_said_leads_to_another_host",
            ),
            Test("services/web-portal/src/doors/pages/log_in.rs", "nobody_is_led_away"),
        ],
        later: None,
    },
    Requirement {
        number: 6,
        says: "Keys are 256 random bits, shown once and kept as a hash, limited by scopes, addresses and an end.",
        held: &[
            Test("services/web-portal/src/secret.rs", "a_new_key_is_one"),
            Test("shared/store/tests/it/keys.rs", "keys_open_and_stop"),
            Test(
                "services/web-portal/src/known_keys.rs",
                "a_key_works_from_the_networks_that_it_names",
            ),
            Test(
                "services/web-portal/tests/it/powers.rs",
                "a_key_may_what_its_scopes_say_and_no_more",
            ),
            Test("services/web-portal/tests/it/powers.rs", "a_key_gives_no_more_than_it_has"),
            Test(
                "services/web-portal/tests/it/key_addresses.rs",
                "a_key_works_from_its_networks_only",
            ),
            Test("services/web-portal/tests/it/pages.rs", "accounts_and_keys"),
        ],
        later: None,
    },
    Requirement {
        number: 7,
        says: "What somebody may do is asked in one place, and what is another's is as if it were not there.",
        held: &[
            Test(
                "services/web-portal/tests/it/powers.rs",
                "a_stranger_s_id_is_as_one_that_is_not_there",
            ),
            Test(
                "services/web-portal/tests/it/attacks/ids.rs",
                "a_stranger_s_page_is_as_one_that_is_not_there",
            ),
            Test(
                "services/web-portal/tests/it/powers.rs",
                "a_call_is_open_to_who_has_the_power_that_it_declares",
            ),
            Test(
                "services/web-portal/tests/it/powers.rs",
                "a_page_is_open_to_who_has_the_power_that_it_declares",
            ),
            Test("services/web-portal/src/rooms.rs", "acts_ask_for_their_power"),
            Test(
                "services/web-portal/src/rooms.rs",
                "no_route_is_added_beside_those_that_declare_what_they_need",
            ),
            Test("shared/store/tests/it/reach.rs", "nobody_reaches_what_is_somebody_else_s"),
            Test(
                "services/web-portal/tests/it/people.rs",
                "each_role_may_what_it_is_for_and_no_more",
            ),
        ],
        later: None,
    },
    Requirement {
        number: 8,
        says: "What others write reaches statements of the database as values alone.",
        held: &[
            Test("services/web-portal/tests/it/attacks/ids.rs", "what_is_no_id_is_nothing"),
            Test(
                "services/web-portal/tests/it/search.rs",
                "messages_are_found_by_words_and_parts_of_numbers",
            ),
            Test(
                "services/web-portal/tests/it/fields.rs",
                "at_its_bound_it_is_taken_and_above_refused_by_name",
            ),
            Test("services/web-portal/tests/it/fields.rs", "forms_are_bounded_too"),
        ],
        later: None,
    },
    Requirement {
        number: 9,
        says: "There is no shell: a program that the configuration names is run with arguments, as many and as long as may be.",
        held: &[
            Test(
                "services/webhooks/tests/it/programs.rs",
                "a_program_is_run_with_arguments_and_by_no_shell",
            ),
            Test(
                "services/webhooks/tests/it/programs.rs",
                "so_much_of_the_output_is_read_and_no_more",
            ),
            Test(
                "services/webhooks/tests/it/programs.rs",
                "what_is_not_allowed_or_fails_or_takes_long_is_said_and_not_run_again",
            ),
            Test("shared/keyword/src/command.rs", "a_field_is_one_argument_whatever_is_written"),
            Test(
                "shared/platform/tests/it/config.rs",
                "programs_are_whole_paths_and_none_at_first",
            ),
        ],
        later: None,
    },
    Requirement {
        number: 10,
        says: "Callbacks and webhooks go to public addresses alone, to the address that was checked, and follow no redirect.",
        held: &[
            Test(
                "services/webhooks/tests/it/guard.rs",
                "private_addresses_are_refused_before_any_connection",
            ),
            Test("services/webhooks/tests/it/guard.rs", "a_redirect_leads_nowhere"),
            Test(
                "services/webhooks/tests/it/guard.rs",
                "what_is_allowed_is_connected_to_at_the_address_that_was_checked",
            ),
            Test("services/webhooks/src/address.rs", "all_others_are_known"),
            Test(
                "services/webhooks/tests/it/endpoints.rs",
                "an_endpoint_in_our_own_network_is_not_knocked_at",
            ),
            Test(
                "services/web-portal/src/acts/service/checked.rs",
                "no_message_says_which_host_is_called",
            ),
            Test(
                "services/webhooks/tests/it/mails.rs",
                "mails_go_within_tls_to_a_server_of_a_known_authority_alone",
            ),
        ],
        later: None,
    },
    Requirement {
        number: 11,
        says: "What is told to others is signed, and who asks is known by a secret, never by a host or an address that they name themselves.",
        held: &[
            Test(
                "services/webhooks/tests/it/endpoints.rs",
                "a_received_message_is_told_once_and_signed",
            ),
            Test("services/web-portal/src/proxies.rs", "only_a_trusted_proxy_is_believed"),
            Test(
                "services/web-portal/src/proxies.rs",
                "what_stands_before_an_unreadable_hop_is_not_believed",
            ),
            Test(
                "services/web-portal/tests/it/pages.rs",
                "guesses_are_counted_whoever_logs_in_between",
            ),
            Test(
                "services/web-portal/tests/it/attacks/redirects.rs",
                "links_lead_to_the_gateway_whatever_host_was_asked",
            ),
            Test(
                "services/web-portal/tests/it/attacks/requests.rs",
                "a_request_that_can_be_read_in_two_ways_is_refused",
            ),
        ],
        later: None,
    },
    Requirement {
        number: 12,
        says: "What is uploaded is read within bounds, taken for what its bytes are, and never run or served.",
        held: &[
            Test(
                "services/web-portal/tests/it/attacks/upload.rs",
                "a_form_that_is_none_of_ours_uploads_nothing",
            ),
            Test("services/web-portal/tests/it/attacks/upload.rs", "a_file_is_what_its_bytes_are"),
            Test(
                "services/web-portal/tests/it/attacks/upload.rs",
                "a_form_with_a_file_is_for_who_may_send",
            ),
            Test("shared/sheet/src/tests.rs", "a_bomb_is_not_unpacked"),
            Test(
                "shared/sheet/src/tests.rs",
                "a_table_that_says_it_has_more_texts_than_fit_is_refused",
            ),
            Test("shared/sheet/src/tests.rs", "a_workbook_within_a_workbook_is_not_opened"),
            Test("shared/sheet/src/tests.rs", "what_is_too_much_is_refused_with_its_place"),
            Test(
                "services/web-portal/tests/it/bounds.rs",
                "a_body_of_a_hundred_megabytes_is_refused_after_the_first",
            ),
            Test(
                "services/web-portal/tests/it/bounds.rs",
                "a_million_parameters_are_refused_by_the_first",
            ),
            Test(
                "services/web-portal/tests/it/bounds.rs",
                "senders_who_stop_in_the_middle_keep_nobody_waiting",
            ),
        ],
        later: None,
    },
    Requirement {
        number: 13,
        says: "No cell of a list is a formula for a spreadsheet, whatever separates its cells.",
        held: &[
            Test(
                "services/web-portal/tests/it/attacks/formulae.rs",
                "no_cell_of_any_list_is_a_formula",
            ),
            Test("services/web-portal/src/csv.rs", "no_cell_is_a_formula_and_none_ends_early"),
            Test(
                "services/web-portal/src/csv.rs",
                "a_spreadsheet_with_another_separator_finds_no_formula_either",
            ),
            Test(
                "services/web-portal/tests/it/conversations.rs",
                "lists_are_written_as_csv_without_formulae",
            ),
        ],
        later: None,
    },
    Requirement {
        number: 14,
        says: "No entity of XML is expanded or fetched, and what is read becomes values of our own types alone.",
        held: &[
            Test("services/web-portal/src/doors/kannel/xml.rs", "a_dtd_is_never_fetched"),
            Test("shared/sheet/src/tests.rs", "entities_are_not_expanded"),
            Test(
                "services/web-portal/tests/it/bounds.rs",
                "what_is_no_json_says_so_whatever_it_calls_itself",
            ),
            Test("services/webhooks/src/twiml.rs", "what_is_no_twiml_is_no_reply"),
        ],
        later: None,
    },
    Requirement {
        number: 15,
        says: "What is sent is limited for keys, accounts, SIMs and numbers, to countries that are allowed, and can be stopped as a whole.",
        held: &[
            Test("services/web-portal/src/limits.rs", "a_key_sends_no_more_than_its_limit"),
            Test(
                "services/router/tests/it/limits.rs",
                "what_is_over_a_limit_is_held_until_it_opens",
            ),
            Test(
                "services/router/tests/it/limits.rs",
                "a_number_is_sent_no_more_than_the_gateway_says",
            ),
            Test(
                "services/router/tests/it/numbers.rs",
                "a_number_goes_out_as_networks_know_it_or_is_refused_before_it_costs_money",
            ),
            Test("services/router/tests/it/doubles.rs", "a_double_is_held_until_the_time_is_over"),
            Test(
                "services/web-portal/tests/it/numbers.rs",
                "each_door_names_a_number_that_is_sent_nothing",
            ),
            Test(
                "services/persistence/src/alerts/facts/sims.rs",
                "a_sim_that_may_send_no_more_is_told_and_one_that_keeps_the_pace_is_not",
            ),
            Test(
                "services/web-portal/tests/it/whole.rs",
                "an_administrator_suspends_isolates_and_resumes_by_program_and_by_page",
            ),
        ],
        later: None,
    },
    Requirement {
        number: 16,
        says: "The number of a sender proves nothing: what matters asks for more than that.",
        held: &[
            Test(
                "services/webhooks/tests/it/service_kinds.rs",
                "a_forged_sender_sends_nothing_to_a_group",
            ),
            Test(
                "services/webhooks/tests/it/service_kinds.rs",
                "a_pin_lets_a_text_go_and_is_struck_first",
            ),
            Test("shared/keyword/src/to_group.rs", "only_the_right_pin_is_taken"),
        ],
        later: None,
    },
    Requirement {
        number: 17,
        says: "Who asked for nothing is sent nothing, by whatever door and in whatever writing of the number.",
        held: &[
            Test("services/router/tests/it/revoked.rs", "nobody_is_sent_what_they_opted_out_of"),
            Test("services/router/tests/it/numbers.rs", "who_opted_out_is_known_in_each_writing"),
            Test("services/router/tests/it/mo.rs", "who_writes_stop_and_nothing_else_asks_for_it"),
            Test("tests/system/opt_out.rs", "who_writes_stop_is_sent_nothing_more"),
        ],
        later: None,
    },
    Requirement {
        number: 18,
        says: "Credit never falls below nothing, however many spend it at once, and is given back for what was not sent.",
        held: &[
            Test(
                "shared/store/tests/it/credits.rs",
                "credit_is_given_and_taken_back_and_never_below_zero",
            ),
            Test(
                "shared/store/tests/it/credits.rs",
                "of_many_at_once_nobody_gets_more_than_there_is",
            ),
            Test("shared/store/tests/it/credits.rs", "a_message_is_charged_once_and_refunded_once"),
            Test(
                "services/router/tests/it/credit.rs",
                "two_routers_drain_one_balance_to_zero_and_no_further",
            ),
        ],
        later: None,
    },
    Requirement {
        number: 19,
        says: "Secrets, texts and whole numbers stay out of logs, PINs are sealed, and what is old goes when it is to.",
        held: &[
            Test("shared/platform/tests/it/config.rs", "no_secret_is_shown"),
            Test(
                "shared/platform/src/telemetry.rs",
                "what_strangers_write_is_bounded_and_stays_in_its_line",
            ),
            Test(
                "services/modem-driver/src/port/transcript.rs",
                "a_pin_is_not_in_it_not_even_as_an_echo_in_pieces",
            ),
            Test(
                "services/modem-driver/src/port/notes.rs",
                "a_sealed_pin_is_of_no_use_without_its_key_or_for_another_port",
            ),
            Test("shared/store/tests/it/retention.rs", "old_rows_are_removed"),
            Test("shared/bus/src/settings.rs", "no_password_is_shown"),
            Test("shared/platform/src/files.rs", "a_private_file_is_private_and_replaced_whole"),
            Test("services/web-portal/src/acts/masked.rs", "what_is_secret_is_not_kept"),
        ],
        later: None,
    },
    Requirement {
        number: 20,
        says: "What was done stands in a log that is only appended to, with who, from where and what was before; who is acted as sees it.",
        held: &[
            Test(
                "services/web-portal/tests/it/audit.rs",
                "every_call_that_does_something_is_told_of",
            ),
            Test("services/web-portal/src/audited.rs", "whatever_changes_something_is_told_of"),
            Test(
                "shared/store/src/audit/chain.rs",
                "whatever_is_done_to_a_chain_is_found_at_its_place",
            ),
            Test(
                "services/web-portal/tests/it/people.rs",
                "an_administrator_acts_as_somebody_who_sees_that",
            ),
            Test(
                "services/web-portal/tests/it/attacks/sessions.rs",
                "who_acts_as_another_acts_as_nobody_further_and_ends_with_their_own_sessions",
            ),
        ],
        later: None,
    },
    Requirement {
        number: 21,
        says: "Commands to modems and codes to networks are for who operates them.",
        held: &[
            Test(
                "services/modem-driver/tests/it/control.rs",
                "a_command_is_answered_or_refused_and_the_modem_is_put_right_after_it",
            ),
            Test(
                "services/modem-driver/tests/it/control.rs",
                "a_wrong_pin_is_tried_once_whatever_restarts_and_the_puk_never",
            ),
            Test(
                "services/web-portal/tests/it/people.rs",
                "a_manager_changes_what_is_shared_and_an_operator_looks_after_the_gateway",
            ),
        ],
        later: None,
    },
    Requirement {
        number: 22,
        says: "Parsers of what comes over the air never panic and keep no more than their bounds.",
        held: &[
            Test("shared/tpdu/tests/it/properties.rs", "any_octets"),
            Test("shared/at/src/framer.rs", "a_line_without_end_takes_no_more_than_its_limit"),
            Test(
                "shared/modem/tests/it/receiving.rs",
                "messages_before_the_sim_is_read_are_bounded",
            ),
            Test("services/router/tests/it/mo.rs", "an_impossible_part_is_a_message_by_itself"),
            Setting("fuzz/fuzz_targets/tpdu_decode.rs", "fuzz_target!"),
        ],
        later: None,
    },
    Requirement {
        number: 23,
        says: "Two machines that answer each other are stopped, and nobody is answered who is no person.",
        held: &[
            Test(
                "services/webhooks/tests/it/loops.rs",
                "two_machines_that_answer_each_other_are_stopped_and_somebody_is_told",
            ),
            Test(
                "services/webhooks/tests/it/services.rs",
                "nobody_is_answered_who_is_no_person_and_nobody_too_often",
            ),
            Test(
                "tests/system/loops.rs",
                "two_gateways_that_answer_each_other_are_stopped_and_it_is_told",
            ),
        ],
        later: None,
    },
    Requirement {
        number: 24,
        says: "An SMPP server has TLS, addresses that are allowed, as many binds as may be, and bounds of each PDU.",
        held: &[],
        later: Some("The SMPP server, with all of this."),
    },
    Requirement {
        number: 25,
        says: "Broker, metrics and admin pages listen on this machine alone until they are told otherwise, and a service of others may only publish what it is for.",
        held: &[
            Setting("shared/platform/src/merpati.toml", "listen = \"127.0.0.1:8080\""),
            Setting("shared/platform/src/merpati.toml", "listen = \"127.0.0.1:9464\""),
            Test(
                "services/merpati/src/embedded_nats/folder.rs",
                "a_service_may_only_publish_requests",
            ),
            Test(
                "services/merpati/src/embedded_nats/folder.rs",
                "a_service_cannot_break_the_configuration",
            ),
        ],
        later: None,
    },
    Requirement {
        number: 26,
        says: "The gateway runs as a user of its own, who can write nothing but its folder.",
        held: &[
            Setting("deploy/systemd/merpati.service", "NoNewPrivileges=yes"),
            Setting("deploy/systemd/merpati.service", "ProtectSystem=strict"),
            Setting("deploy/systemd/merpati.service", "User=merpati"),
        ],
        later: None,
    },
    Requirement {
        number: 27,
        says: "What is asked for twice with one key is done once.",
        held: &[
            Test("services/web-portal/tests/it/pages.rs", "a_form_sent_twice_is_one_message"),
            Test("services/web-portal/tests/it/contacts.rs", "many_contacts_are_made_once"),
            Test("services/web-portal/tests/it/idempotency.rs", "an_attempt_told_twice_is_one"),
            Test(
                "services/web-portal/tests/it/idempotency.rs",
                "a_key_stands_for_the_whole_request",
            ),
        ],
        later: None,
    },
    Requirement {
        number: 28,
        says: "What the program is made of is known, licensed and from where it should be.",
        held: &[Setting(".ci/run", "cargo deny"), Setting("deny.toml", "[sources]")],
        later: Some(
            "Signed releases, a list of their parts (SBOM), and known weaknesses of these in the gate.",
        ),
    },
];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The text of a file of the repository.
fn read(path: &str) -> String {
    fs::read_to_string(repository().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn each_requirement_is_held_by_tests_that_there_are() {
    for (at, requirement) in ALL.iter().enumerate() {
        let Requirement { number, held, later, .. } = requirement;
        assert_eq!(*number, at + 1, "in the order of their numbers");
        assert!(!held.is_empty() || later.is_some(), "R{number} is held by nothing");
        for one in *held {
            match one {
                Test(path, name) => {
                    let is_there = read(path).contains(&format!("fn {name}("));
                    assert!(is_there, "R{number}: there is no test {name} in {path}");
                }
                Setting(path, words) => {
                    assert!(read(path).contains(words), "R{number}: {path} does not say {words}");
                }
            }
        }
    }
}

/// A test of this folder that stands in no line of the table would be missed by nobody.
#[test]
fn each_attack_belongs_to_a_requirement() {
    let named = ALL.iter().flat_map(|requirement| requirement.held);
    let named: BTreeSet<&str> = named
        .filter_map(|held| match held {
            Test(_, name) => Some(*name),
            Setting(..) => None,
        })
        .collect();
    let folder = repository().join("services/web-portal/tests/it/attacks");
    for entry in fs::read_dir(folder).expect("this folder") {
        let path = entry.expect("an entry").path();
        if path.ends_with("requirements.rs") {
            continue;
        }
        let source = fs::read_to_string(&path).expect("a file of tests");
        let tests = source.split("test]\n").skip(1);
        for test in tests.filter_map(|test| test.split_once("fn ")?.1.split('(').next()) {
            assert!(named.contains(test), "{test} of {} holds nothing", path.display());
        }
    }
}

#[test]
fn the_documentation_says_what_is_required() {
    let document = read("SECURITY.md");
    for Requirement { number, says, later, .. } in &ALL {
        let later = later.map(|later| format!(" *Still to come:* {later}")).unwrap_or_default();
        let row = format!("| R{number} | {says}{later} |");
        assert!(document.contains(&row), "SECURITY.md lacks the row {row}");
    }
}
