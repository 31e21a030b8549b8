//! How our own types pass through serde as they are.
//!
//! Serde's data model has no room for a [`Value`]. A type of ours asks for a newtype struct of a name that only this
//! crate knows; our deserializer then puts the value into a slot of the thread and calls `visit_unit`, and the
//! type's visitor takes it out at once. Any other deserializer gives the content in the ordinary way.

use std::cell::Cell;

use crate::Value;

/// The name under which a [`Value`] asks for itself.
pub(super) const VALUE: &str = "$uchat::Value";
/// The name under which a [`Blob`](super::Blob) asks for bytes.
pub(super) const BLOB: &str = "$uchat::Blob";
/// The name under which an int of any size is written as big-endian bytes.
pub(super) const BIG_INT: &str = "$uchat::Int";

thread_local! {
    static SLOT: Cell<Option<Value>> = const { Cell::new(None) };
}

/// Leaves a value for the visitor that is called next.
pub(super) fn put(value: Value) {
    SLOT.set(Some(value));
}

/// Takes the value that was left; `None` when the caller is another deserializer.
pub(super) fn take() -> Option<Value> {
    SLOT.take()
}
