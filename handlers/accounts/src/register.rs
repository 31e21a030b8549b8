//! Opcode 2: a new account.

use uchat_config::{Accounts, Settings};
use uchat_db::{Creation, Db, NewUser};
use uchat_framework::codec::chat::Register;
use uchat_framework::codec::opcode::{REGISTER, REGISTER_SUCCESSFUL, USERNAME_TAKEN};
use uchat_framework::prelude::*;
use zeroize::Zeroizing;

use crate::password::Passwords;
use crate::rules;

rejections! {
    /// Somebody has this name.
    NameTaken = "用户名已被使用，请换一个" => USERNAME_TAKEN,
    /// Somebody has registered with this e-mail.
    EmailTaken = "邮箱已被使用，请换一个",
}

/// Makes an account; the answer is its number. Does not log in.
#[handler(REGISTER, reply = REGISTER_SUCCESSFUL)]
async fn register(
    caller: Caller,
    Args(form): Args<Register>,
    db: Service<Db>,
    settings: Service<Settings>,
    passwords: Service<Passwords>,
) -> Result<UserId> {
    let address = caller.address();
    // Whatever address the client claims to have.
    let form =
        Register { ip: address.ip().to_canonical().to_string(), port: address.port().to_string(), ..form };
    // Whoever came first would be an operator: such an account is made by somebody who is one.
    let operators = &settings.accounts.operators;
    ensure!(!operators.contains(&rules::fold(&form.username)), NameTaken);
    let public_key = caller.identity().public_number.as_ref().map(ToString::to_string);
    make(form, public_key, &db, &settings.accounts, &passwords).await
}

/// Makes an account that keeps to the rules, whoever wants it.
pub(crate) async fn make(
    mut form: Register,
    public_key: Option<String>,
    db: &Db,
    limits: &Accounts,
    passwords: &Passwords,
) -> Result<UserId> {
    let password = Zeroizing::new(std::mem::take(&mut form.password));
    let name = rules::fold(&form.username);
    let email = form.email.trim();
    rules::name(&name, limits)?;
    ensure!(db.user_by_name(&name).await?.is_none(), NameTaken);
    rules::email(email)?;
    rules::password(&password, limits)?;
    rules::sex_and_age(&form.sex, &form.age)?;
    let new = NewUser {
        username: name.clone(),
        password: passwords.hash(&password).await?,
        email: email.to_owned(),
        ip: form.ip,
        port: form.port,
        sex: form.sex,
        age: form.age,
        public_key,
    };
    match db.create_user(new).await? {
        Creation::Created(id) => {
            tracing::info!(user = name, id, "registered");
            Ok(id)
        }
        Creation::NameTaken => Err(NameTaken.into()),
        Creation::EmailTaken => Err(EmailTaken.into()),
    }
}
