//! Cursors that have moved and are not written yet: one entry a user and conversation.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::model::{ConversationId, Cursor, UserId};

/// How far one user is in each conversation.
pub(super) type Positions = HashMap<ConversationId, Cursor>;

/// How far users are in their conversations.
pub(super) type Moved = HashMap<UserId, Positions>;

/// What waits, and what a commit is just writing: a reader must know of both.
#[derive(Default)]
pub(super) struct Cursors(Mutex<State>);

#[derive(Default)]
struct State {
    moved: Moved,
    writing: Arc<Moved>,
}

impl Cursors {
    /// Moves a cursor; true if none waited before, so that somebody must see to its being written.
    pub(super) fn move_to(&self, user: UserId, conversation: ConversationId, to: Cursor) -> bool {
        let mut state = self.state();
        let first = state.moved.is_empty();
        advance(&mut state.moved, user, conversation, to);
        first
    }

    /// Whether the database knows all of them.
    pub(super) fn are_written(&self) -> bool {
        let state = self.state();
        state.moved.is_empty() && state.writing.is_empty()
    }

    /// Whether some wait for a commit.
    pub(super) fn are_waiting(&self) -> bool {
        !self.state().moved.is_empty()
    }

    /// What the database may not know of one user.
    pub(super) fn of(&self, user: UserId) -> Positions {
        let state = self.state();
        let mut positions = state.writing.get(&user).cloned().unwrap_or_default();
        for (conversation, to) in state.moved.get(&user).into_iter().flatten() {
            let position = positions.entry(*conversation).or_default();
            *position = position.max(*to);
        }
        positions
    }

    /// What the commit that begins now has to write.
    pub(super) fn begin(&self) -> Arc<Moved> {
        let mut state = self.state();
        state.writing = Arc::new(std::mem::take(&mut state.moved));
        Arc::clone(&state.writing)
    }

    /// That commit is over; what it could not write waits for the next one.
    pub(super) fn end(&self, written: bool) {
        let mut state = self.state();
        let writing = std::mem::take(&mut state.writing);
        if !written {
            for (user, positions) in writing.iter() {
                for (conversation, to) in positions {
                    advance(&mut state.moved, *user, *conversation, *to);
                }
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn advance(moved: &mut Moved, user: UserId, conversation: ConversationId, to: Cursor) {
    let position = moved.entry(user).or_default().entry(conversation).or_default();
    *position = position.max(to);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(received: u64) -> Cursor {
        Cursor { received, ..Cursor::default() }
    }

    #[test]
    fn a_reader_knows_of_cursors_that_are_just_being_written() {
        let cursors = Cursors::default();
        assert!(cursors.move_to(1, 7, at(3)), "the first one");
        assert!(!cursors.move_to(1, 8, at(1)));
        let written = cursors.begin();
        assert_eq!(written[&1], Positions::from([(7, at(3)), (8, at(1))]));
        assert!(cursors.move_to(1, 7, at(5)), "nothing waited");
        assert_eq!(cursors.of(1), Positions::from([(7, at(5)), (8, at(1))]));
        assert!(!cursors.are_written());
        cursors.end(true);
        assert_eq!(cursors.of(1), Positions::from([(7, at(5))]));
    }

    #[test]
    fn what_a_commit_could_not_write_waits_for_the_next_one_and_does_not_go_back() {
        let cursors = Cursors::default();
        cursors.move_to(1, 7, at(9));
        cursors.begin();
        cursors.move_to(1, 7, at(4));
        cursors.end(false);
        assert!(cursors.are_waiting());
        assert_eq!(cursors.begin()[&1], Positions::from([(7, at(9))]));
        cursors.end(true);
        assert!(cursors.are_written());
    }
}
