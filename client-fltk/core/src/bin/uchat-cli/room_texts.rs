//! Rooms in words, in Chinese and English.

use uchat_client_core::Event;
use uchat_client_core::sanitise::line;
use uchat_codec::chat::room::{Entry, InvitationTo, RoomDetails, RoomRequest, SystemLine};

use crate::texts::Language;

impl Language {
    /// An event about rooms in words; what its members read as a line is not said twice.
    pub(crate) fn room_event(self, event: &Event) -> Option<String> {
        Some(match event {
            Event::RoomDetails(details) => self.details(details),
            // Told to who goes and does not get the line.
            Event::RoomChanged(news) if matches!(news.event.as_str(), "left" | "removed" | "closed") => {
                let what = match news.event.as_str() {
                    "left" => self.pick("您已退出群", "you left"),
                    "removed" => self.pick("您被移出了群", "you were removed"),
                    _ => self.pick("群已解散", "the room was closed"),
                };
                format!("[#{} {}] {what}", news.room, line(&news.name))
            }
            Event::Invited(invitation) => self.invitation(invitation),
            Event::Invitations(all) if !all.is_empty() => {
                all.iter().map(|one| self.invitation(one)).collect::<Vec<_>>().join("\n")
            }
            Event::RoomRequested(request) => self.request_to(request),
            Event::RoomRequests(all) if !all.is_empty() => {
                all.iter().map(|one| self.request_to(one)).collect::<Vec<_>>().join("\n")
            }
            _ => return None,
        })
    }

    fn details(self, details: &RoomDetails) -> String {
        let rule = match details.entry {
            Entry::Open => self.pick("凭群号加入", "the number is enough to join"),
            Entry::Invitation => self.pick("只能受邀加入", "by invitation only"),
            Entry::Approval => self.pick("经群主同意加入", "the owner lets in who asks"),
        };
        let muted = if details.muted { self.pick(" · 已开启禁言", " · muted") } else { "" };
        let mark = |member: &uchat_codec::chat::room::RoomMember| match (member.owner, member.voice) {
            (true, _) => self.pick(" [群主]", " [owner]"),
            (_, true) if details.muted => self.pick(" [可发言]", " [may speak]"),
            _ => "",
        };
        let member = |member: &uchat_codec::chat::room::RoomMember| {
            format!("{}{}{}", line(&member.username), mark(member), self.dot(member.online))
        };
        let members: Vec<_> = details.members.iter().map(member).collect();
        let head =
            format!("[#{} {}] {rule}{muted}\n  {}", details.room, line(&details.name), members.join("  "));
        let asking = details.requests.iter().map(|request| self.request_to(request));
        std::iter::once(head).chain(asking).collect::<Vec<_>>().join("\n")
    }

    fn invitation(self, invitation: &InvitationTo) -> String {
        let InvitationTo { room, name, by_name, .. } = invitation;
        let (name, by) = (line(name), line(by_name));
        let text = match self {
            Self::Zh => format!("{by} 邀请您加入群 {name}"),
            Self::En => format!("{by} invites you into the room {name}"),
        };
        format!("{text}  /accept #{room}  /refuse #{room}")
    }

    fn request_to(self, request: &RoomRequest) -> String {
        let (room, who) = (request.room, line(&request.username));
        match self {
            Self::Zh => format!("{who} 申请加入群 #{room}  /open #{room}  /letin {who}  /turnaway {who}"),
            Self::En => {
                format!("{who} asks to come into #{room}  /open #{room}  /letin {who}  /turnaway {who}")
            }
        }
    }

    /// A line of the server about a change that `actor` has made; one that this program does not know is said in the
    /// server's words.
    pub(crate) fn room_line(self, actor: &str, told: &SystemLine, text: &str) -> String {
        let (actor, name, detail) = (line(actor), line(&told.name), line(&told.detail));
        let said = match self {
            Self::Zh => None,
            Self::En => english(&actor, &name, &detail, told),
        };
        said.unwrap_or_else(|| format!("{actor} {}", line(text)))
    }
}

/// The server's own words are Chinese.
fn english(actor: &str, name: &str, detail: &str, told: &SystemLine) -> Option<String> {
    Some(match (told.event.as_str(), told.detail.as_str()) {
        ("joined", _) if actor == name => format!("{actor} took the invitation and joined"),
        ("joined", _) => format!("{actor} let {name} in"),
        ("left", "") => format!("{actor} left"),
        ("left", _) => format!("{actor} left; the room is now {detail}'s"),
        ("removed", _) => format!("{actor} removed {name}"),
        ("renamed", _) => format!("{actor} renamed the room to {detail}"),
        ("handed_over", _) => format!("{actor} handed the room over to {name}"),
        ("entry", "open") => format!("{actor} lets in everybody who has the number"),
        ("entry", "invitation") => format!("{actor} lets in by invitation only"),
        ("entry", "approval") => format!("{actor} lets in who asks and is approved"),
        ("muted", "on") => format!("{actor} muted the room"),
        ("muted", "off") => format!("{actor} unmuted the room"),
        ("voice", "on") => format!("{actor} gave {name} a voice"),
        ("voice", "off") => format!("{actor} took {name}'s voice"),
        ("closed", _) => format!("{actor} closed the room"),
        _ => return None,
    })
}
