//! One event of the application, for the interface of an implementation to make its own event of.

use std::num::TryFromIntError;
use std::time::Duration;

use serde::Deserialize;

/// An event as the application emits it; what it does not set is absent.
#[derive(Clone, Deserialize)]
pub struct Emission {
    pub data: Option<String>,
    #[serde(rename = "type")]
    pub event_type: Option<String>,
    pub id: Option<String>,
    retry: Option<i64>,
    pub comment: Option<String>,
}

/// The methods of an implementation's event that take it, set one field and give it back.
pub struct Setters<T> {
    pub comment: fn(T, String) -> T,
    pub event_type: fn(T, String) -> T,
    pub id: fn(T, String) -> T,
    pub retry: fn(T, Duration) -> T,
    pub data: fn(T, String) -> T,
}

impl Emission {
    /// The reconnection time in milliseconds, for an interface whose type has no negative ones.
    pub fn retry(&self) -> Result<Option<u64>, TryFromIntError> {
        self.retry.map(u64::try_from).transpose()
    }

    /// Sets what the application sets, and nothing else, on an event that is empty yet.
    pub fn set<T>(self, mut event: T, setters: &Setters<T>) -> Result<T, TryFromIntError> {
        let retry = self.retry()?;
        if let Some(comment) = self.comment {
            event = (setters.comment)(event, comment);
        }
        if let Some(event_type) = self.event_type {
            event = (setters.event_type)(event, event_type);
        }
        if let Some(id) = self.id {
            event = (setters.id)(event, id);
        }
        if let Some(milliseconds) = retry {
            event = (setters.retry)(event, Duration::from_millis(milliseconds));
        }
        if let Some(data) = self.data {
            event = (setters.data)(event, data);
        }
        Ok(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTES: Setters<Vec<String>> = Setters {
        comment: |event, comment| note(event, "comment", &comment),
        event_type: |event, event_type| note(event, "type", &event_type),
        id: |event, id| note(event, "id", &id),
        retry: |event, time| note(event, "retry", &time.as_millis().to_string()),
        data: |event, data| note(event, "data", &data),
    };

    fn note(mut event: Vec<String>, name: &str, value: &str) -> Vec<String> {
        event.push(format!("{name}={value}"));
        event
    }

    fn set(emission: &str) -> Result<Vec<String>, TryFromIntError> {
        let emission: Emission = serde_json::from_str(emission).expect("an emission");
        emission.set(Vec::new(), &NOTES)
    }

    #[test]
    fn what_is_set_is_set_and_nothing_else() {
        let all = r#"{"data":"a","type":"","id":"1","retry":20,"comment":"c"}"#;
        let expected = ["comment=c", "type=", "id=1", "retry=20", "data=a"];
        assert_eq!(set(all).expect("20 is a time"), expected);
        assert_eq!(set(r#"{"id":""}"#).expect("no time"), ["id="]);
    }

    #[test]
    fn a_negative_time_is_refused() {
        assert!(set(r#"{"data":"a","retry":-1}"#).is_err());
    }
}
