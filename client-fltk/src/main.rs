//! `uchat-client`: the desktop program.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use fltk::app;
use uchat_client::app::{App, Screen};
use uchat_client::design::ThemeName;
use uchat_client::network::Bell;
use uchat_client::settings::{Settings, SuiteName};
use uchat_client::texts::Language;
use uchat_client::view::MainWindow;
use uchat_client_core::Home;
use uchat_client_core::event::parse_fingerprint;

/// How many news are taken in between two looks at keyboard and pointer.
const NEWS_A_TURN: usize = 256;

/// The Uchat desktop client.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Args {
    /// Where keys, history and files are kept (default: the system's place for a program's data).
    #[arg(long)]
    home: Option<PathBuf>,
    /// The server to begin with, host:port.
    #[arg(long)]
    server: Option<String>,
    /// Begin with the sign-in form, also when somebody is signed in from before.
    #[arg(long)]
    sign_in: bool,
    /// The identity key that the server must show: what `uchat fingerprint` prints there.
    #[arg(long, value_parser = parse_key)]
    fingerprint: Option<[u8; 32]>,
    /// How this server is spoken to.
    #[arg(long, value_enum)]
    suite: Option<SuiteArg>,
    /// The window's language, for this start.
    #[arg(long, value_enum)]
    language: Option<LanguageArg>,
    /// The theme, for this start.
    #[arg(long, value_enum)]
    theme: Option<ThemeArg>,
    /// The window's size, for this start: 980x680.
    #[arg(long, value_parser = parse_size)]
    size: Option<(i32, i32)>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SuiteArg {
    Strong,
    Classic,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LanguageArg {
    Zh,
    En,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ThemeArg {
    System,
    Light,
    Dark,
}

fn parse_size(text: &str) -> Result<(i32, i32), String> {
    let pair = text.split_once('x').and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
    pair.ok_or_else(|| "a size is written 980x680".to_owned())
}

fn parse_key(text: &str) -> Result<[u8; 32], String> {
    parse_fingerprint(text).ok_or_else(|| "a fingerprint has 64 hexadecimal digits".to_owned())
}

fn settings_of(args: &Args, home: &Home) -> Settings {
    let mut settings = Settings::load(&Settings::path(home.dir()));
    if let Some(server) = &args.server {
        settings.server.clone_from(server);
    }
    if let Some(suite) = args.suite {
        let server = settings.server.clone();
        let suite = match suite {
            SuiteArg::Strong => SuiteName::Strong,
            SuiteArg::Classic => SuiteName::Classic,
        };
        settings.set_suite(&server, suite);
    }
    if let Some(language) = args.language {
        settings.language = Some(match language {
            LanguageArg::Zh => Language::Zh,
            LanguageArg::En => Language::En,
        });
    }
    if let Some(theme) = args.theme {
        settings.theme = match theme {
            ThemeArg::System => ThemeName::System,
            ThemeArg::Light => ThemeName::Light,
            ThemeArg::Dark => ThemeName::Dark,
        };
    }
    if let Some((w, h)) = args.size {
        settings.window = Some([60, 60, w, h]);
    }
    settings
}

/// Whether the desktop asks for dark windows. There is no portable question for that: the usual signs are read.
fn system_is_dark() -> bool {
    let named = |name: &str| std::env::var(name).is_ok_and(|value| value.to_lowercase().contains("dark"));
    named("GTK_THEME") || named("UCHAT_SYSTEM_THEME") || gtk_settings_are_dark()
}

fn gtk_settings_are_dark() -> bool {
    let Some(dirs) = directories::BaseDirs::new() else { return false };
    let path = dirs.config_dir().join("gtk-3.0").join("settings.ini");
    let Ok(text) = std::fs::read_to_string(path) else { return false };
    text.lines().filter_map(|line| line.split_once('=')).any(|(key, value)| match key.trim() {
        "gtk-application-prefer-dark-theme" => matches!(value.trim(), "1" | "true"),
        "gtk-theme-name" => value.to_lowercase().contains("dark"),
        _ => false,
    })
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let dir = match &args.home {
        Some(dir) => dir.clone(),
        None => Home::default_dir()?,
    };
    let home = Home::open(dir)?;
    let settings = settings_of(&args, &home);
    let fltk = app::App::default();
    app::set_visible_focus(true);
    let bell = Bell::default();
    let mut app = App::new(home, settings, bell.clone(), system_is_dark())?;
    if let Some(key) = args.fingerprint {
        app.expect_server(key);
    }
    if app.is_remembered() && !args.sign_in {
        app.come_back();
    }
    let mut window = MainWindow::new(&app, &bell);
    window.follow(&mut app);
    window.show(&app);
    turn(&mut app, &mut window, fltk, &bell);
    app.settings.window = Some(window.place());
    app.close();
    Ok(())
}

/// The main loop: waits for the user or for news, and shows what has come of it.
fn turn(app: &mut App, window: &mut MainWindow, fltk: app::App, bell: &Bell) {
    #[cfg(feature = "automation")]
    let mut automation = uchat_client::automation::Automation::start();
    let mut access = uchat_client::access::Bridge::start(bell.clone());
    while fltk.wait() && window.is_open() {
        app.take_news(NEWS_A_TURN);
        while let Some(msg) = window.next() {
            app.update(msg);
        }
        window.follow(app);
        access.follow(app, window);
        #[cfg(feature = "automation")]
        automation.serve(app, window);
    }
    // What was typed last is not lost with the window.
    while let Some(msg) = window.next() {
        if app.screen == Screen::Main {
            app.update(msg);
        }
    }
}
