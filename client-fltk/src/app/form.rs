//! The sign-in and register form: what is in its fields, and what is wrong with it, in words, as one types.

use uchat_client_core::{Registration, Secret};

/// The longest name that a server takes.
const NAME_MAX: usize = 8;
/// The longest password that a server takes.
const PASSWORD_MAX: usize = 128;

/// The two faces of the sign-in window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Face {
    /// Name and password of an account.
    #[default]
    SignIn,
    /// A new account.
    Register,
}

/// One field of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FieldName {
    /// `host:port`.
    Server,
    /// The user's name.
    Username,
    /// The password.
    Password,
    /// The password once more.
    Confirm,
    /// The e-mail.
    Email,
}

impl FieldName {
    /// All fields, from top to bottom.
    pub const ALL: [Self; 5] = [Self::Server, Self::Username, Self::Password, Self::Confirm, Self::Email];

    /// Its name for tests and screen readers.
    pub fn id(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Username => "username",
            Self::Password => "password",
            Self::Confirm => "confirm",
            Self::Email => "email",
        }
    }

    /// The key of its label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Server => "t-server",
            Self::Username => "t-username",
            Self::Password => "t-password",
            Self::Confirm => "t-confirm",
            Self::Email => "t-email",
        }
    }
}

/// What is typed into the form, and how far the sign-in is.
#[derive(Clone, Debug)]
pub struct Form {
    /// Signing in or registering.
    pub face: Face,
    /// `host:port`.
    pub server: String,
    /// The name.
    pub username: String,
    /// The password.
    pub password: Secret,
    /// The password once more.
    pub confirm: Secret,
    /// The e-mail.
    pub email: String,
    /// `保密`, `男` or `女`, as the protocol has it.
    pub sex: &'static str,
    /// `保密` or a number.
    pub age: String,
    /// Which fields were typed in: only they are complained about before the button is pressed.
    pub touched: Vec<FieldName>,
    /// Whether an answer is being waited for.
    pub busy: bool,
    /// What the server said last, as a text for people.
    pub status: Option<String>,
    /// A field that the server has complained about, and the key of the text.
    pub refused: Option<(FieldName, &'static str)>,
}

impl Form {
    /// An empty form.
    pub fn new(server: String, username: String) -> Self {
        Self {
            face: Face::SignIn,
            server,
            username,
            password: Secret::from(""),
            confirm: Secret::from(""),
            email: String::new(),
            sex: Registration::UNSAID,
            age: Registration::UNSAID.to_owned(),
            touched: Vec::new(),
            busy: false,
            status: None,
            refused: None,
        }
    }

    /// The fields of the present face.
    pub fn fields(&self) -> &'static [FieldName] {
        match self.face {
            Face::SignIn => &FieldName::ALL[..3],
            Face::Register => &FieldName::ALL,
        }
    }

    /// Takes what was typed.
    pub fn set(&mut self, field: FieldName, value: String) {
        match field {
            FieldName::Server => value.trim().clone_into(&mut self.server),
            FieldName::Username => value.trim().clone_into(&mut self.username),
            FieldName::Password => self.password = value.into(),
            FieldName::Confirm => self.confirm = value.into(),
            FieldName::Email => value.trim().clone_into(&mut self.email),
        }
        if !self.touched.contains(&field) {
            self.touched.push(field);
        }
        if self.refused.is_some_and(|(refused, _)| refused == field || field == FieldName::Username) {
            self.refused = None;
        }
        self.status = None;
    }

    /// What is wrong with a field, as the key of a text.
    pub fn problem(&self, field: FieldName) -> Option<&'static str> {
        if let Some((refused, key)) = self.refused
            && refused == field
        {
            return Some(key);
        }
        match field {
            FieldName::Server => server_problem(&self.server),
            FieldName::Username => name_problem(&self.username),
            FieldName::Password => password_problem(self.password.expose()),
            FieldName::Confirm => (self.confirm != self.password).then_some("t-problem-differs"),
            FieldName::Email => email_problem(&self.email),
        }
    }

    /// The problem of a field that should be shown now.
    pub fn shown_problem(&self, field: FieldName) -> Option<&'static str> {
        let refused = self.refused.is_some_and(|(refused, _)| refused == field);
        if refused || self.touched.contains(&field) { self.problem(field) } else { None }
    }

    /// The button was pressed: whether the form can go to the server. From now on every field is complained about.
    pub fn submit(&mut self) -> bool {
        self.touched = FieldName::ALL.to_vec();
        self.refused = None;
        self.status = None;
        self.fields().iter().all(|field| self.problem(*field).is_none())
    }

    /// What a registration sends.
    pub fn registration(&self) -> Registration {
        Registration {
            username: self.username.clone(),
            password: self.password.clone(),
            email: self.email.clone(),
            sex: self.sex.into(),
            age: self.age.clone(),
        }
    }

    /// Turns to the other face.
    pub fn switch(&mut self) {
        self.face = if self.face == Face::SignIn { Face::Register } else { Face::SignIn };
        self.touched.clear();
        self.refused = None;
        self.status = None;
    }

    /// Forgets the passwords; whoever comes next has an account.
    pub fn forget(&mut self) {
        self.face = Face::SignIn;
        self.refused = None;
        self.password = Secret::from("");
        self.confirm = Secret::from("");
        self.touched.clear();
        self.busy = false;
    }
}

fn server_problem(server: &str) -> Option<&'static str> {
    if server.is_empty() {
        return Some("t-problem-empty");
    }
    let form = server.rsplit_once(':').is_some_and(|(host, port)| {
        let bracketed = !host.contains(':') || (host.starts_with('[') && host.ends_with(']'));
        !host.is_empty()
            && bracketed
            && !host.contains(char::is_whitespace)
            && port.parse::<u16>().is_ok_and(|p| p > 0)
    });
    (!form).then_some("t-problem-server")
}

/// The rules of the server: 1 to 8 letters of any script, digits, `_`, `-`, `.`.
pub fn name_problem(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        Some("t-problem-empty")
    } else if !name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.')) {
        Some("t-problem-illegal")
    } else if name.to_lowercase().chars().count() > NAME_MAX {
        Some("t-problem-long")
    } else {
        None
    }
}

/// The rules of the server: 1 to 128 characters that can be seen.
pub fn password_problem(password: &str) -> Option<&'static str> {
    if password.is_empty() {
        Some("t-problem-empty")
    } else if password.chars().count() > PASSWORD_MAX {
        Some("t-problem-long-password")
    } else if password.chars().any(char::is_control) {
        Some("t-problem-illegal")
    } else {
        None
    }
}

fn email_problem(email: &str) -> Option<&'static str> {
    if email.is_empty() {
        return Some("t-problem-empty");
    }
    let legal = |part: &str, extra: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || extra.contains(c))
    };
    let form = email.split_once('@').is_some_and(|(local, domain)| {
        legal(local, "._-+") && domain.contains('.') && domain.split('.').all(|label| legal(label, "-"))
    });
    (!form).then_some("t-problem-email")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled() -> Form {
        let mut form = Form::new("127.0.0.1:2333".into(), String::new());
        form.switch();
        let values = [
            (FieldName::Username, "小明"),
            (FieldName::Password, "pw1"),
            (FieldName::Confirm, "pw1"),
            (FieldName::Email, "ming@example.com"),
        ];
        for (field, value) in values {
            form.set(field, value.into());
        }
        form
    }

    #[test]
    fn each_mistake_is_told_at_its_field() {
        use FieldName::{Confirm, Email, Password, Server, Username};
        assert!(filled().submit());
        let cases = [
            (Username, "", "t-problem-empty"),
            (Username, "ninechars", "t-problem-long"),
            (Username, "a b", "t-problem-illegal"),
            (Password, "", "t-problem-empty"),
            (Confirm, "pw2", "t-problem-differs"),
            (Email, "ming", "t-problem-email"),
            (Email, "", "t-problem-empty"),
            (Server, "localhost", "t-problem-server"),
            (Server, "host:0", "t-problem-server"),
        ];
        for (field, value, problem) in cases {
            let mut form = filled();
            form.set(field, value.into());
            assert_eq!(form.shown_problem(field), Some(problem), "{field:?} {value:?}");
            assert!(!form.submit());
        }
    }

    #[test]
    fn nothing_is_complained_about_before_it_was_typed() {
        let form = Form::new("127.0.0.1:2333".into(), String::new());
        assert!(form.fields().iter().all(|field| form.shown_problem(*field).is_none()));
    }

    #[test]
    fn what_the_server_refuses_stands_at_the_field_until_it_changes() {
        let mut form = filled();
        form.refused = Some((FieldName::Username, "t-problem-taken"));
        assert_eq!(form.shown_problem(FieldName::Username), Some("t-problem-taken"));
        form.set(FieldName::Username, "other".into());
        assert_eq!(form.shown_problem(FieldName::Username), None);
    }

    #[test]
    fn passwords_are_forgotten_and_never_printed() {
        let mut form = filled();
        assert!(!format!("{form:?}").contains("pw1"));
        form.forget();
        assert_eq!(form.password.expose(), "");
    }
}
