//! Answers of a parser, good and broken, and the published schema beside the reader.

use super::*;
use crate::observation::{Number, Text};

fn answer(json: &str) -> Result<Parsed, String> {
    parsed(&RawValue::from_string(json.to_owned()).expect("JSON")).map(|answered| answered.parsed)
}

#[test]
fn a_lone_surrogate_is_an_observation() {
    let parsed = answer(r#"{"events":[{"data":"a\ud800"}]}"#).expect("a good answer");
    assert_eq!(parsed.events[0].data, Some(Text(b"a\xED\xA0\x80".to_vec())));
}

#[test]
fn texts_may_be_base64_and_numbers_may_be_strings() {
    let parsed = answer(r#"{"events":[{"data":{"base64":"/w=="}}],"reconnectionTime":"5"}"#)
        .expect("a good answer");
    assert_eq!(parsed.events[0].data, Some(Text(vec![0xFF])));
    assert_eq!(parsed.reconnection_time, Some(Number::from(5)));
}

#[test]
fn numbers_beyond_a_double_are_kept() {
    let digits = "9".repeat(400);
    let parsed =
        answer(&format!(r#"{{"events":[],"reconnectionTime":{digits}}}"#)).expect("a good answer");
    assert_eq!(parsed.reconnection_time.expect("a number").as_str(), digits);
}

#[test]
fn null_is_absent() {
    let parsed =
        answer(r#"{"events":[{"type":null,"data":"a"}],"error":null}"#).expect("a good answer");
    assert_eq!(
        (parsed.events[0].event_type.clone(), parsed.error),
        (None, None)
    );
}

#[test]
fn a_broken_answer_is_an_error_that_names_the_field() {
    for (json, sentence) in [
        (
            r#"{"events":7}"#,
            "`events`: invalid type: integer `7`, expected a sequence",
        ),
        (
            r#"{"events":[{"data":7}]}"#,
            "`events[0].data`: expected a string or {\"base64\": \"..\"}",
        ),
        (r#"{}"#, "missing field `events`"),
    ] {
        assert_eq!(answer(json), Err(sentence.to_owned()));
    }
    let unknown =
        answer(r#"{"events":[{"data":"a","lastEventID":""}]}"#).expect_err("an unknown field");
    assert!(unknown.contains("lastEventID"), "{unknown}");
}

/// The published schema and this reader must refuse and accept the same answers.
#[test]
fn the_schema_and_the_reader_agree() {
    let schema = include_str!("../../../adapters/protocol.schema.json");
    let schema = serde_json::from_str(schema).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is a schema");
    for (result, is_good) in [
        (r#"{"events":[]}"#, true),
        (
            r#"{"events":[{"type":"x","data":"a","lastEventId":null,"chunk":0}],"comments":["c"]}"#,
            true,
        ),
        (r#"{"events":[{"type":"x"}]}"#, true),
        (
            r#"{"events":[{"data":{"base64":"/w=="}}],"reconnectionTime":"12","error":"e"}"#,
            true,
        ),
        (r#"{"events":[],"reconnectionTime":"Infinity"}"#, true),
        (r#"{"events":7}"#, false),
        (r#"{"events":[{"data":7}]}"#, false),
        (r#"{"events":[{"data":"a","lastEventID":"x"}]}"#, false),
        (r#"{"events":[{"data":"a","chunk":-1}]}"#, false),
        (r#"{"events":[],"reconnectionTime":"soon"}"#, false),
        (r#"{"event":[]}"#, false),
    ] {
        assert_eq!(answer(result).is_ok(), is_good, "the reader, of {result}");
        let message = format!(r#"{{"jsonrpc":"2.0","id":1,"result":{result}}}"#);
        let message = serde_json::from_str(&message).expect("JSON");
        assert_eq!(
            validator.is_valid(&message),
            is_good,
            "the schema, of {result}"
        );
    }
}
