//! Which layer wins, and how well a mistake is explained.

use super::*;

fn with_file(text: &str) -> Result<Loaded, ConfigError> {
    named("uchat.toml", text)
}

fn named(name: &str, text: &str) -> Result<Loaded, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    Settings::load(Sources { file: Some(path), ..Sources::default() })
}

fn with_set(set: &[&str]) -> Result<Loaded, ConfigError> {
    Settings::load(Sources { set: set.iter().map(ToString::to_string).collect(), ..Sources::default() })
}

fn problems(result: Result<Loaded, ConfigError>) -> Vec<String> {
    match result {
        Err(ConfigError::Refused(problems)) => problems.iter().map(ToString::to_string).collect(),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn the_manual_holds_every_key_with_its_default() {
    let text = include_str!("../../uchat.toml");
    assert_eq!(with_file(text).unwrap().settings, Settings::default());
    let written: Table = text.parse().unwrap();
    assert_eq!(written, Table::try_from(Settings::default()).unwrap());
}

#[test]
fn the_command_line_wins_over_the_environment_and_that_over_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("uchat.toml");
    std::fs::write(&path, "[limits]\nmax_depth = 10\nmax_connections = 1\nidle_seconds = 7\n").unwrap();
    let loaded = Settings::load(Sources {
        file: Some(path),
        env: vec![
            ("UCHAT__LIMITS__MAX_DEPTH".into(), "11".into()),
            ("UCHAT__LIMITS__MAX_CONNECTIONS".into(), "2".into()),
        ],
        set: vec!["limits.max_depth=12".into()],
    });
    let limits = loaded.unwrap().settings.limits;
    assert_eq!((limits.max_depth, limits.max_connections, limits.idle_seconds), (12, 2, 7));
}

#[test]
fn an_unknown_key_is_refused_with_its_line_and_the_nearest_one() {
    let found = problems(with_file("[limits]\nmax_depth = 10\nmax_conections = 5\n"));
    assert_eq!(found.len(), 1);
    assert!(
        found[0].contains(
            "uchat.toml:3: unknown key `limits.max_conections`; did you mean `limits.max_connections`?"
        ),
        "{found:?}"
    );
}

#[test]
fn every_mistake_is_reported_at_once() {
    let found = problems(with_set(&[
        "limits.max_depth=many",
        "server.listen=nowhere",
        "rooms.name_max=3",
        "limits.outbound_messages=0",
    ]));
    assert_eq!(found.len(), 4, "{found:#?}");
    assert!(found[0].contains(
        "--set limits.max_depth=many: `limits.max_depth` takes an integer such as 32, not a string"
    ));
    assert!(found[1].contains("`server.listen` can't be \"nowhere\""));
    assert!(found[2].contains("did you mean `rooms.name_max_chars`?"));
    assert!(found[3].contains("`limits.outbound_messages`"));
}

#[test]
fn impossible_values_are_refused_with_the_place_that_said_them() {
    for (key, value) in [
        ("limits.max_depth", "-1"),
        ("limits.max_key_bytes", "256"),
        ("classic.modulus", "15"),
        ("classic.base", "abc"),
        ("classic.certificate_name", "two words"),
        ("history.max_bytes", "41943040"),
        ("database.synchronous", "sometimes"),
        ("accounts.password_min_chars", "500"),
        ("limits.max_unauthenticated_frame_bytes", "41943041"),
        ("limits.request_seconds", "0"),
        ("limits.idle_seconds", "9223372036854775807"),
        ("database.write_queue", "9223372036854775807"),
        ("limits", "3"),
        ("plugins.dice", "6"),
    ] {
        let set = format!("{key}={value}");
        let found = problems(with_set(&[&set]));
        assert!(found.iter().any(|problem| problem.contains(key)), "{set}: {found:?}");
    }
}

#[test]
fn mistakes_of_different_layers_are_reported_together() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("uchat.toml");
    std::fs::write(&path, "[limits\n").unwrap();
    let found = problems(Settings::load(Sources {
        file: Some(path),
        env: vec![("UCHAT__ROOMS__NAME_MAX".into(), "3".into())],
        set: vec!["verbose".into()],
    }));
    assert_eq!(found.len(), 3, "{found:#?}");
    assert!(found[0].contains("uchat.toml:1"));
    assert!(found[1].starts_with("--set verbose: expected section.key=value"));
    assert!(
        found[2].starts_with("environment variable UCHAT__ROOMS__NAME_MAX: unknown key `rooms.name_max`")
    );
}

#[test]
fn an_unknown_section_is_refused_even_when_it_is_empty() {
    let found = problems(with_file("[log]\n\n[limit]\n"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("uchat.toml:3: unknown key `limit`"), "{found:?}");
}

#[test]
fn keys_with_dots_have_their_lines_too() {
    let found = problems(with_file("log.format = \"text\"\nlimits.max_depth = \"deep\"\n"));
    assert!(found[0].contains("uchat.toml:2: `limits.max_depth` takes an integer"), "{found:?}");
}

#[test]
fn text_values_need_no_quotes_on_the_command_line_and_may_look_like_numbers() {
    let loaded =
        with_set(&["server.data=/tmp/x", "classic.certificate_name=42", "accounts.operators=[\"ann\"]"])
            .unwrap();
    assert_eq!(loaded.settings.server.data, PathBuf::from("/tmp/x"));
    assert_eq!(loaded.settings.classic.certificate_name, "42");
    assert_eq!(loaded.settings.accounts.operators, ["ann"]);
}

#[test]
fn a_plugin_has_a_table_of_its_own() {
    let loaded = with_set(&["plugins.dice.sides=6"]).unwrap();
    assert_eq!(loaded.settings.plugins["dice"]["sides"].as_integer(), Some(6));
}

#[test]
fn a_config_of_the_existing_program_is_understood() {
    let loaded = named(
        "config.json",
        r#"{"crypto": {"base": 43655024726164288056430428019,
            "modulus": 836034150286187598601609126611132477484927747235174899077774542660916309180006577265610059653826870006336512911689242330699668680273552002802989560127156496671763196338405270374495387775167451878006613792892125711917661002749401209},
            "client": {"server_ip": "192.168.1.7", "server_port": 2333, "client_ip": "127.0.0.1", "client_port": 2333},
            "server": {"bind_ip": "127.0.0.1", "bind_port": 4000, "colour": "blue"}, "version": 3}"#,
    );
    let loaded = loaded.unwrap();
    assert_eq!(loaded.settings.server.listen.to_string(), "127.0.0.1:4000");
    assert_eq!(loaded.settings.classic, crate::Classic::default());
    let [colour, version] = loaded.notes.as_slice() else { panic!("{:?}", loaded.notes) };
    assert!(colour.contains("`server.colour`") && version.contains("`version`"), "{colour} {version}");
}

#[test]
fn addresses_of_a_config_json_may_be_empty_or_of_the_longer_kind_and_must_be_sound() {
    let listen = |ip: &str, port: &str| {
        let loaded =
            named("config.json", &format!(r#"{{"server": {{"bind_ip": "{ip}", "bind_port": {port}}}}}"#));
        loaded.map(|loaded| loaded.settings.server.listen.to_string())
    };
    assert_eq!(listen("", "2333").unwrap(), "0.0.0.0:2333");
    assert_eq!(listen("::1", "2333").unwrap(), "[::1]:2333");
    assert!(listen("here", "2333").unwrap_err().to_string().contains("`server.bind_ip` takes an IP address"));
    assert!(
        listen("::1", "70000").unwrap_err().to_string().contains("`server.bind_port` takes a port number")
    );
}

#[test]
fn a_file_that_is_no_toml_is_refused_with_its_line() {
    let found = problems(with_file("[limits]\nmax_depth 10\n"));
    assert!(found[0].contains("uchat.toml:2"), "{found:?}");
}

#[test]
fn a_profile_is_laid_under_what_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("uchat.toml");
    std::fs::write(&path, "[limits]\nprofile = \"internet\"\nlogin_seconds = 30\n").unwrap();
    let set = vec!["limits.max_connections_per_address=7".to_owned()];
    let sources = Sources { file: Some(path), set, ..Sources::default() };
    let limits = Settings::load(sources).unwrap().settings.limits;
    assert_eq!((limits.login_seconds, limits.max_connections_per_address), (30, 7), "what is said counts");
    assert_eq!((limits.max_unauthenticated_frame_bytes, limits.requests_per_second), (8192, 50));
    let back = vec!["limits.profile=internet".to_owned(), "limits.profile=lan".to_owned()];
    let limits = Settings::load(Sources { set: back, ..Sources::default() }).unwrap().settings.limits;
    assert_eq!(limits, Settings::default().limits);
    let wrong = vec!["limits.profile=wan".to_owned()];
    let error = Settings::load(Sources { set: wrong, ..Sources::default() }).unwrap_err().to_string();
    assert!(error.contains("limits.profile") && error.contains("internet"), "{error}");
}
