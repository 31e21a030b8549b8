//! The tests that every engine must pass: `store_suite!(open)` in a test file, where `open` makes an empty store.
//!
//! # Layout
//!
//! - `people`: users and friends
//! - `logins`: passwords, device keys, accounts that are shut or deleted
//! - `circles`: who is around a user
//! - `rooms`, `room_rules`
//! - `recall`: messages that are taken back
//! - `certificates`
//! - `plugin_values`: what plug-ins keep
//! - `messages`: numbers, cursors, what a user sees at login
//! - `delivery`: what a client gets that knows the numbers

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests: their names say what they mean")]

pub mod certificates;
pub mod circles;
pub mod delivery;
pub mod files;
pub mod logins;
pub mod messages;
pub mod people;
pub mod plugin_values;
pub mod recall;
pub mod room_rules;
pub mod rooms;

use crate::model::Creation;
use crate::store::Db;
use crate::testkit::new_user;

/// Makes a test of each behaviour; the argument is an expression of type [`Db`] that makes an empty store.
#[macro_export]
macro_rules! store_suite {
    ($open:expr) => {
        $crate::store_suite! { @each $open,
            people: names_and_emails_are_unique, a_user_is_found_by_name_prefix_and_number,
                friendship_is_asked_accepted_and_mutual,
                friends_and_requests_have_limits, crossed_requests_make_one_friendship, friends_come_in_the_order_of_becoming_friends, a_refused_request_may_come_again, a_deleted_friend_is_gone_for_both;
            logins: a_login_leaves_address_suite_and_key, a_login_counts_only_while_what_it_was_checked_against_holds,
                keys_used_longest_ago_are_forgotten, a_new_password_forgets_keys_and_replaces_only_what_it_was_meant_to,
                a_shut_account_is_opened_again, a_deleted_user_is_gone_but_not_what_was_said, users_are_listed_page_by_page;
            certificates: the_newest_valid_certificate_of_a_user_is_found,
                only_so_many_keys_of_a_user_are_kept_the_newest_ones;
            plugin_values: a_value_is_changed_only_by_who_knows_it, a_plug_in_has_a_bounded_number_of_values_listed_in_order;
            recall: a_message_is_taken_back_by_its_sender_for_a_while, who_was_in_the_room_hears_that_something_was_taken_back;
            room_rules: an_owner_who_leaves_hands_the_room_to_the_longest_member_and_the_last_one_closes_it,
                who_has_left_sees_nothing_more_until_coming_back, only_the_owner_changes_a_room,
                who_is_not_let_in_by_the_number_comes_by_invitation, the_owner_lets_in_who_asks,
                in_a_muted_room_only_the_owner_and_those_with_a_voice_speak, limits_of_a_room_hold,
                a_line_is_stored_with_the_change_and_tells_who_goes;
            files: a_file_comes_in_pieces_and_only_whole_and_right, another_content_than_announced_is_thrown_away,
                an_upload_that_was_given_up_is_gone, a_file_is_for_who_brought_it_and_who_sees_a_message_about_it,
                in_a_room_a_file_is_for_its_members_from_joining_on, the_same_content_is_stored_once_for_all_who_bring_it,
                the_oldest_files_of_a_user_make_room_for_new_ones, a_full_store_refuses_uploads_and_uploads_under_way_count,
                only_so_many_uploads_of_a_user_are_under_way, what_no_message_refers_to_is_swept_away_in_time,
                a_file_goes_with_the_message_that_is_taken_back, a_message_about_a_file_is_stored_once_under_its_name;
            circles: everybody_around_a_user_is_known_at_once;
            rooms: a_room_has_a_unique_name_and_members_in_order, joining_is_once_and_only_where_there_is_a_room;
            messages: only_friends_and_members_may_send, a_message_is_stored_once_and_numbered_without_gaps,
                a_repeated_message_is_stored_once_and_answered_alike, a_name_belongs_to_its_sender,
                commits_call_back_in_the_order_of_their_numbers, what_was_delivered_is_no_news_at_the_next_login,
                a_cursor_never_goes_back, a_page_knows_what_was_delivered_a_moment_ago,
                an_ex_friend_keeps_what_was_said, old_news_of_one_conversation_hold_back_the_newer_ones_of_another, history_is_the_newest_within_its_limits,
                news_that_do_not_fit_come_after_the_position, members_see_a_room_from_joining_on, a_late_member_pages_from_joining_on, every_position_gives_exactly_what_comes_after_it,
                pages_follow_each_other_without_gap_or_repeat;
            delivery: a_client_gets_the_newest_of_what_it_does_not_have, what_does_not_fit_is_told_and_fetched_by_pages,
                a_clock_that_goes_back_changes_no_number_and_no_order,
                a_page_stays_within_a_conversation_and_where_its_user_joined, a_cursor_moves_forward_and_not_beyond_the_last_message,
                the_senders_of_what_was_received_are_told_in_small_rooms_only, what_is_read_quietly_is_read_for_oneself_only,
                a_plain_client_has_read_what_it_has_received;
        }
    };
    (@each $open:expr, $($module:ident: $($name:ident),+;)+) => {
        $($(
            #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let db: $crate::Db = $open;
                $crate::suite::$module::$name(&db).await;
                db.close().await;
            }
        )+)+
    };
}

/// Makes users with the numbers 1, 2, 3, ….
async fn users(db: &Db, names: &[&str]) {
    for (number, name) in (1..).zip(names) {
        assert_eq!(db.create_user(new_user(name)).await.unwrap(), Creation::Created(number));
    }
}

/// Makes two users friends.
async fn befriend(db: &Db, one: u64, other: u64) {
    db.request_friend(one, other).await.unwrap();
    db.accept_friend(other, one).await.unwrap();
}
