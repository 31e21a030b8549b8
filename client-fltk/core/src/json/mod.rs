//! Commands and events as lines of JSON.
