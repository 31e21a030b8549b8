//! `--json`: one command a line in, one event a line out.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use serde_json::{Value as Json, json};
use tokio::time::{Instant, sleep_until};
use uchat_client_core::connection::{RequestError, VerifyError};
use uchat_client_core::json::{self, BadLine, JsonCommand, Line};
use uchat_client_core::request::Registration;
use uchat_client_core::transfer::{News, TooMany};
use uchat_client_core::{Client, Command, Event, EventStream, Request};
use uchat_codec::Value;

use crate::app::{App, Seen, SendFileError};
use crate::args::Args;
use crate::files::{self, Files};
use crate::input::{Ask, Input};

/// Commands after a login wait no longer than this for its outcome.
const LOGIN_TIME: Duration = Duration::from_secs(10);
/// At the end the answers to what was asked may take so long.
const END_TIME: Duration = Duration::from_secs(30);

/// What keeps the next command from being read.
enum Hold {
    /// Nothing.
    Free,
    /// The first connection is on its way.
    Connecting,
    /// A login has no outcome yet.
    Login(Instant),
    /// All commands are read; files are on their way.
    Files,
    /// All commands are read; this echo comes after the last answer.
    End { marker: Value, until: Instant },
}

/// A command that was not done: a code for programs and a sentence.
struct Refusal(&'static str, String);

impl From<RequestError> for Refusal {
    fn from(error: RequestError) -> Self {
        let code = match error {
            RequestError::NotConnected => "not_connected",
            RequestError::QueueFull => "queue_full",
            RequestError::TooLong { .. } => "too_long",
            RequestError::NotStrong => "not_strong",
            _ => "unsendable",
        };
        Self(code, error.to_string())
    }
}

impl From<json::UnknownTarget> for Refusal {
    fn from(error: json::UnknownTarget) -> Self {
        Self("unknown_target", error.to_string())
    }
}

impl From<SendFileError> for Refusal {
    fn from(error: SendFileError) -> Self {
        match error {
            SendFileError::Request(error) => error.into(),
            error => Self("file", error.to_string()),
        }
    }
}

/// Until the end of input, `quit`, or with `--once` the end of the connection.
pub(crate) async fn run(mut app: App, mut events: EventStream, args: &Args) -> anyhow::Result<ExitCode> {
    let once = args.once;
    let mut input = Input::start();
    let mut hold = Hold::Connecting;
    let mut was_connected = false;
    let mut files = Files::new(&app.client);
    loop {
        let deadline = match &hold {
            Hold::Login(until) | Hold::End { until, .. } => Some(*until),
            Hold::Free | Hold::Connecting | Hold::Files => None,
        };
        tokio::select! {
            event = events.recv() => {
                let Some(event) = event else { break };
                was_connected |= matches!(event, Event::Connected { .. });
                let is_lost = matches!(event, Event::Disconnected { .. });
                let logs_in = args.account.is_some() && matches!(event, Event::Connected { .. });
                let is_over = told(&mut app, event, &mut hold).await?;
                if logs_in && matches!(hold, Hold::Free) {
                    hold = Hold::Login(Instant::now() + LOGIN_TIME);
                }
                if is_over || (once && is_lost) {
                    break;
                }
            }
            () = sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => {
                if matches!(hold, Hold::End { .. }) {
                    break;
                }
                hold = Hold::Free;
            }
            news = files.next() => {
                if let Some(news) = news {
                    moved(&mut app, &mut files, &news).await?;
                }
                let is_last = matches!(hold, Hold::Files) && !files.is_busy();
                if is_last && !begin_end(&app.client, &mut hold) {
                    break;
                }
            }
            line = input.line(Ask::Line), if matches!(hold, Hold::Free) => {
                let (ended, quits) = match line {
                    Some(line) => (command(&mut app, &mut files, &line, &mut hold).await?, true),
                    None => (true, false),
                };
                if ended && !quits && files.is_busy() {
                    hold = Hold::Files;
                } else if ended && !begin_end(&app.client, &mut hold) {
                    break;
                }
            }
        }
    }
    drop(files);
    leave(app, events).await?;
    Ok(if once && !was_connected { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The server answers in order: when this echo is back, so is everything else. False when there is nobody to ask.
fn begin_end(client: &Client, hold: &mut Hold) -> bool {
    let marker = Value::from(format!("uchat-cli ends {:016x}", rand::random::<u64>()));
    let asked = client.echo(marker.clone()).is_ok();
    *hold = Hold::End { marker, until: Instant::now() + END_TIME };
    asked
}

async fn leave(mut app: App, mut events: EventStream) -> anyhow::Result<()> {
    app.client.disconnect();
    let until = Instant::now() + Duration::from_secs(2);
    while app.client.is_connected() {
        tokio::select! {
            event = events.recv() => match event {
                Some(event) => told(&mut app, event, &mut Hold::Free).await.map(|_| ())?,
                None => break,
            },
            () = sleep_until(until) => break,
        }
    }
    Ok(())
}

/// Prints an event; says whether the program is over.
async fn told(app: &mut App, event: Event, hold: &mut Hold) -> anyhow::Result<bool> {
    if let (Hold::End { marker, .. }, Event::Echo(value)) = (&*hold, &event)
        && marker == value
    {
        return Ok(true);
    }
    if let Err(error) = app.take(event.clone()).await {
        print(&json::error(None, None, "file", &error.to_string()))?;
    }
    print(&json::event(&event, &app.state, &app.home.files_dir()))?;
    // A program has it; whether somebody has read it is for `open` to say.
    app.has(&event, Seen::Arrived);
    let is_lost = matches!(event, Event::Disconnected { .. });
    let is_done = match hold {
        Hold::Free | Hold::Files => false,
        Hold::Connecting => is_lost || matches!(event, Event::Connected { .. }),
        Hold::Login(_) => {
            is_lost || matches!(event, Event::Bundle(_) | Event::LoginFailed | Event::Failure(_))
        }
        Hold::End { .. } => return Ok(is_lost),
    };
    if is_done {
        *hold = Hold::Free;
    }
    Ok(false)
}

/// Does one line; says whether it was the last.
async fn command(app: &mut App, files: &mut Files, line: &str, hold: &mut Hold) -> anyhow::Result<bool> {
    if line.trim().is_empty() {
        return Ok(false);
    }
    let Line { tag, name, command } = match Line::parse(line) {
        Ok(line) => line,
        Err(BadLine { tag, name, why }) => {
            print(&json::error(name.as_deref(), tag.as_ref(), "bad_command", &why))?;
            return Ok(false);
        }
    };
    let is_login = matches!(command, JsonCommand::Login { .. });
    let is_quit = matches!(command, JsonCommand::Quit {});
    match perform(app, files, command).await {
        Ok(done) => {
            print(&json::accepted(&name, tag.as_ref(), done.more))?;
            if let Some(line) = done.line {
                print(&line)?;
            }
            if is_login {
                *hold = Hold::Login(Instant::now() + LOGIN_TIME);
            }
        }
        Err(Refusal(code, text)) => print(&json::error(Some(&name), tag.as_ref(), code, &text))?,
    }
    Ok(is_quit)
}

/// What follows from a command at once.
#[derive(Default)]
struct Done {
    /// More fields for `accepted`.
    more: Json,
    /// A line after it.
    line: Option<Json>,
}

impl Done {
    fn line(line: Json) -> Self {
        Self { line: Some(line), ..Self::default() }
    }
}

async fn perform(app: &mut App, files: &mut Files, command: JsonCommand) -> Result<Done, Refusal> {
    if let Some(act) = command.room_act(&app.state)? {
        let id = app.client.next_call();
        return ask(app, Request::Room { id, act }).await;
    }
    let request = match command {
        JsonCommand::Register { username, password, email, sex, age } => {
            Request::Register(Registration { username, password: password.0, email, sex, age })
        }
        JsonCommand::Login { username, password: Some(password) } => {
            Request::Login { username, password: password.0 }
        }
        JsonCommand::Login { username, password: None } => Request::LoginWithKey { username },
        JsonCommand::ChangePassword { old, new } => {
            Request::ChangePassword { id: app.client.next_call(), old: old.0, new: new.0 }
        }
        JsonCommand::AddFriend { username } => Request::AddFriend(username),
        JsonCommand::DeleteFriend { username } => Request::DeleteFriend(username.username(&app.state)?),
        JsonCommand::Accept { from } => resolve(from.requester(&app.state)?, true),
        JsonCommand::Refuse { from } => resolve(from.requester(&app.state)?, false),
        JsonCommand::SendText { to, text, fontsize, fontcolor } => {
            Request::text(to.conversation(&app.state)?, text, fontsize, fontcolor)
                .map_err(RequestError::from)?
        }
        JsonCommand::SendImage { to, file } => {
            app.send_file(to.conversation(&app.state)?, &file).await?;
            return Ok(Done::default());
        }
        JsonCommand::SendRaw { to, message } => Request::Send { to: to.conversation(&app.state)?, message },
        JsonCommand::JoinRoom { room } => Request::JoinRoom(room.room(&app.state)?),
        JsonCommand::CreateRoom { name } => Request::CreateRoom(name),
        JsonCommand::RoomUsers { room } => Request::QueryRoomUsers(room.room(&app.state)?),
        JsonCommand::Room { room } => Request::AskRoom(room.room(&app.state)?),
        JsonCommand::Echo { value } => Request::Echo(value),
        JsonCommand::Call { name, args } => Request::Call { id: app.client.next_call(), name, args },
        JsonCommand::Search { prefix, limit } => {
            Request::search_users(app.client.next_call(), prefix, limit).map_err(RequestError::from)?
        }
        JsonCommand::Safety { with } => {
            app.client.ask_safety_number(with.friend(&app.state)?)?;
            return Ok(Done::default());
        }
        JsonCommand::SendFile { to, file } => {
            let to = to.conversation(&app.state)?;
            return begun(files.send(to, file));
        }
        JsonCommand::FetchFile { sha256, name, folder } => {
            let sha256 = files::hash(&sha256).map_err(|error| Refusal("bad_command", error.to_string()))?;
            return begun(files.fetch(sha256, &name, &folder.unwrap_or_else(|| app.home.files_dir())));
        }
        JsonCommand::CancelTransfer { transfer } => {
            let refusal = || Refusal("no_transfer", "there is no such transfer on its way".into());
            return files.cancel(transfer).then(Done::default).ok_or_else(refusal);
        }
        local => return here(app, local).await,
    };
    ask(app, request).await
}

fn begun(transfer: Result<u64, TooMany>) -> Result<Done, Refusal> {
    match transfer {
        Ok(number) => Ok(Done { more: json!({"transfer": number}), line: None }),
        Err(error) => Err(Refusal("queue_full", error.to_string())),
    }
}

/// Prints what happens to a file, and tells of it whom it is for.
async fn moved(app: &mut App, files: &mut Files, news: &News) -> anyhow::Result<()> {
    print(&json::transfer(news))?;
    let refused = match files.follows(news) {
        Ok(Some(request)) => ask(app, request).await.err(),
        Ok(None) => None,
        Err(error) => Some(error.into()),
    };
    if let Some(Refusal(code, text)) = refused {
        print(&json::error(Some("send_file"), None, code, &text))?;
    }
    Ok(())
}

/// Asks the server.
async fn ask(app: &mut App, request: Request) -> Result<Done, Refusal> {
    let more = match &request {
        Request::Call { id, .. } | Request::ChangePassword { id, .. } | Request::Room { id, .. } => {
            json!({"id": id})
        }
        _ => Json::Null,
    };
    app.client.is_connected().then_some(()).ok_or(RequestError::NotConnected)?;
    match app.take(Command::Request(request)).await {
        Ok(()) => Ok(Done { more, line: None }),
        Err(crate::app::EffectError::Request(error)) => Err(error.into()),
        Err(error) => Err(Refusal("file", error.to_string())),
    }
}

/// The commands that ask no server.
async fn here(app: &mut App, command: JsonCommand) -> Result<Done, Refusal> {
    let local = match command {
        JsonCommand::Open { to } => Command::Open(to.conversation(&app.state)?),
        JsonCommand::Close {} => Command::Close,
        JsonCommand::Contacts {} => return Ok(Done::line(json::contacts(&app.state))),
        JsonCommand::Requests {} => return Ok(Done::line(json::requests(&app.state))),
        JsonCommand::Status {} => return Ok(Done::line(json::status(&app.state, &app.server))),
        JsonCommand::History { with, limit } => {
            let id = with.conversation(&app.state)?;
            return Ok(Done::line(json::history(id, limit, &app.state, &app.home.files_dir())));
        }
        JsonCommand::Older { with, limit } => {
            let id = with.conversation(&app.state)?;
            return app.older(id, limit).then(Done::default).ok_or_else(no_numbers);
        }
        JsonCommand::Verify { with } => {
            let verified = app.verify(with.friend(&app.state)?).await;
            return match verified {
                Ok(safety) => Ok(Done::line(json::safety_number(&safety))),
                Err(error @ VerifyError::NotShown) => Err(Refusal("not_shown", error.to_string())),
                Err(error) => Err(Refusal("failed", error.to_string())),
            };
        }
        JsonCommand::Connect {} => {
            app.client.connect();
            return Ok(Done::default());
        }
        JsonCommand::Disconnect {} => {
            app.client.disconnect();
            return Ok(Done::default());
        }
        _ => return Ok(Done::default()),
    };
    app.take(local).await.map_err(|error| Refusal("failed", error.to_string()))?;
    Ok(Done::default())
}

fn no_numbers() -> Refusal {
    Refusal("no_numbers", "the server has not numbered this conversation".into())
}

fn resolve(requester: u64, accept: bool) -> Request {
    Request::ResolveFriendRequest { requester, accept }
}

/// One whole line at once, so that a reader never sees half of one.
fn print(line: &Json) -> anyhow::Result<()> {
    let mut text = line.to_string();
    text.push('\n');
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}
