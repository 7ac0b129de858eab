//! AMF0, the encoding of commands and metadata.

use crate::Error;
use bytes::{Buf, BufMut};

/// One AMF0 value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Number(f64),
    Boolean(bool),
    String(String),
    /// Also typed objects, whose class name is not kept.
    Object(Vec<(String, Self)>),
    EcmaArray(Vec<(String, Self)>),
    StrictArray(Vec<Self>),
    /// Also undefined, unsupported and references, which no command of ours depends on.
    Null,
}

/// Nesting that is accepted; real commands have 2 levels.
const MAX_DEPTH: u32 = 16;
/// Values accepted in one message; real commands have a few dozen.
const MAX_VALUES: u32 = 4096;

impl Value {
    pub(crate) fn string(text: &str) -> Self {
        Self::String(text.to_owned())
    }

    /// The member `name` of an object or an ECMA array.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) | Self::EcmaArray(members) => {
                members.iter().find(|(key, _)| key == name).map(|(_, v)| v)
            }
            _ => None,
        }
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self {
            Some(text)
        } else {
            None
        }
    }

    /// The number as an id: a whole number that fits.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "range and fraction are checked before"
    )]
    pub(crate) fn as_id(&self) -> Option<u32> {
        match self {
            Self::Number(n)
                if (0.0..=f64::from(u32::MAX)).contains(n) && n.fract().abs() < f64::EPSILON =>
            {
                Some(*n as u32)
            }
            _ => None,
        }
    }

    pub(crate) fn encode(&self, out: &mut impl BufMut) {
        match self {
            Self::Number(n) => {
                out.put_u8(0);
                out.put_f64(*n);
            }
            Self::Boolean(b) => {
                out.put_u8(1);
                out.put_u8(u8::from(*b));
            }
            Self::String(text) => match u16::try_from(text.len()) {
                Ok(len) => {
                    out.put_u8(2);
                    out.put_u16(len);
                    out.put_slice(text.as_bytes());
                }
                Err(_) => {
                    out.put_u8(12);
                    out.put_u32(
                        u32::try_from(text.len()).expect("our own texts are far below 4 GiB"),
                    );
                    out.put_slice(text.as_bytes());
                }
            },
            Self::Object(members) => {
                out.put_u8(3);
                encode_members(members, out);
            }
            Self::EcmaArray(members) => {
                out.put_u8(8);
                out.put_u32(
                    u32::try_from(members.len()).expect("our own arrays have a few members"),
                );
                encode_members(members, out);
            }
            Self::StrictArray(values) => {
                out.put_u8(10);
                out.put_u32(
                    u32::try_from(values.len()).expect("our own arrays have a few members"),
                );
                for value in values {
                    value.encode(out);
                }
            }
            Self::Null => out.put_u8(5),
        }
    }
}

/// All values of a message.
pub(crate) fn decode_all(mut data: &[u8]) -> Result<Vec<Value>, Error> {
    let mut values = Vec::new();
    let mut budget = MAX_VALUES;
    while !data.is_empty() {
        values.push(decode(&mut data, MAX_DEPTH, &mut budget)?);
    }
    Ok(values)
}

fn encode_members(members: &[(String, Value)], out: &mut impl BufMut) {
    for (name, value) in members {
        out.put_u16(u16::try_from(name.len()).expect("our own member names are short"));
        out.put_slice(name.as_bytes());
        value.encode(out);
    }
    out.put_slice(&[0, 0, 9]);
}

fn decode(data: &mut &[u8], depth: u32, budget: &mut u32) -> Result<Value, Error> {
    let depth = depth
        .checked_sub(1)
        .ok_or(Error::Amf0("nested more than 16 levels deep"))?;
    *budget = budget
        .checked_sub(1)
        .ok_or(Error::Amf0("more than 4096 values"))?;
    Ok(match take(data, 1)?[0] {
        0 => Value::Number(take(data, 8)?.get_f64()),
        1 => Value::Boolean(take(data, 1)?[0] != 0),
        2 => Value::String(short_string(data)?),
        3 => Value::Object(decode_members(data, depth, budget)?),
        5 | 6 | 13 => Value::Null,
        7 => {
            take(data, 2)?;
            Value::Null
        }
        8 => {
            // The count is a hint that some peers leave at 0; the end marker decides.
            take(data, 4)?;
            Value::EcmaArray(decode_members(data, depth, budget)?)
        }
        10 => {
            let count = take(data, 4)?.get_u32();
            Value::StrictArray(
                (0..count)
                    .map(|_| decode(data, depth, budget))
                    .collect::<Result<_, _>>()?,
            )
        }
        11 => {
            let ms = take(data, 10)?.get_f64();
            Value::Number(ms)
        }
        12 | 15 => {
            let len = take(data, 4)?.get_u32() as usize;
            Value::String(text(take(data, len)?))
        }
        16 => {
            short_string(data)?;
            Value::Object(decode_members(data, depth, budget)?)
        }
        _ => return Err(Error::Amf0("unknown type")),
    })
}

fn decode_members(
    data: &mut &[u8],
    depth: u32,
    budget: &mut u32,
) -> Result<Vec<(String, Value)>, Error> {
    let mut members = Vec::new();
    loop {
        let name = short_string(data)?;
        if name.is_empty() && data.first() == Some(&9) {
            data.advance(1);
            return Ok(members);
        }
        members.push((name, decode(data, depth, budget)?));
    }
}

fn short_string(data: &mut &[u8]) -> Result<String, Error> {
    let len = usize::from(take(data, 2)?.get_u16());
    Ok(text(take(data, len)?))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn take<'a>(data: &mut &'a [u8], len: usize) -> Result<&'a [u8], Error> {
    let (head, rest) = data.split_at_checked(len).ok_or(Error::Amf0("cut short"))?;
    *data = rest;
    Ok(head)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Boolean),
            (-1e9..1e9).prop_map(Value::Number),
            "[ -~]{0,20}".prop_map(Value::String),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            let members = prop::collection::vec(("[a-z]{1,8}", inner.clone()), 0..6);
            prop_oneof![
                members.clone().prop_map(Value::Object),
                members.prop_map(Value::EcmaArray),
                prop::collection::vec(inner, 0..6).prop_map(Value::StrictArray),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn values_survive_the_way_there_and_back(value in value()) {
            let mut bytes = Vec::new();
            value.encode(&mut bytes);
            prop_assert_eq!(decode_all(&bytes).unwrap(), vec![value]);
            for end in 1..bytes.len() {
                prop_assert!(decode_all(&bytes[..end]).is_err(), "cut at {}", end);
            }
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode_all(&bytes);
        }
    }

    #[test]
    fn known_bytes_have_known_meanings() {
        let cases: [(&[u8], Value); 8] = [
            (&[0, 0x40, 0x08, 0, 0, 0, 0, 0, 0], Value::Number(3.0)),
            (&[2, 0, 2, b'o', b'k'], Value::string("ok")),
            (&[6], Value::Null),
            (&[7, 0, 1], Value::Null),
            (&[12, 0, 0, 0, 1, b'x'], Value::string("x")),
            (
                &[11, 0x40, 0x08, 0, 0, 0, 0, 0, 0, 0, 0],
                Value::Number(3.0),
            ),
            (
                &[16, 0, 1, b'C', 0, 1, b'a', 5, 0, 0, 9],
                Value::Object(vec![("a".to_owned(), Value::Null)]),
            ),
            (
                &[8, 0, 0, 0, 0, 0, 1, b'a', 1, 1, 0, 0, 9],
                Value::EcmaArray(vec![("a".to_owned(), Value::Boolean(true))]),
            ),
        ];
        for (bytes, value) in cases {
            assert_eq!(decode_all(bytes), Ok(vec![value]), "{bytes:?}");
        }
        let long = Value::String("x".repeat(70_000));
        let mut bytes = Vec::new();
        long.encode(&mut bytes);
        assert_eq!(decode_all(&bytes), Ok(vec![long]));
    }

    #[test]
    fn hostile_nesting_and_counts_are_refused() {
        let nested = [10, 0, 0, 0, 1].repeat(1000);
        assert_eq!(
            decode_all(&nested),
            Err(Error::Amf0("nested more than 16 levels deep"))
        );
        let mut many = vec![10, 0xFF, 0xFF, 0xFF, 0xFF];
        many.resize(100_000, 5);
        assert_eq!(decode_all(&many), Err(Error::Amf0("more than 4096 values")));
    }

    #[test]
    fn only_whole_numbers_are_ids() {
        for (n, id) in [
            (1.0, Some(1)),
            (4_294_967_295.0, Some(u32::MAX)),
            (1.5, None),
            (-1.0, None),
            (f64::NAN, None),
            (5e9, None),
        ] {
            assert_eq!(Value::Number(n).as_id(), id);
        }
    }
}
