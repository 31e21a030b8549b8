//! What the server says, in the window's language. The existing protocol has texts and no codes, in Chinese; what is
//! known of them is said in the user's words, and the rest as it came.

use super::{Language, Texts};

/// Texts of the existing program, with the keys of ours.
const KNOWN: [(&str, &str); 29] = [
    ("不在群里", "t-said-not-member"),
    ("还没有加入该群", "t-said-not-member"),
    ("已经在群里了", "t-said-member"),
    ("群不存在", "t-said-no-room"),
    ("群名称不能为空", "t-said-room-empty"),
    ("群名称含有非法字符", "t-said-room-illegal"),
    ("群名称已存在", "t-said-room-taken"),
    ("该群只能受邀加入 (by invitation only)", "t-said-invitation-only"),
    ("已发送申请，请等待群主同意", "t-said-request-sent"),
    ("已经发送过，请等待回复 (asked before)", "t-said-room-asked"),
    ("没有这个邀请或申请 (no such invitation or request)", "t-said-nothing-open"),
    ("只有群主可以这样做 (only the owner may do this)", "t-said-not-owner"),
    ("群成员已满 (rooms.max_members)", "t-said-room-full"),
    ("待处理的邀请或申请过多 (rooms.max_open_requests)", "t-said-too-many-open"),
    ("群主已开启禁言", "t-said-muted"),
    ("超过可撤回的时间 (it is too late to take it back)", "t-said-too-late"),
    ("没有可撤回的消息 (you have no such message)", "t-said-too-late"),
    ("群名称过长", "t-said-room-long"),
    ("不能删除自己", "t-said-oneself"),
    ("不能加自己为好友", "t-said-oneself"),
    ("已经是好友/已经发送过好友请求", "t-said-asked"),
    ("没有该好友请求", "t-said-no-request"),
    ("用户名不存在", "t-said-no-user"),
    ("还不是好友", "t-said-no-friend"),
    ("该用户还不是您的好友", "t-said-no-friend"),
    ("邮箱已被使用，请换一个", "t-said-email-taken"),
    ("邮箱格式错误", "t-problem-email"),
    ("用户名含有非法字符", "t-problem-illegal"),
    ("登入失败，请检查用户名密码", "t-problem-wrong"),
];
/// Before the number of a new room.
const ROOM_MADE: &str = "创建成功，群号为：";

impl Texts {
    /// A notice of the server, in the window's language if it is a known one. Others may be an operator's own words.
    pub fn of_notice(&self, text: &str) -> String {
        self.known(text).unwrap_or_else(|| text.to_owned())
    }

    fn known(&self, text: &str) -> Option<String> {
        if let Some(room) = text.strip_prefix(ROOM_MADE) {
            return Some(self.with("t-said-room-made", &[("room", room.to_owned().into())]));
        }
        // What exactly is too much stands behind a colon.
        let head = text.split_once(": ").map_or(text, |(head, _)| head);
        KNOWN.iter().find(|(known, _)| *known == text || *known == head).map(|(_, key)| self.get(key))
    }

    /// A refusal of the server, in the window's language as far as that is known.
    pub fn of_server(&self, text: &str) -> String {
        if let Some(known) = self.known(text) {
            return known;
        }
        // Our own server says what the existing one never said in both languages: `中文 (English)`.
        let Some((chinese, english)) = text.strip_suffix(')').and_then(|text| text.split_once(" (")) else {
            return text.to_owned();
        };
        let is_chinese = |part: &str| part.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        match self.language() {
            _ if !is_chinese(chinese) || is_chinese(english) => text.to_owned(),
            Language::Zh => chinese.to_owned(),
            Language::En => english.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_says_is_said_in_the_language_of_the_window() {
        let (zh, en) = (Texts::new(Language::Zh), Texts::new(Language::En));
        assert_eq!(en.of_server("没有权限 (not allowed)"), "not allowed");
        assert_eq!(zh.of_server("没有权限 (not allowed)"), "没有权限");
        let made = en.of_notice("创建成功，群号为：12");
        assert!(made.contains("12") && made.is_ascii(), "{made}");
        assert_eq!(en.of_notice("下午茶 (tea)"), "下午茶 (tea)", "an operator's words stay whole");
        for (known, _) in KNOWN {
            assert!(en.of_server(known).is_ascii(), "{known}");
        }
        assert_eq!(en.of_server("群名称过长: 36 > 32"), en.of_server("群名称过长"));
        for other in ["tea at four (sharp)", "下午茶（四点）", "something else", "中文 (也是中文)", ""]
        {
            assert_eq!(en.of_server(other), other);
        }
    }
}
