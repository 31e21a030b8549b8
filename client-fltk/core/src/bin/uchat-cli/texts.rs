//! The interactive texts in Chinese and English.

use clap::ValueEnum;
use uchat_client_core::event::fingerprint;
use uchat_client_core::sanitise::line;
use uchat_client_core::state::{Contact, Content, Entry};
use uchat_client_core::{Event, Safety};
use uchat_codec::Value;
use uchat_codec::chat::{Contact as ContactInfo, TakenBack};

/// Which language the texts have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// 中文
    Zh,
    /// English
    En,
}

impl Language {
    /// The language that the environment asks for.
    pub(crate) fn of_environment() -> Self {
        let set = |name: &&str| std::env::var(name).is_ok_and(|value| !value.is_empty());
        let asked = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find(|name| set(name));
        let value = asked.and_then(|name| std::env::var(name).ok()).unwrap_or_default();
        if value.starts_with("zh") { Self::Zh } else { Self::En }
    }

    /// One of two texts.
    pub(crate) fn pick(self, zh: &'static str, en: &'static str) -> &'static str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }

    /// What there is to type.
    pub(crate) fn help(self) -> &'static str {
        self.pick(HELP_ZH, HELP_EN)
    }

    /// An event in words; `None` for those that are shown in another way or not at all.
    pub(crate) fn event(self, event: &Event) -> Option<String> {
        let p = |zh, en| self.pick(zh, en);
        Some(match event {
            Event::Connected { server, server_key: None, .. } => {
                format!("{} {server}", p("已连接", "connected to"))
            }
            Event::Connected { server, server_key: Some(key), .. } => format!(
                "{} {server}\n{}: {}",
                p("已安全连接", "securely connected to"),
                p("服务器指纹", "fingerprint of the server"),
                fingerprint(key)
            ),
            Event::Disconnected { reason, retry_in, .. } => {
                let wait = retry_in
                    .map_or(p("；输入 /connect 重连", "; /connect to try again").to_owned(), |wait| {
                        format!("{} {:.1} s", p("；重连等待", "; trying again in"), wait.as_secs_f64())
                    });
                format!("{}: {}{wait}", p("连接已断开", "disconnected"), line(&reason.to_string()))
            }
            Event::LoggedIn(user) => {
                format!("{} {} (#{})", p("已登录", "logged in as"), line(&user.username), user.id)
            }
            Event::LoginFailed => {
                p("登入失败，请检查用户名密码", "login failed: wrong name or password").into()
            }
            Event::Registered(id) => format!("{} {id}", p("注册成功，用户号", "registered; your number is")),
            Event::UsernameTaken => p("用户名已被使用，请换一个", "this name is taken").into(),
            Event::Failure(text) => format!("{}: {}", p("出错了", "refused"), line(text)),
            Event::Notice(text) => line(text).into_owned(),
            Event::FriendRequest(user) => {
                let name = line(&user.username);
                format!(
                    "{name} {}  /accept {name}  /refuse {name}",
                    p("请求加您为好友", "wants to be your friend")
                )
            }
            Event::FriendRequestResult { ok: true, .. } => p("好友请求已发送", "friend request sent").into(),
            Event::FriendRequestResult { text, .. } => {
                format!("{}: {}", p("添加好友失败", "not asked"), line(text))
            }
            Event::FriendDeleteResult { ok: true, .. } => p("成功删除好友", "friend deleted").into(),
            Event::FriendDeleteResult { text, .. } => {
                format!("{}: {}", p("删除好友失败", "not deleted"), line(text))
            }
            Event::FriendDeleted(user) => {
                format!("{} {}", line(&user.username), p("不再是您的好友", "is no friend any more"))
            }
            Event::ContactAdded(ContactInfo::Friend(friend)) => {
                format!("{}: {}", p("好友", "friend"), line(&friend.username))
            }
            Event::ContactAdded(ContactInfo::Room(room)) => {
                format!("{}: [#{}] {}", p("群", "room"), room.id, line(&room.room_name))
            }
            Event::RoomUsers { room, members } => {
                let names: Vec<_> =
                    members.iter().map(|m| format!("{}{}", line(&m.name), self.dot(m.online))).collect();
                format!("[#{room}] {}", names.join("  "))
            }
            Event::RoomDetails(_) | Event::RoomChanged(_) | Event::Invited(_) | Event::Invitations(_) => {
                return self.room_event(event);
            }
            Event::RoomRequested(_) | Event::RoomRequests(_) => return self.room_event(event),
            Event::Kicked => p("您的账户在别处登入", "your account was logged in elsewhere").into(),
            Event::Echo(value) => line(&format!("echo: {value:?}")).into_owned(),
            Event::CallAnswer { outcome: Ok(Value::Bool(true)), .. } => self.pick("完成", "done").to_owned(),
            Event::CallAnswer { outcome: Ok(value), .. } => line(&format!("{value:?}")).into_owned(),
            Event::CallAnswer { outcome: Err(error), .. } => line(&error.message).into_owned(),
            Event::Named { name, args } => line(&format!("{name}: {args:?}")).into_owned(),
            Event::Certified { path, .. } => {
                format!("{}: {}", p("已获得证书", "certificate"), line(&path.to_string_lossy()))
            }
            Event::SafetyNumber(safety) => self.safety(safety),
            Event::KeyChanged { name, key, .. } => self.key_changed(&line(name), key),
            Event::Undecodable { why, .. } => format!("{}: {}", p("无法读取的消息", "unreadable"), line(why)),
            _ => return None,
        })
    }

    /// A safety number with what to do about it.
    fn safety(self, safety: &Safety) -> String {
        let Safety { name, number, verified, .. } = safety;
        let (name, number) = (line(name), line(number));
        let digits: Vec<_> = number.split(' ').collect();
        let rows: Vec<_> = digits.chunks(4).map(|row| format!("  {}", row.join(" "))).collect();
        let head = self.pick("安全码", "safety number");
        let then = if *verified {
            self.pick("已核对过", "verified before").to_owned()
        } else {
            let how = self.pick(
                "请当面或打电话与对方核对，两边相同再输入",
                "compare it with your friend, face to face or by phone; if it is the same for both:",
            );
            format!("{how} /verify {name}")
        };
        format!("{head} ({name})\n{}\n{then}", rows.join("\n"))
    }

    /// That a friend's key is remembered.
    pub(crate) fn verified(self, safety: &Safety) -> String {
        let text =
            self.pick("已记住，密钥若有变化会提醒您", "verified; you will be warned if the key changes");
        format!("{}: {text}", line(&safety.name))
    }

    /// A warning that has to be seen.
    fn key_changed(self, name: &str, key: &[u8; 32]) -> String {
        let text = self.pick(
            "的密钥变了！可能是换了设备，也可能有人冒充。请用 /safety 重新核对",
            "has another key than the one you verified! It may be a new device, or somebody else. Compare again: /safety",
        );
        format!("!!! {name} {text} {name}\n    {}", fingerprint(key))
    }

    /// A contact as a line of the list.
    pub(crate) fn contact(self, contact: &Contact) -> String {
        let head = match contact.id {
            uchat_client_core::ConversationId::Friend(_) => {
                let place = format!("{}:{}", line(&contact.ip), line(&contact.port));
                format!("{}{} {place}", line(&contact.name), self.dot(contact.online))
            }
            uchat_client_core::ConversationId::Room(room) => format!("[#{room}] {}", line(&contact.name)),
        };
        let unread = if contact.unread > 0 { format!(" ({})", contact.unread) } else { String::new() };
        let last = contact.last.as_ref().map(|last| match &last.content {
            Content::System { line, text } => format!("  {}", self.room_line(&last.sender_name, line, text)),
            content => format!("  {}", self.content(content)),
        });
        let last = last.unwrap_or_default();
        format!("{head}{unread}{last}")
    }

    /// A message as a line.
    pub(crate) fn message(self, entry: &Entry) -> String {
        if let Content::System { line, text } = &entry.content {
            return format!("{} * {}", clock(entry.time), self.room_line(&entry.sender_name, line, text));
        }
        format!("{} {}: {}", clock(entry.time), line(&entry.sender_name), self.content(&entry.content))
    }

    fn content(self, content: &Content) -> String {
        match content {
            Content::Text { text, .. } | Content::System { text, .. } => line(text).into_owned(),
            Content::File(file) => {
                format!("[{} {} bytes] files/{}", self.pick("图片", "image"), file.bytes, file.file_name())
            }
            Content::Shared(file) => crate::interactive::files::told(file, self.pick("文件", "file")),
            Content::Other(_) if content.taken_back() == Some(TakenBack::This) => {
                self.pick("[消息已撤回]", "[taken back]").to_owned()
            }
            Content::Other(_) if content.taken_back().is_some() => {
                self.pick("[撤回了一条消息]", "[took a message back]").to_owned()
            }
            Content::Other(value) => line(&format!("{value:?}")).into_owned(),
        }
    }

    pub(crate) fn transfer_begun(self, number: u64) -> String {
        match self {
            Self::Zh => format!("#{number}：开始传输（/cancel {number} 取消）"),
            Self::En => format!("#{number}: on its way (/cancel {number} ends it)"),
        }
    }

    pub(crate) fn dot(self, online: bool) -> &'static str {
        if online { self.pick(" (在线)", " (online)") } else { self.pick(" (离线)", " (offline)") }
    }
}

/// Time of day in UTC: the standard library knows no time zones.
fn clock(ms: u64) -> String {
    let seconds = ms / 1000;
    format!("{:02}:{:02}Z", seconds / 3600 % 24, seconds / 60 % 60)
}

const HELP_EN: &str = "\
/register NAME EMAIL   make an account (asks for the password)
/login NAME            log in (asks for the password; none on a device that is known)
/passwd                change the password; ends other sessions of the account
/friends               friends and rooms     /open NAME|#ROOM  talk there; plain lines go there
/history [N]           the last messages     /image FILE       send an image
/send FILE             a file of any kind    /get  /cancel N   the newest file here; end a transfer
/add NAME  /delete NAME  /requests  /accept NAME  /refuse NAME  /search PREFIX
/join ROOM  /create NAME  /members  /leave  /invite NAME  /accept #ROOM  /refuse #ROOM      rooms
  its owner: /rename NAME  /remove NAME  /handover NAME  /entry open|invitation|approval  /letin NAME  /turnaway NAME
             /mute  /unmute  /voice NAME  /unvoice NAME  /close-room
/recall                takes back the last message that you sent to the open conversation
/safety NAME  /verify NAME                   compare a friend's key; remember that it is right
/connect  /disconnect  /help  /quit          a line that begins with // is sent with one /";

const HELP_ZH: &str = "\
/register 用户名 邮箱  注册（随后输入密码）
/login 用户名          登录（随后输入密码；已知设备可直接回车）
/passwd                修改密码，其他登录会被断开
/friends               好友和群              /open 好友|#群号  打开会话，普通文字发到那里
/history [条数]        历史消息              /image 文件       发送图片
/send 文件             发送任意文件          /get  /cancel 号  接收这里最新的文件；取消传输
/add 用户名  /delete 用户名  /requests  /accept 用户名  /refuse 用户名  /search 前缀
/join 群号  /create 群名称  /members  /leave  /invite 好友  /accept #群号  /refuse #群号      群聊
  群主：/rename 新名称  /remove 成员  /handover 成员  /entry open|invitation|approval  /letin 用户名  /turnaway 用户名
        /mute  /unmute  /voice 成员  /unvoice 成员  /close-room
/recall                撤回你在当前会话里的最后一条消息
/safety 好友  /verify 好友                   核对好友的密钥；记住已核对
/connect  /disconnect  /help  /quit          以 // 开头的行按一个 / 发送";
