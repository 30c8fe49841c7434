//! Decimals as their bytes: numbers for witnesses. Refuses to know schemas around them.

use crate::avro::schema::Kind;

/// Digits of a number that is written down at most.
const DIGITS_MAX: u64 = 2_000;

/// The smallest number of one digit more than `precision`, its bytes from the highest with a sign.
#[must_use]
pub fn digits(precision: u64) -> Option<Vec<u8>> {
    if precision > DIGITS_MAX {
        return None;
    }
    let mut lowest_first: Vec<u8> = vec![1];
    for _ in 0..precision {
        let mut carry = 0_u16;
        for byte in &mut lowest_first {
            let product = u16::from(*byte) * 10 + carry;
            let [low, high] = product.to_le_bytes();
            *byte = low;
            carry = u16::from(high);
        }
        if carry > 0 {
            lowest_first.push(carry.to_le_bytes()[0]);
        }
    }
    if lowest_first.last().is_some_and(|high| *high > 0x7f) {
        lowest_first.push(0);
    }
    lowest_first.reverse();
    Some(lowest_first)
}

/// Bytes as they stand in Avro's JSON encoding; for a fixed type filled up with zeros in front.
#[must_use]
pub fn as_text(bytes: Vec<u8>, kind: &Kind) -> Option<String> {
    let room = match kind {
        Kind::Fixed(_, size) => usize::try_from(*size).ok()?,
        _ => bytes.len(),
    };
    let filling = room.checked_sub(bytes.len())?;
    if filling > crate::avro::sample::VALUES_MAX {
        return None;
    }
    let zeros = std::iter::repeat_n('\0', filling);
    Some(zeros.chain(bytes.into_iter().map(char::from)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_digit_more_than_there_is_room_for() {
        let check = |precision, expected: Option<&[u8]>| {
            assert_eq!(digits(precision).as_deref(), expected);
        };
        check(0, Some(&[1]));
        check(2, Some(&[100]));
        check(3, Some(&[0x03, 0xe8]));
        check(5, Some(&[0x01, 0x86, 0xa0]));
        check(10, Some(&[0x02, 0x54, 0x0b, 0xe4, 0x00]));
        check(DIGITS_MAX + 1, None);
    }
}
