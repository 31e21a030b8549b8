//! What members and owners do with a room, in SQL: every right is checked here, in the transaction that changes it.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::friends::are_friends;
use super::messages::{ROOM, store};
use super::rooms::{add_member, is_member, member_ids};
use super::{USER, id, limit, user_row};
use crate::model::{NewMessage, Room, RoomId, Target, User, UserId};
use crate::room_rules::{Entry, RoomAction, RoomChange, RoomChanged, RoomLine, RoomRefusal, RoomState};

/// What a change comes to.
type Outcome<T> = rusqlite::Result<Result<T, RoomRefusal>>;

/// `kind` of an invitation in `room_open`.
pub(super) const INVITED: i64 = 0;
/// `kind` of a request.
pub(super) const ASKED: i64 = 1;

/// The rules of a room. Where no owner is written down the room is the longest member's.
pub(super) const STATE: &str = "SELECT r.id, r.room_name, coalesce(r.owner_id,
        (SELECT m.user_id FROM room_user m WHERE m.room_id = r.id ORDER BY m.id LIMIT 1)), r.entry, r.muted
    FROM rooms r WHERE r.id = ?1";

fn state_row(row: &Row<'_>) -> rusqlite::Result<RoomState> {
    let entry = match row.get::<_, i64>(3)? {
        1 => Entry::Invitation,
        2 => Entry::Approval,
        _ => Entry::Open,
    };
    let room = Room { id: row.get(0)?, name: row.get(1)? };
    Ok(RoomState { room, owner: row.get(2)?, entry, muted: row.get(4)? })
}

pub(super) fn state(connection: &Connection, room: RoomId) -> rusqlite::Result<Option<RoomState>> {
    connection.prepare_cached(STATE)?.query_row([id(room)], state_row).optional()
}

/// Does it, with the line that tells the members, or refuses it before anything has changed.
pub(super) fn change(connection: &Connection, change: &RoomChange, line: RoomLine) -> Outcome<RoomChanged> {
    let Some(before) = state(connection, change.room)? else { return Ok(Err(RoomRefusal::NoSuchRoom)) };
    if let Some(refusal) = refused(connection, change, &before)? {
        return Ok(Err(refusal));
    }
    let members = member_ids(connection, change.room)?;
    let done = Done { connection, change, state: before, members, line };
    done.run()
}

/// Whether the actor may do it, and whether it can be done.
fn refused(
    connection: &Connection,
    change: &RoomChange,
    state: &RoomState,
) -> rusqlite::Result<Option<RoomRefusal>> {
    use RoomAction as A;
    let (actor, room) = (change.actor, change.room);
    let member = is_member(connection, actor, room)?;
    match &change.action {
        A::Enter | A::Answer(_) => Ok(member.then_some(RoomRefusal::AlreadyMember)),
        _ if !member => Ok(Some(RoomRefusal::NotMember)),
        A::Leave => Ok(None),
        A::Invite(user) => refused_invitation(connection, actor, *user, room),
        _ if state.owner != Some(actor) => Ok(Some(RoomRefusal::NotOwner)),
        A::Remove(user) | A::HandOver(user) | A::SetVoice(user, _) if *user == actor => {
            Ok(Some(RoomRefusal::Yourself))
        }
        A::Remove(user) | A::HandOver(user) | A::SetVoice(user, _) => {
            Ok((!is_member(connection, *user, room)?).then_some(RoomRefusal::NoSuchMember))
        }
        A::Rename(name) => {
            let sql = "SELECT 1 FROM rooms WHERE name_key = ?1 AND id <> ?2";
            let taken = connection.prepare_cached(sql)?.exists(params![name.to_lowercase(), id(room)])?;
            Ok(taken.then_some(RoomRefusal::NameTaken))
        }
        A::SetEntry(_) | A::SetMuted(_) | A::Resolve(..) | A::Close => Ok(None),
    }
}

fn refused_invitation(
    connection: &Connection,
    actor: UserId,
    user: UserId,
    room: RoomId,
) -> rusqlite::Result<Option<RoomRefusal>> {
    // Friends first: nobody learns who is there by inviting strangers.
    if !are_friends(connection, actor, user)? {
        return Ok(Some(RoomRefusal::NotFriends));
    }
    Ok(is_member(connection, user, room)?.then_some(RoomRefusal::AlreadyMember))
}

/// A change that is allowed, on its way.
struct Done<'a> {
    connection: &'a Connection,
    change: &'a RoomChange,
    state: RoomState,
    /// The members before it.
    members: Vec<UserId>,
    line: RoomLine,
}

impl Done<'_> {
    fn run(self) -> Outcome<RoomChanged> {
        use RoomAction as A;
        let (actor, room) = (self.change.actor, self.change.room);
        match self.change.action.clone() {
            A::Enter => self.enter(),
            A::Answer(accept) => self.answer(INVITED, actor, accept),
            A::Resolve(user, accept) => self.answer(ASKED, user, accept),
            A::Invite(user) => self.invite(user),
            A::Leave => self.leave(),
            A::Remove(user) => {
                let (connection, told) = (self.connection, self.told(None, None, false)?);
                drop_member(connection, user, room)?;
                Ok(Ok(told))
            }
            A::Close => {
                let (connection, told) = (self.connection, self.told(None, None, true)?);
                close(connection, room)?;
                Ok(Ok(told))
            }
            A::Rename(name) => {
                let sql = "UPDATE rooms SET room_name = ?2, name_key = ?3 WHERE id = ?1";
                self.connection.prepare_cached(sql)?.execute(params![id(room), name, name.to_lowercase()])?;
                self.changed()
            }
            A::HandOver(user) => self.set("UPDATE rooms SET owner_id = ?2 WHERE id = ?1", id(user)),
            A::SetEntry(entry) => self.set("UPDATE rooms SET entry = ?2 WHERE id = ?1", entry_number(entry)),
            A::SetMuted(muted) => self.set("UPDATE rooms SET muted = ?2 WHERE id = ?1", i64::from(muted)),
            A::SetVoice(user, voice) => {
                let sql = "UPDATE room_user SET voice = ?3 WHERE room_id = ?1 AND user_id = ?2";
                self.connection.prepare_cached(sql)?.execute(params![id(room), id(user), voice])?;
                self.changed()
            }
        }
    }

    fn set(self, sql: &str, value: i64) -> Outcome<RoomChanged> {
        self.connection.prepare_cached(sql)?.execute(params![id(self.change.room), value])?;
        self.changed()
    }

    /// Nobody came or went.
    fn changed(mut self) -> Outcome<RoomChanged> {
        if let Some(state) = state(self.connection, self.change.room)? {
            self.state = state;
        }
        self.told(None, None, false).map(Ok)
    }

    fn enter(self) -> Outcome<RoomChanged> {
        let invited = self.open(INVITED, self.change.actor)?;
        match self.state.entry {
            Entry::Invitation if !invited => Ok(Err(RoomRefusal::InvitationOnly)),
            Entry::Approval if !invited => self.ask(),
            _ => {
                let actor = self.change.actor;
                self.join(actor)
            }
        }
    }

    fn ask(self) -> Outcome<RoomChanged> {
        let (actor, room) = (self.change.actor, self.change.room);
        if self.open(ASKED, actor)? {
            return Ok(Err(RoomRefusal::AlreadyAsked));
        }
        self.wait(ASKED, actor, room)
    }

    fn invite(self, user: UserId) -> Outcome<RoomChanged> {
        if self.open(INVITED, user)? {
            return Ok(Err(RoomRefusal::AlreadyAsked));
        }
        let sql = "SELECT count(*) FROM room_open WHERE user_id = ?1 AND kind = ?2";
        let open: i64 =
            self.connection.prepare_cached(sql)?.query_row(params![id(user), INVITED], |row| row.get(0))?;
        if open >= limit(self.change.most_waiting) {
            return Ok(Err(RoomRefusal::TooManyOpen));
        }
        let room = self.change.room;
        self.wait(INVITED, user, room)
    }

    /// Notes an invitation or a request; nothing is told to the members.
    fn wait(self, kind: i64, user: UserId, room: RoomId) -> Outcome<RoomChanged> {
        let sql = "SELECT count(*) FROM room_open WHERE room_id = ?1 AND kind = ?2";
        let open: i64 =
            self.connection.prepare_cached(sql)?.query_row(params![id(room), kind], |row| row.get(0))?;
        if open >= limit(self.change.most_waiting) {
            return Ok(Err(RoomRefusal::TooManyOpen));
        }
        let sql = "INSERT INTO room_open (room_id, user_id, kind, by_user_id) VALUES (?1, ?2, ?3, ?4)";
        self.connection.prepare_cached(sql)?.execute(params![
            id(room),
            id(user),
            kind,
            id(self.change.actor)
        ])?;
        Ok(Ok(self.quiet()))
    }

    fn answer(self, kind: i64, user: UserId, accept: bool) -> Outcome<RoomChanged> {
        if !self.open(kind, user)? {
            return Ok(Err(RoomRefusal::NothingOpen));
        }
        if accept {
            return self.join(user);
        }
        let sql = "DELETE FROM room_open WHERE room_id = ?1 AND user_id = ?2 AND kind = ?3";
        self.connection.prepare_cached(sql)?.execute(params![id(self.change.room), id(user), kind])?;
        Ok(Ok(self.quiet()))
    }

    fn open(&self, kind: i64, user: UserId) -> rusqlite::Result<bool> {
        let sql = "SELECT 1 FROM room_open WHERE room_id = ?1 AND user_id = ?2 AND kind = ?3";
        self.connection.prepare_cached(sql)?.exists(params![id(self.change.room), id(user), kind])
    }

    fn join(mut self, user: UserId) -> Outcome<RoomChanged> {
        if self.members.contains(&user) {
            return Ok(Err(RoomRefusal::AlreadyMember));
        }
        if self.members.len() >= self.change.most_members {
            return Ok(Err(RoomRefusal::Full));
        }
        let room = self.change.room;
        let sql = "DELETE FROM room_open WHERE room_id = ?1 AND user_id = ?2";
        self.connection.prepare_cached(sql)?.execute(params![id(room), id(user)])?;
        add_member(self.connection, user, room)?;
        self.members.push(user);
        self.told(None, Some(user), false).map(Ok)
    }

    fn leave(mut self) -> Outcome<RoomChanged> {
        let (actor, room) = (self.change.actor, self.change.room);
        let heir = self.members.iter().copied().find(|member| *member != actor);
        let Some(heir) = heir else {
            let (connection, told) = (self.connection, self.told(None, None, true)?);
            close(connection, room)?;
            return Ok(Ok(told));
        };
        let mut named = None;
        if self.state.owner == Some(actor) {
            let sql = "UPDATE rooms SET owner_id = ?2 WHERE id = ?1";
            self.connection.prepare_cached(sql)?.execute(params![id(room), id(heir)])?;
            self.state.owner = Some(heir);
            named = user(self.connection, heir)?;
        }
        let (connection, told) = (self.connection, self.told(named, None, false)?);
        drop_member(connection, actor, room)?;
        Ok(Ok(told))
    }

    /// A change that the members are not told of.
    fn quiet(self) -> RoomChanged {
        let (state, concerned) = (self.state, self.members);
        RoomChanged { state, concerned, heir: None, joined: None, closed: false, line: None }
    }

    /// A change with its line. Who goes is told too, so this comes before the going.
    fn told(self, heir: Option<User>, joined: Option<UserId>, closed: bool) -> rusqlite::Result<RoomChanged> {
        let (state, concerned) = (self.state, self.members);
        let mut changed = RoomChanged { state, concerned, heir, joined, closed, line: None };
        if let Some(body) = (self.line)(&changed) {
            let target = Target::Room(self.change.room);
            let (sender, time_ms) = (self.change.actor, self.change.time_ms);
            let new = NewMessage { sender, target, body, time_ms, sent: true };
            changed.line = Some(store(self.connection, None, &new, changed.concerned.clone())?);
        }
        Ok(changed)
    }
}

fn entry_number(entry: Entry) -> i64 {
    match entry {
        Entry::Open => 0,
        Entry::Invitation => 1,
        Entry::Approval => 2,
    }
}

fn user(connection: &Connection, user: UserId) -> rusqlite::Result<Option<User>> {
    let sql = format!("SELECT {USER} FROM users u WHERE u.id = ?1");
    connection.prepare_cached(&sql)?.query_row([id(user)], user_row).optional()
}

/// Who has left sees nothing of the room any more, also not what was said before.
fn drop_member(connection: &Connection, user: UserId, room: RoomId) -> rusqlite::Result<()> {
    let sql = "DELETE FROM room_user WHERE room_id = ?1 AND user_id = ?2";
    connection.prepare_cached(sql)?.execute(params![id(room), id(user)])?;
    // Invitations that only a member could give are worth nothing once he is gone.
    let sql = "DELETE FROM room_open WHERE room_id = ?1 AND by_user_id = ?2";
    connection.prepare_cached(sql)?.execute(params![id(room), id(user)])?;
    let sql = "DELETE FROM cursors WHERE user_id = ?2 AND conversation_id IN
               (SELECT id FROM conversations WHERE target_type = ?3 AND low = ?1 AND high = 0)";
    connection.prepare_cached(sql)?.execute(params![id(room), id(user), ROOM]).map(|_| ())
}

/// What was said is kept, but nobody sees it. The number is not given out again.
fn close(connection: &Connection, room: RoomId) -> rusqlite::Result<()> {
    for sql in [
        "DELETE FROM room_open WHERE room_id = ?1",
        "DELETE FROM room_user WHERE room_id = ?1",
        "DELETE FROM cursors WHERE conversation_id IN
             (SELECT id FROM conversations WHERE target_type = 1 AND low = ?1 AND high = 0)",
        "DELETE FROM rooms WHERE id = ?1",
    ] {
        connection.prepare_cached(sql)?.execute([id(room)])?;
    }
    Ok(())
}
