//! What the window shows and what the user can do, without a single widget: messages go in, changes come out.
//!
//! - [`form`]: the sign-in form
//! - `sign_in`, `news`, `chat`, `numbers`, `pages`, `people`, [`rooms`], [`trust`]: what each kind of message does
//! - [`order`]: what the widgets are told

mod chat;
mod files;
pub mod form;
mod msg;
mod news;
mod notice;
mod numbers;
pub mod order;
pub mod pages;
mod people;
pub mod rooms;
mod sign_in;
pub mod trust;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::time::{SystemTime, UNIX_EPOCH};

use uchat_client_core::attachment::Attachment;
use uchat_client_core::state::Bounds;
use uchat_client_core::{Command, ConversationId, Effect, Home, RequestError, Safety, State};
use uchat_codec::SuiteName;
use uchat_codec::chat::FoundUser;

pub use self::chat::MAX_TEXT;
use self::files::FileDesk;
use self::form::Form;
pub use self::msg::{Msg, Setting};
pub use self::notice::{Notice, Tone};
use self::order::{Changes, Order};
use self::rooms::RoomDesk;
use self::trust::PasswordForm;
use crate::conversation::RowKey;
use crate::design::{Theme, ThemeName};
use crate::disk::{Disk, Found};
use crate::network::{Bell, Network};
use crate::settings::Settings;
use crate::texts::Texts;

/// How many messages of a conversation the state itself keeps: enough to tell what is new after a reconnect.
const RECENT: usize = 300;

/// What the window is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// Signing in or registering.
    SignIn,
    /// Contacts and conversations.
    Main,
}

/// What the pane beside the contacts shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// The open conversation, or a friendly nothing.
    Chat,
    /// Add a friend, join or create a room.
    New,
    /// Who the conversation is with.
    Details,
    /// The rules of the open room, for its owner.
    Rules,
    /// Friends who can be invited into the open room.
    Invite,
    /// A member of the open room, for its owner.
    Member(u64),
    /// What can be chosen.
    Settings,
    /// Search in all messages.
    Search,
    /// Another password.
    Password,
    /// An image, large.
    Image(Attachment),
}

/// The whole window as data.
#[expect(clippy::struct_excessive_bools, reason = "each tells of something else")]
pub struct App {
    /// Where everything of this user is.
    pub home: Home,
    /// What was chosen.
    pub settings: Settings,
    /// The texts of the chosen language.
    pub texts: Rc<Texts>,
    /// The colours of the chosen theme.
    pub theme: Theme,
    /// Sign-in or main.
    pub screen: Screen,
    /// The right pane.
    pub page: Page,
    /// The sign-in form.
    pub form: Form,
    /// Contacts, counts, requests, what is on its way.
    pub state: State,
    /// How the present connection is protected.
    pub suite: Option<SuiteName>,
    /// A line for the user, in the bar.
    pub notice: Option<Notice>,
    /// What was written and not sent, by conversation.
    pub drafts: HashMap<ConversationId, String>,
    /// Found users on the page of new contacts.
    pub found_users: Vec<FoundUser>,
    /// What is said under the search of users, and under the rooms.
    pub friend_note: String,
    /// See `friend_note`.
    pub room_note: String,
    /// Whether the first of two clicks of a deletion was made.
    pub asks_delete: bool,
    /// What the pages of a room show besides the room.
    pub desk: RoomDesk,
    /// The filter above the list.
    pub filter: String,
    /// Found messages.
    pub found: Vec<Found>,
    /// The safety number that was asked for last.
    pub safety: Option<Safety>,
    /// The key of a server that is not the one that was there before: signing in needs the user's word.
    pub untrusted: Option<[u8; 32]>,
    /// The key that the server has proved to have, over the strong suite.
    pub server_key: Option<[u8; 32]>,
    /// The dialogue about a new password.
    pub password: PasswordForm,
    /// Whether the window is in front: no notices then.
    pub in_front: bool,
    /// What has to be drawn again.
    pub changes: Changes,
    /// What the widgets are told.
    pub orders: Vec<Order>,
    /// Files on their way.
    files: FileDesk,
    /// The user has given that word.
    trusted: Option<[u8; 32]>,
    /// Friends whose verified keys have changed, as far as is known.
    changed_keys: HashMap<u64, [u8; 32]>,
    /// Whether there was a connection since the start, or none could be made.
    tried: bool,
    pending: Option<Pending>,
    searched: String,
    user_search: Option<u64>,
    nudge_call: Option<u64>,
    recall_call: Option<u64>,
    /// Where older messages were asked for at the server, until they come.
    asked_older: Option<RowKey>,
    /// Older messages that are on their way to the disk: where they are to be shown, and before which.
    fetched_before: Option<(ConversationId, RowKey)>,
    /// Messages that were missing are on their way to the disk.
    fetched_between: Option<ConversationId>,
    /// The smallest number of the open conversation that is on the disk.
    oldest: Option<u64>,
    /// Whether the disk has nothing older of it than what is shown.
    disk_ends: bool,
    /// Own messages that are on the disk until the server has confirmed them.
    outbox: HashSet<u64>,
    network: Network,
    disk: Disk,
    bell: Bell,
    dark_system: bool,
}

/// A sign-in that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pending {
    /// The login is to be sent, or its answer to come.
    Login,
    /// The same for a registration.
    Register,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("screen", &self.screen).field("page", &self.page).finish_non_exhaustive()
    }
}

impl App {
    /// A window that shows the sign-in form. `dark_system`: what "as the system has it" means.
    pub fn new(home: Home, settings: Settings, bell: Bell, dark_system: bool) -> std::io::Result<Self> {
        let network = Network::new(home.clone(), bell.clone())?;
        let disk = Disk::start(home.clone(), bell.clone())?;
        Ok(Self {
            texts: Rc::new(Texts::new(settings.language())),
            theme: theme_of(&settings, dark_system),
            screen: Screen::SignIn,
            page: Page::Chat,
            form: Form::new(settings.server.clone(), settings.username.clone()),
            state: Self::fresh_state(),
            suite: None,
            notice: None,
            drafts: HashMap::new(),
            found_users: Vec::new(),
            friend_note: String::new(),
            room_note: String::new(),
            asks_delete: false,
            desk: RoomDesk::default(),
            filter: String::new(),
            found: Vec::new(),
            safety: None,
            untrusted: None,
            server_key: None,
            password: PasswordForm::default(),
            trusted: None,
            changed_keys: HashMap::new(),
            tried: false,
            in_front: true,
            changes: Changes::all(),
            orders: Vec::new(),
            files: FileDesk::default(),
            pending: None,
            searched: String::new(),
            user_search: None,
            nudge_call: None,
            recall_call: None,
            asked_older: None,
            fetched_before: None,
            fetched_between: None,
            oldest: None,
            disk_ends: false,
            outbox: HashSet::new(),
            home,
            settings,
            network,
            disk,
            bell,
            dark_system,
        })
    }

    fn fresh_state() -> State {
        State::new(Bounds { messages: RECENT, history_bytes: 256 * 1024, ..Bounds::default() })
            .naming(rand::random())
    }

    /// The only key that the server may show at the first sign-in, as its operator has told.
    pub fn expect_server(&mut self, key: [u8; 32]) {
        self.trusted = Some(key);
    }

    /// Does what the user wants.
    pub fn update(&mut self, msg: Msg) {
        match msg {
            Msg::Typed(field, value) => self.typed(field, value),
            Msg::Sex(sex) => self.form.sex = sex,
            Msg::Age(age) => self.form.age = age,
            Msg::Submit => self.submit(),
            Msg::SwitchFace => self.switch_face(),
            Msg::SwitchSuite => self.switch_suite(),
            Msg::TrustServer => self.trust_server(),
            Msg::Verify => self.verify(),
            Msg::ChangePassword(old, new, again) => self.change_password(old, new, &again),
            Msg::SwitchLanguage => self.set(Setting::Language(self.texts.language().other())),
            Msg::Open(id) => self.open(id),
            Msg::Back => self.back(),
            Msg::Filter(text) => {
                self.filter = text;
                self.changes.contacts = true;
            }
            Msg::Answer(user, accept) => self.answer(user, accept),
            Msg::Go(page) => self.go(page),
            Msg::FindUsers(prefix) => self.find_users(&prefix),
            Msg::AddFriend(name) => self.add_friend(&name),
            Msg::JoinRoom(number) => self.join_room(&number),
            Msg::CreateRoom(name) => self.create_room(&name),
            Msg::AskDelete(asks) => {
                self.asks_delete = asks;
                self.changes.page = true;
            }
            Msg::Nudge => self.nudge(),
            Msg::Room(msg) => self.room_msg(msg),
            Msg::DeleteFriend => self.delete_friend(),
            Msg::Member(id, name) => self.member(id, &name),
            Msg::Send(text) => self.send_text(&text),
            Msg::Draft(text) => self.draft(text),
            Msg::TooLong => self.too_long(),
            Msg::Attach(path) => self.attach(path),
            Msg::Paste(png) => self.send_file(png),
            Msg::Asked(asked) => self.asked(asked),
            Msg::SaveAs(from, to) => self.disk.copy_file(from, to),
            Msg::Search(text) => self.search(&text),
            Msg::Reveal(at) => self.reveal(at),
            Msg::Set(setting) => self.set(setting),
            Msg::BarAction => self.bar_action(),
            Msg::BarClose => {
                self.notice = None;
                self.changes.bar = true;
            }
            Msg::ChooseDownloads => self.orders.push(Order::ChooseDownloads),
            Msg::SignOut => self.sign_out(None),
        }
    }

    /// Takes in what has come from network and disk: at most so much that the window stays lively. True when more is
    /// waiting.
    pub fn take_news(&mut self, most: usize) -> bool {
        self.bell.answered();
        for _ in 0..most {
            if let Some(event) = self.network.take() {
                self.event(event);
            } else if let Some(event) = self.network.take_file() {
                self.file_event(event);
            } else if let Some(reply) = self.disk.take() {
                self.reply(reply);
            } else {
                return false;
            }
        }
        self.bell.ring();
        true
    }

    /// Runs a command through the state and does what follows from it.
    fn command(&mut self, command: Command) {
        let effects = self.state.update(command);
        self.follow(effects);
    }

    fn follow(&mut self, effects: Vec<Effect>) {
        if effects.iter().any(|effect| matches!(effect, Effect::OutgoingChanged(_))) {
            self.keep_outgoing();
        }
        for effect in effects {
            match effect {
                Effect::Request(request) => {
                    if let Some(Err(error)) = self.network.current().map(|client| client.request(&request)) {
                        self.tell(error.to_string());
                    }
                }
                Effect::Send { id, request } => {
                    let client = self.network.current().ok_or(RequestError::NotConnected);
                    if let Err(why) = client.and_then(|client| client.request(&request)) {
                        if !why.is_passing() {
                            self.tell(why.to_string());
                        }
                        self.command(Command::NotSent { id, why });
                    }
                }
                Effect::SaveFile { name, data } => self.disk.save_file(name, data),
                Effect::ContactsChanged | Effect::RequestsChanged => {
                    (self.changes.contacts, self.changes.head) = (true, true);
                }
                Effect::ConversationChanged(id) if self.state.open_conversation() == Some(id) => {
                    self.changes.head = true;
                }
                Effect::OutgoingChanged(id) if self.state.open_conversation() == Some(id) => {
                    self.show_outgoing();
                }
                Effect::Read(place) => {
                    if let Some(client) = self.network.current() {
                        client.read(place, !self.settings.tell_read);
                    }
                }
                Effect::ReachedChanged(id) if self.state.open_conversation() == Some(id) => {
                    self.show_reached(id);
                }
                Effect::Notify(id) => self.notify(id),
                Effect::MembersChanged(_) => (self.changes.head, self.changes.page) = (true, true),
                Effect::LinkChanged => {
                    (self.changes.bar, self.changes.head) = (true, true);
                }
                Effect::ConversationChanged(_) | Effect::OutgoingChanged(_) | Effect::ReachedChanged(_) => {}
            }
        }
    }

    /// The window's title, with the number of unread messages.
    pub fn title(&self) -> String {
        let unread = self.state.unread();
        let name = self.state.me().filter(|_| self.screen == Screen::Main).map(|me| me.username.as_str());
        match (unread, name) {
            (0, None) => "Uchat".to_owned(),
            (0, Some(name)) => format!("{name} – Uchat"),
            (unread, Some(name)) => format!("({unread}) {name} – Uchat"),
            (unread, None) => format!("({unread}) Uchat"),
        }
    }

    /// Ends everything in order: drafts and settings are on the disk afterwards.
    pub fn close(mut self) {
        self.keep_unsent();
        self.save_settings();
        self.network.hang_up();
        self.disk.finish();
    }
}

fn theme_of(settings: &Settings, dark_system: bool) -> Theme {
    let dark = match settings.theme {
        ThemeName::System => dark_system,
        ThemeName::Light => false,
        ThemeName::Dark => true,
    };
    if dark { Theme::dark(settings.accent) } else { Theme::light(settings.accent) }
}

/// Now, in milliseconds since 1970 UTC.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
