//! The bytes of the existing program, from a file of test vectors.

mod vector_check;

use vector_check::check;

#[test]
fn every_vector_of_the_existing_program_holds() {
    let report = check(include_str!("data/classic.json")).unwrap();
    assert_eq!(report.failures, Vec::<String>::new());
    assert_eq!(report.notes, Vec::<String>::new());
    assert_eq!(report.passed, 37 + 17 + 15 + 6 + 2);
}

#[test]
fn every_vector_of_the_strong_suite_holds() {
    let report = check(include_str!("data/strong.json")).unwrap();
    assert_eq!(report.failures, Vec::<String>::new());
    assert_eq!(report.notes, Vec::<String>::new());
    assert_eq!(report.passed, 4 + 2 + 3 + 3);
}

#[test]
fn a_vector_that_does_not_hold_is_reported_by_its_id() {
    let text = include_str!("data/classic.json").replacen("010000000102", "010000000103", 1);
    let report = check(&text).unwrap();
    assert_eq!(report.failures.len(), 1);
    assert!(report.failures[0].starts_with("val-02: "), "{}", report.failures[0]);
}

#[test]
fn what_is_not_understood_is_noted() {
    let report = check(
        r#"{"about": "", "new": [], "parse": [{"id": "p", "plaintext": "", "error": "E", "more": 1}]}"#,
    );
    let report = report.unwrap();
    assert_eq!((report.passed, report.notes.len()), (1, 2));
}
