//! The contract of the store, held by both engines.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "the stories are plain functions, which clippy does not take for tests"
)]

mod account_limits;
mod accounts;
mod alerts;
mod audit;
mod batches;
mod broadcasts;
mod bulks;
mod callbacks;
mod coming_in;
mod contact_imports;
mod contacts;
mod conversation_marks;
mod conversations;
mod credits;
mod deadlines;
mod drift;
mod group_rules;
mod history;
mod inbox;
mod keys;
mod messages;
mod migrations;
mod modem_events;
mod modems;
mod numbers;
mod opt_outs;
mod plans;
mod projection;
mod reach;
mod removed;
mod retention;
mod roles;
mod routes;
mod rows;
mod sample;
mod schedules;
mod search;
mod send_attempts;
mod service_kinds;
mod services;
mod sessions;
mod settings;
mod setup;
mod sims;
mod tallies;
mod team_book;
mod teams;
mod traffic;
mod unwritable;
mod webhooks;
mod writers;

use store::Store;
use testkit::TempDatabase;

/// An empty database with all tables, gone when dropped.
struct Fresh {
    store: Store,
    database: TempDatabase,
}

impl Fresh {
    async fn on(database: TempDatabase) -> Self {
        let store = Store::open(database.url()).await.expect("the database opens");
        store.migrate().await.expect("the database migrates");
        Self { store, database }
    }
}

async fn sqlite() -> Fresh {
    Fresh::on(TempDatabase::sqlite()).await
}

async fn postgres() -> Fresh {
    Fresh::on(TempDatabase::postgres().await).await
}

/// Runs each story on each engine.
macro_rules! contract {
    ($($module:ident: $($story:ident),* ;)*) => {
        mod on_sqlite {
            $($(#[tokio::test]
            async fn $story() {
                let fresh = crate::sqlite().await;
                let story = crate::$module::$story(fresh.store.clone());
                crate::plans::watched(fresh.database.url(), story).await;
                fresh.store.close().await;
            })*)*
        }
        mod on_postgres {
            $($(#[tokio::test]
            async fn $story() {
                let fresh = crate::postgres().await;
                crate::$module::$story(fresh.store.clone()).await;
                fresh.store.close().await;
            })*)*
        }
    };
}

contract! {
    account_limits: an_account_keeps_its_limits;
    accounts: users_are_made_found_and_changed, the_last_administrator_stays, two_administrators_cannot_take_each_other_away;
    alerts: an_alert_is_open_once_and_told_until_that_is_noted, so_many_sms_tell_of_alerts_in_a_day,
        of_what_is_over_a_thousand_are_kept, what_waits_is_counted_and_its_age_is_known,
        bulk_hides_no_message_that_waits, what_is_stuck_is_known, how_the_last_messages_fared_is_known;
    audit: what_is_done_is_told_with_its_change, entries_are_found_in_pages, many_at_once_make_one_chain;
    batches: a_batch_comes_to_its_end_once, a_batch_of_unknown_size_has_no_end;
    broadcasts: a_broadcast_is_made_changed_and_removed, orders_of_a_broadcast_go_one_way, who_is_left_out_of_an_audience_is_named,
        a_piece_becomes_messages_once, what_waits_for_credit_is_in_hand_and_a_cancel_ends_the_batch,
        bounds_of_broadcasts_hold;
    bulks: a_file_is_kept_planned_and_sent_once, old_files_are_removed;
    callbacks: a_callback_is_kept_once_and_retried, a_taken_callback_is_due_again_when_its_taker_dies,
        a_callback_stays_with_its_taker_or_is_somebody_elses;
    coming_in: an_invitation_makes_one_account, an_invitation_ends, a_password_link_sets_one_password, a_code_does_once,
        a_log_in_waits_for_its_code, sessions_are_listed_and_ended, who_acts_as_somebody_does_so_as_an_administrator;
    contact_imports: a_file_of_contacts_is_kept_and_planned, an_import_is_written_once_and_taken_back,
        what_was_changed_since_is_left_and_named, doubles_are_found_merged_and_parted_again, old_imports_are_removed,
        two_rows_of_one_contact_are_taken_back_together, merges_give_way_to_what_comes_later,
        large_sets_of_doubles_are_whole;
    contacts: contacts_are_found_by_name_in_pages, a_contact_is_changed_with_its_groups, bounds_of_contacts_hold,
        what_is_shared_is_read_by_everybody_and_changed_by_administrators, templates_are_kept,
        what_is_searched_for_is_found_in_every_alphabet, a_contact_is_in_so_many_groups_whosever_they_are,
        of_each_phone_contacts_are_found;
    conversations: a_phone_is_one_conversation, a_conversation_shows_what_its_reader_may_read, what_is_read_is_read_for_one,
        conversations_are_found_by_number_and_name, calls_that_nobody_answered_are_among_the_messages,
        many_at_once_get_their_place_later, a_conversation_is_filed_and_comes_back,
        what_a_team_keeps_is_shown_to_whoever_has_the_conversation;
    conversation_marks: conversations_of_who_may_not_answer_are_nobody_s, bounds_of_notes_and_mutes_hold;
    credits: credit_is_given_and_taken_back_and_never_below_zero, of_many_at_once_nobody_gets_more_than_there_is,
        a_block_is_a_share_and_what_is_needed_in_any_case, a_message_is_charged_once_and_refunded_once,
        an_end_that_is_told_before_its_charge_is_refunded, what_may_have_gone_is_not_refunded,
        what_is_left_of_a_block_comes_back, messages_that_wait_for_credit_are_due_when_there_is_some,
        credit_is_raised_by_the_clock_of_who_writes,
        all_that_waits_goes_on_when_an_account_is_unlimited,
        what_waits_for_credit_is_looked_at_when_prices_change, what_is_paid_for_while_it_is_held_goes_on,
        a_top_up_that_wakes_messages_is_one_entry,
        prices_are_changed_one_after_another;
    deadlines: held_messages_are_due_once, what_was_given_to_modems_before_counts_no_more,
        a_held_message_is_over_at_its_end,
        what_a_modem_has_is_found_when_nothing_is_heard_of_it,
        what_modems_were_to_take_is_found_page_by_page, a_request_come_again_settles_its_hold;
    group_rules: who_fits_a_rule_is_in_the_group, contacts_are_found_by_a_tag;
    history: what_another_gateway_did_is_brought_once, numbers_of_another_gateway_are_kept_where_they_are_free,
        an_old_password_is_good_until_another_is_set;
    inbox: the_inbox_is_shared_or_owned, who_reads_what_belongs_to_nobody, a_fuller_message_takes_the_place;
    keys: keys_open_and_stop, a_password_stands_for_a_key_at_its_door;
    messages: lists_go_newest_first_in_pages, lists_of_several_states_and_of_a_batch_go_newest_first, nobody_reads_what_is_not_theirs;
    modems: a_modem_is_named_and_disabled;
    numbers: numbers_are_never_given_twice;
    opt_outs: who_sends_stop_is_out_until_they_send_start,
        the_later_wish_holds_in_whatever_order_they_come, numbers_are_put_out_and_in_again_by_hand,
        to_be_sent_nothing_goes_before_what_was_said_here, what_cannot_ask_for_it_asks_for_nothing,
        a_phone_is_in_again_in_all_its_writings;
    plans: lists_by_their_filters;
    projection: a_message_travels_to_delivered, a_repeated_batch_changes_nothing, events_may_come_before_the_request,
        states_only_move_forward, admitted_and_released_may_be_one_event,
        where_a_message_was_admitted_to_go_is_kept_until_it_is_admitted_again, released_told_after_sending_is_late, what_the_router_tells_late_ends_no_hold, a_state_of_an_earlier_round_is_late, a_part_has_the_best_of_its_reports,
        a_report_before_sent_counts, a_report_about_nothing_is_kept, numbers_are_given_where_none_is,
        a_number_that_is_taken_is_replaced, hostile_text_is_kept, an_uncertain_resend_is_uncertain_again;
    reach: nobody_reaches_what_is_somebody_else_s;
    removed: what_was_removed_comes_back_as_it_was, what_was_removed_is_in_nobody_s_way,
        what_was_removed_is_gone_in_the_end, a_rule_says_anew_who_is_in_what_comes_back,
        who_leaves_a_group_does_not_come_back_into_it, who_is_removed_joins_no_group_at_the_same_time;
    retention: old_rows_are_removed, what_is_kept_of_a_conversation_goes_with_its_last_message;
    roles: an_operator_reaches_the_gateway_and_a_manager_what_is_shared;
    routes: rules_are_changed_one_after_another_and_taken_back, as_many_versions_are_kept_as_is_said,
        of_two_who_change_the_same_rules_one_is_told;
    schedules: a_schedule_is_made_changed_and_removed, groups_of_a_schedule_are_those_of_its_owner,
        bounds_of_schedules_hold, a_time_becomes_messages_once, a_time_goes_by_and_says_why;
    search: words_and_parts_of_numbers_are_found, whatever_is_typed_is_only_looked_for,
        what_is_found_is_in_reach, a_search_goes_on_in_pages, what_is_deleted_is_found_no_more;
    send_attempts: an_attempt_is_known_again_for_a_day, of_many_at_once_one_is_first;
    service_kinds: the_first_answer_of_a_phone_counts, a_board_shows_its_last_texts_to_everybody,
        a_phone_is_asked_by_one_service_at_a_time, few_pins_are_tried,
        a_machine_that_is_asked_for_codes_is_asked_no_more, a_pin_is_struck_and_a_copy_is_taken_by_nobody,
        a_vote_is_of_a_phone_however_its_number_is_written;
    services: a_service_is_made_shown_and_removed, a_service_is_changed, the_first_that_fits_takes_a_message,
        a_message_is_one_call_and_a_call_one_reply, calls_wait_until_the_gateway_resumes,
        a_sender_is_sent_so_many_replies_and_no_more,
        a_sender_is_put_into_a_group_once_and_taken_out, a_machine_that_answers_is_sent_nothing_for_a_while,
        a_sender_has_one_vote_and_the_later_one_counts;
    sessions: sessions_last_and_end, looking_prolongs_nothing;
    settings: what_is_done_to_the_gateway_is_remembered, settings_are_as_they_are_now, what_is_taken_away_is_told;
    setup: the_first_administrator_is_made_once, a_setup_link_is_voided,
        a_setup_link_ends_by_itself_and_not_by_a_restart;
    sims: a_sim_says_who_may_use_it, a_sim_keeps_its_limits;
    tallies: counts_are_what_the_messages_say, counts_stay_when_messages_go, counts_are_seen_by_who_sees_the_messages;
    team_book: what_a_team_has_is_its_users_alone, a_group_of_a_team_follows_its_contacts, what_a_team_has_is_sent_to_by_its_users,
        bounds_of_what_a_team_has_hold;
    teams: a_sim_of_a_team_is_for_its_users_alone, bounds_of_teams_hold,
        a_manager_sees_the_messages_of_the_users_of_their_teams;
    traffic: what_came_and_went_is_counted_for_a_time;
    webhooks: an_endpoint_is_made_changed_and_removed, events_wait_in_order_and_none_overtakes,
        a_lane_is_one_taker_s_or_another_s, an_endpoint_that_is_disabled_keeps_what_waits,
        tests_go_first_and_replays_in_their_old_order, old_events_of_endpoints_are_removed,
        a_change_ends_the_hold_of_a_lane, the_lane_of_a_disabled_account_stops,
        what_waits_for_a_disabled_endpoint_is_removed_in_the_end, the_lanes_of_one_account_leave_room_for_others,
        replays_find_room_or_are_refused, what_an_account_may_not_see_is_withdrawn,
        what_is_received_waits_until_the_gateway_resumes, an_answer_is_kept_with_what_was_taken;
}
