//! The values of the adapter protocol whose JSON has several shapes, to facts: texts, numbers, views.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};
use serde_json::value::RawValue;

use crate::observation::{Number, Text, View};

/// A handle comes back as it was given; a whole number is let through for adapters without types.
pub struct Handle(pub String);

impl<'de> Deserialize<'de> for Handle {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(handle) => Ok(Self(handle)),
            serde_json::Value::Number(handle) => Ok(Self(handle.to_string())),
            _ => Err(de::Error::custom("expected a handle: a string")),
        }
    }
}

/// A JSON string, ill-formed ones included, or `{"base64": ..}`.
pub struct WireText(pub Text);

impl<'de> Deserialize<'de> for WireText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Encoded {
            base64: String,
        }
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Vec<u8>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a string")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
                Ok(bytes.to_vec())
            }
        }
        let raw = <&RawValue>::deserialize(deserializer)?.get();
        let bytes = match raw.as_bytes()[0] {
            // As bytes, a lone surrogate survives as the three bytes that stand for it.
            b'"' => serde_json::Deserializer::from_str(raw)
                .deserialize_bytes(Bytes)
                .map_err(de::Error::custom)?,
            b'{' => {
                let encoded: Encoded = serde_json::from_str(raw).map_err(de::Error::custom)?;
                BASE64.decode(encoded.base64).map_err(de::Error::custom)?
            }
            _ => {
                return Err(de::Error::custom(
                    "expected a string or {\"base64\": \"..\"}",
                ));
            }
        };
        Ok(Self(Text(bytes)))
    }
}

/// A JSON number or a string of one, kept exactly.
pub struct WireNumber(pub Number);

impl<'de> Deserialize<'de> for WireNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?.get();
        let text = raw.trim_matches('"');
        let is_number = text
            .bytes()
            .next()
            .is_some_and(|b| b == b'-' || b.is_ascii_digit())
            || text == "Infinity";
        if is_number {
            Ok(Self(Number::new(text)))
        } else {
            Err(de::Error::custom("expected a number or its decimal digits"))
        }
    }
}

/// "stream", "block" or "none"; true means "stream" and false "none".
pub struct WireView(pub View);

impl<'de> Deserialize<'de> for WireView {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ViewVisitor;
        impl Visitor<'_> for ViewVisitor {
            type Value = WireView;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("\"stream\", \"block\", \"none\", true or false")
            }

            fn visit_bool<E: de::Error>(self, shown: bool) -> Result<WireView, E> {
                Ok(WireView(if shown { View::Stream } else { View::None }))
            }

            fn visit_str<E: de::Error>(self, view: &str) -> Result<WireView, E> {
                match view {
                    "stream" => Ok(WireView(View::Stream)),
                    "block" => Ok(WireView(View::Block)),
                    "none" => Ok(WireView(View::None)),
                    other => Err(E::invalid_value(de::Unexpected::Str(other), &self)),
                }
            }
        }
        deserializer.deserialize_any(ViewVisitor)
    }
}
