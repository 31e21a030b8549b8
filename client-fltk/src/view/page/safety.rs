//! The safety number of a friend: what two people compare to be sure that nobody is between them.

use crate::app::{App, Msg};
use crate::design::paint::Area;
use crate::design::theme::{size, space};
use crate::view::Outbox;
use crate::widget::{Control, Kind, PushButton};

/// How many groups of digits stand on a line.
const GROUPS: usize = 4;
/// The height of a line of digits.
const LINE: i32 = 24;

/// The number, what it is for, and the button that says that it was compared.
pub(super) struct SafetyBlock {
    verify: PushButton,
    head: String,
    digits: Vec<String>,
    note: String,
    area: Area,
}

impl SafetyBlock {
    /// Builds the button within the group that is open now.
    pub(super) fn new(theme: crate::design::Theme, out: &Outbox) -> Self {
        let out = out.clone();
        let verify =
            PushButton::new("verify", Kind::Quiet, None, theme).on_click(move || out.put(Msg::Verify));
        let (head, digits, note) = Default::default();
        Self { verify, head, digits, note, area: Area::default() }
    }

    pub(super) fn set_look(&mut self, app: &App) {
        self.verify.set_theme(app.theme, app.theme.surface);
        self.verify.set_text(&app.texts.get("t-verify"));
    }

    /// Takes in what is known of the friend of the open conversation.
    pub(super) fn follow(&mut self, app: &App) {
        let texts = &app.texts;
        let friend = app.friend_with_key();
        let safety = app.safety.as_ref().filter(|safety| Some(safety.user) == friend);
        let name = app.open_name().unwrap_or_default();
        let key = match (friend, safety) {
            (None, _) => None,
            (Some(_), None) => Some("t-safety-none"),
            (Some(_), Some(safety)) if safety.verified => Some("t-safety-verified"),
            (Some(friend), _) if app.has_changed_key(friend) => Some("t-safety-changed"),
            (Some(_), Some(_)) => Some("t-safety-compare"),
        };
        self.head = friend.map(|_| texts.get("t-safety-number")).unwrap_or_default();
        self.note = key.map(|key| texts.with(key, &[("name", name.into())])).unwrap_or_default();
        let groups: Vec<&str> =
            safety.map(|safety| safety.number.split_whitespace().collect()).unwrap_or_default();
        self.digits = groups.chunks(GROUPS).map(|line| line.join("   ")).collect();
        self.verify.set_visible(safety.is_some_and(|safety| !safety.verified));
    }

    /// Puts it below `y`; gives its words, and where it ends.
    pub(super) fn place(&mut self, area: Area, y: i32) -> (Vec<(String, Area, bool)>, i32) {
        let inner = Area::new(area.x + space::S, y, area.w - 2 * space::S, LINE);
        self.area = Area { h: 0, ..inner };
        if self.head.is_empty() {
            return (Vec::new(), y);
        }
        let mut words = vec![(self.head.clone(), inner, false)];
        let mut y = y + LINE;
        for line in &self.digits {
            words.push((line.clone(), Area { y, ..inner }, true));
            y += LINE;
        }
        words.push((self.note.clone(), Area { y: y + 4, h: 40, ..inner }, false));
        y += 48;
        self.verify.place(Area::new(area.x, y, area.w, size::CONTROL));
        if self.verify.control().is_some() {
            y += size::CONTROL;
        }
        self.area.h = y - self.area.y;
        (words, y + space::M)
    }

    pub(super) fn controls(&self, out: &mut Vec<Control>) {
        out.extend(self.verify.control());
        if !self.head.is_empty() {
            let text = format!("{} {}", self.digits.join(" "), self.note);
            out.push(Control::new("safety-number", "text", self.area, text.trim().to_owned()));
        }
    }
}
