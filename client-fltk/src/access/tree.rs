//! Controls as a tree of `AccessKit`.

use std::collections::HashMap;

use accesskit::{Action, Live, Node, NodeId, Rect, Role, Toggled, TreeId, TreeInfo, TreeUpdate};
use sha2::{Digest as _, Sha256};

use crate::widget::Control;

/// The window itself, the list of contacts, the messages: nodes that hold others.
const WINDOW: NodeId = NodeId(1);
const CONTACTS: NodeId = NodeId(2);
const MESSAGES: NodeId = NodeId(3);

/// What is published, and which control each node is.
#[derive(Debug)]
pub struct Tree {
    /// The whole tree; there is never more in it than can be seen.
    pub update: TreeUpdate,
    /// The controls by their nodes.
    pub controls: HashMap<NodeId, Control>,
}

/// The tree of a window with this title, whose controls are these, drawn `scale` times as large.
pub fn tree(title: &str, controls: Vec<Control>, scale: f64) -> Tree {
    let mut build = Build { scale, ..Build::default() };
    for control in controls {
        build.take(control);
    }
    build.end(title)
}

#[derive(Default)]
struct Build {
    scale: f64,
    nodes: Vec<(NodeId, Node)>,
    contacts: Vec<NodeId>,
    messages: Vec<NodeId>,
    others: Vec<NodeId>,
    controls: HashMap<NodeId, Control>,
    focus: Option<NodeId>,
}

impl Build {
    fn take(&mut self, control: Control) {
        let role = role_of(&control);
        // What has nothing to say is a part of something that has.
        if name_of(&control).is_empty() && !matches!(role, Role::TextInput | Role::PasswordInput) {
            return;
        }
        let id = self.id_of(&control);
        let siblings = match role {
            Role::ListItem => &mut self.contacts,
            Role::Article => &mut self.messages,
            _ => &mut self.others,
        };
        siblings.push(id);
        if control.focused {
            self.focus = Some(id);
        }
        self.nodes.push((id, node(&control, role, self.scale)));
        self.controls.insert(id, control);
    }

    /// The same for the same thing from one tree to the next. The names of messages count what is in sight, so a message is
    /// known by what it says.
    fn id_of(&self, control: &Control) -> NodeId {
        let known_by = match role_of(control) {
            Role::Article | Role::Link => format!("{}\n{}", control.role, control.text),
            _ => control.name.clone(),
        };
        let mut number = 0_u32;
        loop {
            let digest = Sha256::digest(format!("{known_by}\n{number}"));
            let id = digest.iter().take(8).fold(0_u64, |id, byte| id << 8 | u64::from(*byte));
            // The smallest numbers are taken.
            let id = NodeId(id | 1 << 63);
            if !self.controls.contains_key(&id) {
                return id;
            }
            number += 1;
        }
    }

    fn end(mut self, title: &str) -> Tree {
        let mut window = Node::new(Role::Window);
        window.set_label(title);
        let mut children = std::mem::take(&mut self.others);
        for (id, role, inside) in
            [(CONTACTS, Role::List, &self.contacts), (MESSAGES, Role::Log, &self.messages)]
        {
            if !inside.is_empty() {
                let mut list = Node::new(role);
                list.set_children(inside.clone());
                self.nodes.push((id, list));
                children.push(id);
            }
        }
        window.set_children(children);
        self.nodes.push((WINDOW, window));
        let mut info = TreeInfo::new(WINDOW);
        info.toolkit_name = Some("Uchat".to_owned());
        let focus = self.focus.unwrap_or(WINDOW);
        let update = TreeUpdate { nodes: self.nodes, tree: Some(info), tree_id: TreeId::ROOT, focus };
        Tree { update, controls: self.controls }
    }
}

/// What it is called, in the language of the window.
fn name_of(control: &Control) -> &str {
    if control.label.is_empty() { &control.text } else { &control.label }
}

fn role_of(control: &Control) -> Role {
    let kind = control.name.split(':').next().unwrap_or_default();
    match (control.role, kind) {
        ("button", _) => Role::Button,
        ("button-on", _) => Role::RadioButton,
        ("field", _) => Role::TextInput,
        ("password", _) => Role::PasswordInput,
        ("row", _) => Role::ListItem,
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
    let area = control.area;
    let at = |value: i32| f64::from(value) * scale;
    node.set_bounds(Rect {
        x0: at(area.x),
        y0: at(area.y),
        x1: at(area.x + area.w),
        y1: at(area.y + area.h),
    });
    match role {
        // AT-SPI reads a label from its value.
        Role::Label => node.set_value(control.text.as_str()),
        Role::TextInput => {
            node.set_label(name_of_field(control));
            node.set_value(control.text.as_str());
        }
        // Neither what is in it nor how long that is.
        Role::PasswordInput => node.set_label(name_of_field(control)),
        _ => node.set_label(name_of(control)),
    }
    if role == Role::Alert {
        node.set_live(Live::Polite);
    }
    if role == Role::RadioButton {
        node.set_toggled(Toggled::True);
    }
    if !control.enabled {
        node.set_disabled();
    }
    if matches!(role, Role::Button | Role::RadioButton | Role::ListItem | Role::Link) {
        node.add_action(Action::Click);
    }
    if matches!(role, Role::Button | Role::RadioButton | Role::TextInput | Role::PasswordInput) {
        node.add_action(Action::Focus);
    }
    node
}

/// A field is never without a name.
fn name_of_field(control: &Control) -> &str {
    if control.label.is_empty() { &control.name } else { &control.label }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::paint::Area;

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
            control("contact:bob", "row", "bob · online"),
            control("message:0", "message", "bob: hi (sent)"),
            control("image:1", "image", "bob: image png shown (sent)"),
            control("link:0", "message", "https://example.com"),
            control("bar", "text", "Trying again"),
        ];
        let tree = tree("Uchat", controls, 2.0);
        let role = |name| found(&tree, name).role();
        assert_eq!(role("username"), Role::TextInput);
        assert_eq!(role("password"), Role::PasswordInput);
        assert_eq!((role("submit"), role("link:0")), (Role::Button, Role::Link));
        assert_eq!((role("message:0"), role("image:1")), (Role::Article, Role::Article));
        assert_eq!((role("contact:bob"), role("bar")), (Role::ListItem, Role::Alert));
        assert_eq!(found(&tree, "username").value(), Some("ann"));
        assert!(tree.update.nodes.iter().all(|(_, node)| {
            node.label().or(node.value()).is_some_and(|name| !name.is_empty())
                || matches!(node.role(), Role::List | Role::Log)
        }));
        assert_eq!(found(&tree, "submit").bounds(), Some(Rect { x0: 2.0, y0: 4.0, x1: 62.0, y1: 84.0 }));
    }

    #[test]
    fn nothing_of_a_password_is_published() {
        let tree = tree("Uchat", vec![field("password", "password", "Password", "hunter2")], 1.0);
        assert_eq!(found(&tree, "password").value(), None);
        assert!(!format!("{:?}", tree.update).contains("hunter2"));
    }

    #[test]
    fn a_message_stays_the_same_node_when_others_come_into_sight() {
        let message = |number: u32, text: &str| control(&format!("message:{number}"), "message", text);
        let id = |tree: &Tree, text: &str| {
            *tree.controls.iter().find(|(_, control)| control.text == text).unwrap().0
        };
        let one = tree("Uchat", vec![message(0, "a: hi"), message(1, "b: hm")], 1.0);
        let other = tree("Uchat", vec![message(0, "b: hm"), message(1, "c: new")], 1.0);
        assert_eq!(id(&one, "b: hm"), id(&other, "b: hm"));
        let twins = tree("Uchat", vec![message(0, "a: hi"), message(1, "a: hi")], 1.0);
        assert_eq!(twins.controls.len(), 2, "two equal messages are two");
    }

    #[test]
    fn the_focus_is_where_the_keyboard_is() {
        let focused = Control { focused: true, ..field("message", "field", "Message", "") };
        let tree = tree("Uchat", vec![control("send", "button", "Send"), focused], 1.0);
        assert_eq!(tree.controls[&tree.update.focus].name, "message");
    }
}
