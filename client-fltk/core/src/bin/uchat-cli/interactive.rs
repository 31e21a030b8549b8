//! A chat in a terminal: incoming lines above a prompt.

pub(crate) mod files;
mod passwords;
mod rooms;

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use uchat_client_core::json::Target;
use uchat_client_core::request::Registration;
use uchat_client_core::sanitise::line;
use uchat_client_core::state::ConversationId;
use uchat_client_core::{Command, Event, EventStream, Place, Request, RoomAct};
use uchat_codec::chat::{RECALL, RecallAsked};
use uchat_codec::{SuiteName, to_value};

use crate::app::{App, Seen};
use crate::args::Args;
use crate::files::Files;
use crate::input::{Ask, Input};
use crate::screen::Screen;
use crate::slash::Typed;
use crate::texts::Language;
use passwords::Awaited;

/// How many messages are shown when a conversation is opened.
const SHOWN: usize = 20;

struct Chat {
    app: App,
    screen: Screen,
    language: Language,
    /// What the next, hidden, line completes.
    awaited: Option<Awaited>,
    /// Who has asked to be registered: logged in as soon as that has worked.
    newcomer: Option<Registration>,
    /// The call that changes the password.
    changing: Option<u64>,
    /// Whether the connection is over the strong suite.
    strong: bool,
    files: Files,
    /// How far which file is, as it was said last.
    quarter: Option<(u64, u64)>,
}

/// Until `/quit` or the end of input.
pub(crate) async fn run(app: App, mut events: EventStream, args: &Args) -> anyhow::Result<ExitCode> {
    let language = args.lang.unwrap_or_else(Language::of_environment);
    let mut chat = Chat {
        files: Files::new(&app.client),
        quarter: None,
        app,
        screen: Screen::new(),
        language,
        awaited: None,
        newcomer: None,
        changing: None,
        strong: true,
    };
    let mut input = Input::start();
    let mut was_connected = false;
    chat.screen.print(language.pick("输入 /help 查看命令", "/help shows what there is to type"))?;
    loop {
        let ask = if chat.awaited.is_some() { Ask::Hidden } else { Ask::Line };
        tokio::select! {
            event = events.recv() => {
                let Some(event) = event else { break };
                was_connected |= matches!(event, Event::Connected { .. });
                let is_lost = matches!(event, Event::Disconnected { .. });
                chat.hear(event).await?;
                if args.once && is_lost {
                    break;
                }
            }
            news = chat.files.next() => {
                if let Some(news) = news {
                    chat.moved(news).await?;
                }
            }
            typed = input.line(ask) => {
                let Some(typed) = typed else { break };
                if !chat.typed(&typed).await? {
                    break;
                }
            }
        }
    }
    chat.app.client.disconnect();
    // What was typed last goes out before the program ends.
    let _ = tokio::time::timeout(Duration::from_secs(5), async {
        while chat.app.client.is_connected() && events.recv().await.is_some() {}
    })
    .await;
    Ok(if args.once && !was_connected { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

impl Chat {
    fn say(&self, zh: &'static str, en: &'static str) -> std::io::Result<()> {
        self.screen.print(self.language.pick(zh, en))
    }

    async fn hear(&mut self, event: Event) -> anyhow::Result<()> {
        let text = match &event {
            Event::CallAnswer { id, outcome: Ok(_) } if self.changing == Some(*id) => {
                Some(self.language.pick("密码已修改", "the password was changed").to_owned())
            }
            Event::RoomChanged(news) if self.is_read(news) => None,
            event => self.language.event(event),
        };
        let at = match &event {
            Event::Message(new) if new.message.target_type == 1 => {
                Some(ConversationId::Room(new.message.target_id))
            }
            Event::Message(new) => Some(ConversationId::Friend(new.message.target_id)),
            _ => None,
        };
        if let Event::Connected { suite, .. } = &event {
            self.strong = *suite == SuiteName::Strong;
        }
        let is_bundle = matches!(event, Event::Bundle(_));
        let newcomer = match &event {
            Event::Registered(_) => self.newcomer.take(),
            Event::UsernameTaken | Event::Failure(_) | Event::Disconnected { .. } => {
                self.newcomer = None;
                None
            }
            _ => None,
        };
        let time = if let Event::Message(new) = &event { new.message.time } else { 0 };
        if let Err(error) = self.app.take(event.clone()).await {
            self.screen.print(&line(&error.to_string()))?;
        }
        if let Some(text) = text {
            self.screen.print(&text)?;
        }
        if let Some(id) = at {
            self.show_message(id, time)?;
        }
        if is_bundle {
            self.list()?;
        }
        self.app.has(&event, Seen::Read);
        if let Some(Registration { username, password, .. }) = newcomer {
            self.request(Request::Login { username, password }).await?;
        }
        Ok(())
    }

    /// The message of that time that came last, with its conversation when that is not the open one.
    fn show_message(&self, id: ConversationId, time: u64) -> std::io::Result<()> {
        let Some(history) = self.app.state.history(id) else { return Ok(()) };
        let Some(entry) = history.entries().rev().find(|entry| entry.time == time) else { return Ok(()) };
        let text = self.language.message(entry);
        if self.app.state.open_conversation() == Some(id) {
            return self.screen.print(&text);
        }
        let name = self.app.state.contact(id).map_or("", |contact| &contact.name);
        match id {
            ConversationId::Friend(_) => self.screen.print(&format!("({}) {text}", line(name))),
            ConversationId::Room(room) => self.screen.print(&format!("(#{room} {}) {text}", line(name))),
        }
    }

    fn list(&self) -> std::io::Result<()> {
        for contact in self.app.state.contacts() {
            self.screen.print(&format!("  {}", self.language.contact(contact)))?;
        }
        Ok(())
    }

    /// Does what was typed; false at the end.
    async fn typed(&mut self, typed: &str) -> anyhow::Result<bool> {
        if let Some(awaited) = self.awaited.take() {
            let Some(request) = self.with_password(awaited, typed)? else { return Ok(true) };
            self.screen.prompt(self.usual_prompt())?;
            if let Request::Register(registration) = &request {
                self.newcomer = Some(registration.clone());
            }
            self.request(request).await?;
            return Ok(true);
        }
        match Typed::read(typed) {
            Typed::Nothing => {}
            Typed::Text(text) => self.send(text).await?,
            Typed::Slash("quit" | "exit", _) => return Ok(false),
            Typed::Slash(word, rest) => {
                if let Err(error) = self.slash(word, rest).await {
                    self.screen.print(&line(&format!("{error:#}")))?;
                }
            }
        }
        self.screen.show_prompt()?;
        Ok(true)
    }

    async fn send(&mut self, text: &str) -> anyhow::Result<()> {
        match self.app.state.open_conversation() {
            Some(to) => self.request(Request::text(to, text, 16, "#000000")?).await,
            None => Ok(self.say("请先 /open 一个好友或群", "/open a friend or a #room first")?),
        }
    }

    async fn request(&mut self, request: Request) -> anyhow::Result<()> {
        match self.app.take(Command::Request(request)).await {
            Ok(()) => Ok(()),
            Err(error) => Ok(self.screen.print(&line(&error.to_string()))?),
        }
    }

    async fn slash(&mut self, word: &str, rest: &str) -> anyhow::Result<()> {
        match (word, rest) {
            ("friends" | "contacts", _) => Ok(self.list()?),
            ("requests", _) => self.show_requests(),
            ("history", count) => self.show_history(count.parse().unwrap_or(SHOWN)),
            ("connect", _) => {
                self.app.client.connect();
                Ok(())
            }
            ("disconnect", _) => {
                self.app.client.disconnect();
                Ok(())
            }
            (word, _) if rooms::WORDS.contains(&word) => match self.open_room() {
                Some(room) => self.in_room(room, word, rest).await,
                None => Ok(self.say("请先 /open 一个群", "/open a #room first")?),
            },
            (word, _) if files::WORDS.contains(&word) => self.with_file(word, rest),
            ("passwd", _) => self.await_password(Awaited::Old),
            ("help", _) | (_, "") => Ok(self.screen.print(self.language.help())?),
            ("login", name) => self.await_password(Awaited::Login { username: name.into() }),
            ("register", both) => match both.split_once(char::is_whitespace) {
                Some((name, email)) => self
                    .await_password(Awaited::Register { username: name.into(), email: email.trim().into() }),
                None => Ok(self.screen.print(self.language.help())?),
            },
            ("open", _) => self.open(Target::typed(rest).conversation(&self.app.state)?).await,
            ("safety", _) => {
                Ok(self.app.client.ask_safety_number(Target::typed(rest).friend(&self.app.state)?)?)
            }
            ("verify", _) => {
                let safety = self.app.verify(Target::typed(rest).friend(&self.app.state)?).await?;
                Ok(self.screen.print(&self.language.verified(&safety))?)
            }
            ("image", file) => self.image(Path::new(file)).await,
            _ => match self.asked(word, rest)? {
                Some(request) => self.request(request).await,
                None => Ok(self.say("没有这个命令，请看 /help", "no such command; see /help")?),
            },
        }
    }

    /// The commands that are one request each.
    fn asked(&self, word: &str, rest: &str) -> anyhow::Result<Option<Request>> {
        let (state, target) = (&self.app.state, Target::typed(rest));
        let resolve = |accept| {
            target.requester(state).map(|requester| Request::ResolveFriendRequest { requester, accept })
        };
        Ok(Some(match word {
            "accept" | "refuse" if rest.starts_with('#') => {
                self.do_with_room(RoomAct::Answer { room: target.room(state)?, accept: word == "accept" })
            }
            "add" => Request::AddFriend(rest.into()),
            "delete" => Request::DeleteFriend(rest.into()),
            "accept" => resolve(true)?,
            "refuse" => resolve(false)?,
            "join" => Request::JoinRoom(target.room(state)?),
            "create" => Request::CreateRoom(rest.into()),
            "members" => self.ask_room(target.room(state)?),
            "recall" => {
                let said = state.open_conversation().and_then(|open| state.last_said(open));
                let nothing =
                    self.language.pick("这里没有可以撤回的消息", "there is nothing to take back here");
                let Place { conversation, number } = said.ok_or_else(|| anyhow::anyhow!(nothing))?;
                let args = to_value(&RecallAsked { conversation, number })?;
                Request::Call { id: self.app.client.next_call(), name: RECALL.into(), args }
            }
            "search" => Request::search_users(self.app.client.next_call(), rest, 20)?,
            _ => return Ok(None),
        }))
    }

    async fn open(&mut self, id: ConversationId) -> anyhow::Result<()> {
        self.app.take(Command::Open(id)).await?;
        self.show_history(SHOWN)?;
        Ok(self.screen.prompt(self.usual_prompt())?)
    }

    async fn image(&self, file: &Path) -> anyhow::Result<()> {
        match self.app.state.open_conversation() {
            Some(to) => Ok(self.app.send_file(to, file).await?),
            None => Ok(self.say("请先 /open 一个好友或群", "/open a friend or a #room first")?),
        }
    }

    fn show_requests(&self) -> anyhow::Result<()> {
        for user in self.app.state.requests() {
            self.screen.print(&format!("  {}", line(&user.username)))?;
        }
        Ok(())
    }

    fn show_history(&self, count: usize) -> anyhow::Result<()> {
        let Some(id) = self.app.state.open_conversation() else { return Ok(()) };
        let Some(history) = self.app.state.history(id) else { return Ok(()) };
        for entry in history.entries().skip(history.len().saturating_sub(count)) {
            self.screen.print(&self.language.message(entry))?;
        }
        Ok(())
    }

    fn usual_prompt(&self) -> String {
        let open = self.app.state.open_conversation();
        let name =
            open.and_then(|id| self.app.state.contact(id)).map(|contact| line(&contact.name).into_owned());
        match (open, name) {
            (Some(ConversationId::Room(room)), name) => format!("#{room} {}> ", name.unwrap_or_default()),
            (Some(_), Some(name)) => format!("{name}> "),
            _ => "> ".into(),
        }
    }
}
