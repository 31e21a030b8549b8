//! The questions that are answered with a password.

use uchat_client_core::request::Registration;
use uchat_client_core::{Request, Secret};

use super::Chat;

/// A password is still to come.
pub(super) enum Awaited {
    Login {
        username: String,
    },
    Register {
        username: String,
        email: String,
    },
    /// The password that is to be changed.
    Old,
    New {
        old: Secret,
    },
    Again {
        old: Secret,
        new: Secret,
    },
}

impl Chat {
    /// Asks for it; what is typed next does not show.
    pub(super) fn await_password(&mut self, awaited: Awaited) -> anyhow::Result<()> {
        let prompt = match awaited {
            Awaited::Login { .. } | Awaited::Register { .. } => self.language.pick("密码: ", "password: "),
            Awaited::Old => self.language.pick("原密码: ", "old password: "),
            Awaited::New { .. } => self.language.pick("新密码: ", "new password: "),
            Awaited::Again { .. } => self.language.pick("再次输入新密码: ", "new password again: "),
        };
        self.awaited = Some(awaited);
        Ok(self.screen.prompt(prompt.to_owned())?)
    }

    /// What a password completes, if it isn't only the next question.
    pub(super) fn with_password(
        &mut self,
        awaited: Awaited,
        password: &str,
    ) -> anyhow::Result<Option<Request>> {
        Ok(match awaited {
            Awaited::Login { username } if password.is_empty() => Some(Request::LoginWithKey { username }),
            Awaited::Login { username } => Some(Request::Login { username, password: password.into() }),
            Awaited::Register { username, email } => {
                Some(Request::Register(Registration::new(username, password, email)))
            }
            Awaited::Old => {
                self.await_password(Awaited::New { old: password.into() })?;
                None
            }
            Awaited::New { old } => {
                self.await_password(Awaited::Again { old, new: password.into() })?;
                None
            }
            Awaited::Again { old, new } if new.expose() == password => {
                let id = self.app.client.next_call();
                self.changing = Some(id);
                Some(Request::ChangePassword { id, old, new })
            }
            Awaited::Again { .. } => {
                self.screen.prompt(self.usual_prompt())?;
                self.say("两次输入不一致，密码未修改", "these are two passwords; nothing was changed")?;
                None
            }
        })
    }
}
