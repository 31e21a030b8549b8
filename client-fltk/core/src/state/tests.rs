//! Tests of the state function.
