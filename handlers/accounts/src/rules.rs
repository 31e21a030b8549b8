//! What names, e-mails, passwords, sex and age may look like.

use uchat_config::Accounts;
use uchat_framework::prelude::*;

rejections! {
    /// The name is empty once trimmed.
    EmptyName = "用户名不能为空",
    /// The name is longer than `accounts.username_max_chars`.
    LongName = "用户名过长",
    /// The name holds something else than letters, digits, `_`, `-` and `.`.
    IllegalName = "用户名含有非法字符",
    /// The password is empty.
    EmptyPassword = "密码不能为空",
    /// The password is shorter than `accounts.password_min_chars`.
    ShortPassword = "密码过短",
    /// The password is longer than `accounts.password_max_chars`.
    LongPassword = "密码过长",
    /// The password holds control characters.
    IllegalPassword = "密码含有非法字符",
    /// The e-mail is empty.
    EmptyEmail = "邮箱不能为空",
    /// The e-mail is not of the form `xxx@xxx.xxx`.
    IllegalEmail = "邮箱格式错误",
    /// Sex is one of three words.
    IllegalSex = "性别只能是 保密、男 或 女",
    /// Age is `保密` or a number from 0 to 100.
    IllegalAge = "年龄只能是 保密 或 0 到 100",
}

/// The longest local part and domain that mail allows.
const EMAIL_MAX_BYTES: usize = 254;

/// The name under which an account is kept: trimmed, lower case.
pub(crate) fn fold(name: &str) -> String {
    name.trim().to_lowercase()
}

/// Checks a folded name.
pub(crate) fn name(name: &str, limits: &Accounts) -> Result<()> {
    ensure!(!name.is_empty(), EmptyName);
    ensure!(
        name.chars().count() <= limits.username_max_chars,
        LongName.with(format_args!("最多 {} 个字符", limits.username_max_chars))
    );
    ensure!(name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.')), IllegalName);
    Ok(())
}

/// Checks a password for a new account.
pub(crate) fn password(password: &str, limits: &Accounts) -> Result<()> {
    let chars = password.chars().count();
    ensure!(chars > 0, EmptyPassword);
    ensure!(
        chars >= limits.password_min_chars,
        ShortPassword.with(format_args!("至少 {} 个字符", limits.password_min_chars))
    );
    ensure!(
        chars <= limits.password_max_chars,
        LongPassword.with(format_args!("最多 {} 个字符", limits.password_max_chars))
    );
    ensure!(!password.chars().any(char::is_control), IllegalPassword);
    Ok(())
}

/// Checks an e-mail address: `xxx@xxx.xxx`.
pub(crate) fn email(email: &str) -> Result<()> {
    ensure!(!email.is_empty(), EmptyEmail);
    let legal = |part: &str, extra: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || extra.contains(c))
    };
    let form = email.split_once('@').is_some_and(|(local, domain)| {
        legal(local, "._-+") && domain.contains('.') && domain.split('.').all(|label| legal(label, "-"))
    });
    ensure!(form && email.len() <= EMAIL_MAX_BYTES, IllegalEmail);
    Ok(())
}

/// Checks the words for sex and age.
pub(crate) fn sex_and_age(sex: &str, age: &str) -> Result<()> {
    ensure!(matches!(sex, "保密" | "男" | "女"), IllegalSex);
    let years = age.bytes().all(|b| b.is_ascii_digit()).then(|| age.parse::<u8>().ok()).flatten();
    ensure!(age == "保密" || years.is_some_and(|years| years <= 100), IllegalAge);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Accounts {
        Accounts::default()
    }

    #[test]
    fn a_name_is_one_to_eight_letters_of_any_script() {
        for good in ["a", "用户一二三四五六", "a.b-c_9", "éà"] {
            assert!(name(good, &limits()).is_ok(), "{good}");
        }
        assert!(name("", &limits()).unwrap_err() == EmptyName);
        assert!(name("ninechars", &limits()).unwrap_err() == LongName);
        for bad in ["a b", "a\0", "a'b", "a/b", "<b>", "a\u{202e}b", "😀"] {
            assert!(name(bad, &limits()).unwrap_err() == IllegalName, "{bad:?}");
        }
        assert_eq!(fold(" Alice "), "alice");
    }

    #[test]
    fn an_email_has_a_local_part_and_a_domain_with_a_dot() {
        for good in ["a@b.c", "first.last+tag@mail.example.com", "u@mail.com"] {
            assert!(email(good).is_ok(), "{good}");
        }
        for bad in ["a", "a@b", "@b.c", "a@.c", "a@b.", "a@b..c", "a b@c.d", "a@b@c.d", "汉@b.c"] {
            assert!(email(bad).unwrap_err() == IllegalEmail, "{bad}");
        }
        assert!(email("").unwrap_err() == EmptyEmail);
    }

    #[test]
    fn passwords_are_not_empty_not_endless_and_have_no_control_characters() {
        assert!(password("pw1", &limits()).is_ok());
        assert!(password("", &limits()).unwrap_err() == EmptyPassword);
        assert!(password(&"x".repeat(129), &limits()).unwrap_err() == LongPassword);
        assert!(password("a\nb", &limits()).unwrap_err() == IllegalPassword);
    }

    #[test]
    fn sex_and_age_are_from_their_lists() {
        assert!(sex_and_age("保密", "保密").is_ok());
        assert!(sex_and_age("女", "0").is_ok());
        assert!(sex_and_age("男", "100").is_ok());
        assert!(sex_and_age("x", "1").unwrap_err() == IllegalSex);
        for age in ["101", "-1", "", "abc", "+5"] {
            assert!(sex_and_age("男", age).unwrap_err() == IllegalAge, "{age}");
        }
    }
}
