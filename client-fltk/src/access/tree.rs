//! Controls as a tree of `AccessKit`.

use std::collections::HashMap;

use accesskit::{
    Action, Live, Node, NodeId, Rect, Role, TextDirection, Toggled, TreeId, TreeInfo, TreeUpdate,
};
use sha2::{Digest as _, Sha256};

use crate::design::paint::Area;
use crate::widget::Control;

/// The window itself.
const WINDOW: NodeId = NodeId(1);

/// What is written in a field is told so far, in characters and in lines.
const MOST_CHARS: usize = 10_000;
const MOST_LINES: usize = 200;

/// The window around the controls.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    /// What stands above it.
    pub title: String,
    /// The language of its texts, as a tag: `zh-CN`.
    pub language: &'static str,
    /// How many pixels one of FLTK's units is.
    pub scale: f64,
    /// Where it is on the screen, in FLTK's units.
    pub place: Area,
}

/// What is published, and which control each node is.
#[derive(Debug)]
pub struct Tree {
    /// The whole tree; there is never more in it than can be seen.
    pub update: TreeUpdate,
    /// The controls by their nodes.
    pub controls: HashMap<NodeId, Control>,
}

/// The tree of a window with these controls. Rows come after their list, messages after their conversation.
pub fn tree(frame: &Frame, controls: Vec<Control>) -> Tree {
    let mut build = Build { scale: frame.scale, ..Build::default() };
    for control in controls {
        build.take(control);
    }
    build.end(frame)
}

/// A place in pixels.
pub(super) fn scaled(area: Area, scale: f64) -> Rect {
    let at = |value: i32| f64::from(value) * scale;
    Rect { x0: at(area.x), y0: at(area.y), x1: at(area.x + area.w), y1: at(area.y + area.h) }
}

#[derive(Default)]
struct Build {
    scale: f64,
    nodes: Vec<(NodeId, Node)>,
    /// The list or conversation that the next rows belong to, with its place among the nodes.
    within: Option<usize>,
    /// What belongs to the window itself.
    top: Vec<NodeId>,
    controls: HashMap<NodeId, Control>,
    focus: Option<NodeId>,
}

impl Build {
    fn take(&mut self, control: Control) {
        let role = role_of(&control);
        // What has nothing to say is a part of something that has.
        if name_of(&control).is_empty() {
            return;
        }
        let id = self.id_of(&control);
        match self.within.and_then(|at| self.nodes.get_mut(at)) {
            Some((_, list)) if matches!(control.role, "row" | "message" | "image") => list.push_child(id),
            _ => self.top.push(id),
        }
        if matches!(role, Role::List | Role::Log) {
            self.within = Some(self.nodes.len());
        }
        if control.focused {
            self.focus = Some(id);
        }
        let mut node = node(&control, role, self.scale);
        if matches!(role, Role::TextInput | Role::MultilineTextInput) {
            self.written(&control, &mut node);
        }
        self.nodes.push((id, node));
        self.controls.insert(id, control);
    }

    /// What is in a field: it is read from runs of text within it, a line each.
    fn written(&mut self, control: &Control, field: &mut Node) {
        let shown = beginning(&control.text);
        // An empty field is one empty line.
        let lines = shown.split_inclusive('\n').chain(shown.is_empty().then_some(""));
        for (number, line) in lines.take(MOST_LINES).enumerate() {
            let mut run = Node::new(Role::TextRun);
            run.set_value(line);
            run.set_bounds(scaled(control.area, self.scale));
            run.set_text_direction(TextDirection::LeftToRight);
            let lengths = line.chars().map(|c| u8::try_from(c.len_utf8()).unwrap_or(0));
            run.set_character_lengths(lengths.collect::<Vec<_>>());
            let id = hashed(&format!("{}\nline {number}", control.name));
            field.push_child(id);
            self.nodes.push((id, run));
        }
    }

    /// The same for the same thing from one tree to the next.
    fn id_of(&self, control: &Control) -> NodeId {
        let known_by = if control.key.is_empty() { &control.name } else { &control.key };
        let mut number = 0_u32;
        loop {
            let id = hashed(&format!("{}\n{known_by}\n{number}", control.role));
            if !self.controls.contains_key(&id) {
                return id;
            }
            number += 1;
        }
    }

    fn end(mut self, frame: &Frame) -> Tree {
        let mut window = Node::new(Role::Window);
        window.set_label(frame.title.as_str());
        window.set_language(frame.language);
        window.set_children(self.top);
        self.nodes.push((WINDOW, window));
        let mut info = TreeInfo::new(WINDOW);
        info.toolkit_name = Some("Uchat".to_owned());
        let focus = self.focus.unwrap_or(WINDOW);
        let update = TreeUpdate { nodes: self.nodes, tree: Some(info), tree_id: TreeId::ROOT, focus };
        Tree { update, controls: self.controls }
    }
}

fn hashed(known_by: &str) -> NodeId {
    let digest = Sha256::digest(known_by);
    let id = digest.iter().take(8).fold(0_u64, |id, byte| id << 8 | u64::from(*byte));
    // The smallest numbers are taken.
    NodeId(id | 1 << 63)
}

/// As much of a text as is told.
fn beginning(text: &str) -> &str {
    let end = text.char_indices().nth(MOST_CHARS).map_or(text.len(), |(end, _)| end);
    &text[..end]
}

/// What it is called, in the language of the window. A field is never without a name.
fn name_of(control: &Control) -> &str {
    match control.role {
        _ if !control.label.is_empty() => &control.label,
        "field" | "password" => &control.name,
        _ => &control.text,
    }
}

fn role_of(control: &Control) -> Role {
    let kind = control.name.split(':').next().unwrap_or_default();
    match (control.role, kind) {
        // Not one of several: each is put into the text.
        ("button" | "button-on", "emoji") => Role::Button,
        ("button" | "button-on", _) if control.chosen.is_some() => Role::RadioButton,
        ("button" | "button-on", _) => Role::Button,
        ("field", _) if control.name == "message" => Role::MultilineTextInput,
        ("field", _) => Role::TextInput,
        ("password", _) => Role::PasswordInput,
        ("list", _) => Role::List,
        ("row", _) => Role::ListItem,
        ("log", _) => Role::Log,
        (_, "picture") => Role::Image,
        (_, "link") => Role::Link,
        (_, "file-open" | "file-save" | "retry" | "discard" | "more" | "newest" | "person") => Role::Button,
        // One node a message, an image or a file among them.
        (_, "message" | "image" | "file") => Role::Article,
        (_, "bar" | "status") => Role::Alert,
        (_, name) if name.ends_with("-error") => Role::Alert,
        _ => Role::Label,
    }
}

fn node(control: &Control, role: Role, scale: f64) -> Node {
    let mut node = Node::new(role);
    node.set_bounds(scaled(control.area, scale));
    match role {
        // AT-SPI reads a label from its value.
        Role::Label => node.set_value(control.text.as_str()),
        _ => node.set_label(name_of(control)),
    }
    match role {
        Role::TextInput | Role::MultilineTextInput => node.set_value(beginning(&control.text)),
        Role::List if !control.text.is_empty() => node.set_description(control.text.as_str()),
        Role::Alert | Role::Log => node.set_live(Live::Polite),
        Role::RadioButton => node.set_toggled(Toggled::from(control.chosen == Some(true))),
        Role::ListItem => node.set_selected(control.chosen == Some(true)),
        // Of a password neither what is in it nor how long that is.
        _ => {}
    }
    if !control.enabled {
        node.set_disabled();
    }
    let is_input = matches!(role, Role::TextInput | Role::MultilineTextInput | Role::PasswordInput);
    let is_button = matches!(role, Role::Button | Role::RadioButton | Role::ListItem);
    if is_button || role == Role::Link || control.role == "image" {
        node.add_action(Action::Click);
    }
    // What is drawn within the conversation has no focus of its own.
    let is_drawn = matches!(control.role, "message" | "image");
    if (is_input || is_button || matches!(role, Role::List | Role::Log)) && !is_drawn {
        node.add_action(Action::Focus);
    }
    node
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> Frame {
        Frame { title: "Uchat".into(), language: "en", scale: 1.0, place: Area::new(0, 0, 640, 480) }
    }

    fn control(name: &str, role: &'static str, text: &str) -> Control {
        Control::new(name, role, Area::new(1, 2, 30, 40), text)
    }

    fn field(name: &str, role: &'static str, label: &str, text: &str) -> Control {
        Control { label: label.into(), ..control(name, role, text) }
    }

    fn found<'a>(tree: &'a Tree, name: &str) -> &'a Node {
        let id = tree.controls.iter().find(|(_, control)| control.name == name).unwrap().0;
        &tree.update.nodes.iter().find(|(other, _)| other == id).unwrap().1
    }

    #[test]
    fn every_control_has_a_role_and_a_name() {
        let controls = vec![
            field("username", "field", "Username", "ann"),
            field("password", "password", "Password", "secret that a field forgot to hide"),
            control("submit", "button", "Sign in"),
            Control { label: "Contacts".into(), ..control("contacts", "list", "") },
            Control { chosen: Some(true), ..control("contact:bob", "row", "bob · online") },
            Control { label: "Messages".into(), ..control("conversation", "log", "") },
            control("message:0", "message", "bob: hi (sent)"),
            control("image:1", "image", "bob: image png shown (sent)"),
            control("link:0", "message", "https://example.com"),
            control("bar", "text", "Trying again"),
        ];
        let tree = tree(&Frame { scale: 2.0, ..frame() }, controls);
        let role = |name| found(&tree, name).role();
        assert_eq!(role("username"), Role::TextInput);
        assert_eq!(role("password"), Role::PasswordInput);
        assert_eq!((role("submit"), role("link:0")), (Role::Button, Role::Link));
        assert_eq!((role("message:0"), role("image:1")), (Role::Article, Role::Article));
        assert_eq!((role("contact:bob"), role("bar")), (Role::ListItem, Role::Alert));
        assert_eq!(found(&tree, "username").value(), Some("ann"));
        assert!(tree.update.nodes.iter().all(|(_, node)| {
            node.role() == Role::TextRun || node.label().or(node.value()).is_some_and(|name| !name.is_empty())
        }));
        assert_eq!(found(&tree, "contacts").children().len(), 1);
        assert_eq!(found(&tree, "conversation").children().len(), 3);
        assert_eq!(found(&tree, "contact:bob").is_selected(), Some(true));
        assert_eq!(found(&tree, "submit").bounds(), Some(Rect { x0: 2.0, y0: 4.0, x1: 62.0, y1: 84.0 }));
    }

    #[test]
    fn nothing_of_a_password_is_published() {
        let tree = tree(&frame(), vec![field("password", "password", "Password", "hunter2")]);
        assert_eq!(found(&tree, "password").value(), None);
        assert!(!format!("{:?}", tree.update).contains("hunter2"));
    }

    #[test]
    fn a_message_stays_the_same_node_when_others_come_into_sight() {
        let message = |number: u32, text: &str| Control {
            key: text.into(),
            ..control(&format!("message:{number}"), "message", text)
        };
        let id = |tree: &Tree, text: &str| {
            *tree.controls.iter().find(|(_, control)| control.text == text).unwrap().0
        };
        let one = tree(&frame(), vec![message(0, "a: hi"), message(1, "b: hm")]);
        let other = tree(&frame(), vec![message(0, "b: hm"), message(1, "c: new")]);
        assert_eq!(id(&one, "b: hm"), id(&other, "b: hm"));
        let twins = tree(&frame(), vec![message(0, "a: hi"), message(1, "a: hi")]);
        assert_eq!(twins.controls.len(), 2, "two equal messages are two");
    }

    #[test]
    fn a_choice_says_whether_it_is_chosen_and_a_tool_is_just_a_button() {
        let choice = |name: &str, on| Control { chosen: Some(on), ..control(name, "button", "Dark") };
        let tree = tree(
            &frame(),
            vec![choice("on", true), choice("off", false), control("send", "button-on", "Send")],
        );
        assert_eq!(found(&tree, "on").toggled(), Some(Toggled::True));
        assert_eq!(found(&tree, "off").toggled(), Some(Toggled::False));
        assert_eq!(found(&tree, "send").role(), Role::Button);
    }

    #[test]
    fn the_focus_is_where_the_keyboard_is() {
        let focused = Control { focused: true, ..field("message", "field", "Message", "") };
        let tree = tree(&frame(), vec![control("send", "button", "Send"), focused]);
        assert_eq!(tree.controls[&tree.update.focus].name, "message");
    }
}
