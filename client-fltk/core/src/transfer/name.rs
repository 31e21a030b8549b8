//! What a peer calls a file, as the name of a file here: its last part, with nothing in it that a system takes for something else.

use crate::attachment::shown_name;

/// Characters of a name.
const LONGEST: usize = 120;
/// Names that are devices on Windows, with any ending.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// A name for a file here. Never empty, never a path, never a device.
pub fn safe_name(name: &str) -> String {
    let shown: String = shown_name(name)
        .chars()
        .map(|c| if r#"<>:"|?*"#.contains(c) { '_' } else { c })
        .take(LONGEST)
        .collect();
    let trimmed = shown.trim_matches(['.', ' ']);
    if trimmed.is_empty() {
        return "file".into();
    }
    let stem = trimmed.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    let is_device = DEVICES.iter().any(|device| {
        let rest = stem.strip_prefix(device);
        rest.is_some_and(|rest| {
            rest.is_empty() || (rest.len() == 1 && rest.chars().all(|c| c.is_ascii_digit()))
        })
    });
    if is_device { format!("_{trimmed}") } else { trimmed.to_owned() }
}

/// The name with a number, for when there is such a file: `notes (2).txt`.
pub(super) fn numbered(name: &str, number: u32) -> String {
    if number < 2 {
        return name.to_owned();
    }
    match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => format!("{stem} ({number}).{ending}"),
        _ => format!("{name} ({number})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_a_peer_is_no_path_no_device_and_never_empty() {
        for (peer, here) in [
            ("照片 1.jpg", "照片 1.jpg"),
            ("../../etc/passwd", "passwd"),
            ("C:\\evil\\a.txt", "a.txt"),
            ("..", "file"),
            ("", "file"),
            ("a/", "file"),
            ("nul.txt", "_nul.txt"),
            ("COM1", "_COM1"),
            ("comet.txt", "comet.txt"),
            ("what?*.txt", "what__.txt"),
            (".hidden", "hidden"),
            ("evil\u{202e}txt.exe\n", "eviltxt.exe"),
        ] {
            assert_eq!(safe_name(peer), here, "{peer:?}");
        }
        assert_eq!(safe_name(&"长".repeat(500)).chars().count(), LONGEST);
    }

    #[test]
    fn another_file_of_the_same_name_gets_a_number_before_its_ending() {
        assert_eq!(numbered("a.tar.gz", 2), "a.tar (2).gz");
        assert_eq!(numbered("notes", 3), "notes (3)");
        assert_eq!(numbered("a.txt", 1), "a.txt");
    }
}
