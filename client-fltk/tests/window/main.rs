//! The real window under a virtual display: real keys, real clicks, a real server. Everything is found by the names of
//! its controls, and every wait is for a state.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod accessible;
mod chat;
mod delivery;
mod files;
mod hostile;
mod keyboard;
mod look;
mod notices;
mod outage;
mod people;
mod room_screens;
mod rooms;
mod screens;
mod sign_in;
mod support;
mod trust;
