//! Exact numbers: what a number in JSON means, beyond what a float can hold.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};
use serde_json::{Number, Value};

/// A number as it is written, without rounding.
pub(crate) type Exact = BigRational;

/// Digits after the point that a witness may need: floats tell no more than 17 apart.
const FRACTION_DIGITS_MAX: u32 = 20;

/// The number that JSON's text means. Floats mean their shortest text, so that `0.1` is a tenth.
pub(crate) fn exact(number: &Number) -> Exact {
    if let Some(whole) = number.as_i64() {
        return Exact::from_integer(whole.into());
    }
    if let Some(whole) = number.as_u64() {
        return Exact::from_integer(whole.into());
    }
    // The text of a float has at most 17 digits and an exponent within 308, so this is bounded.
    from_text(&number.to_string()).unwrap_or_else(Exact::zero)
}

fn from_text(text: &str) -> Option<Exact> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: BigInt = format!("{whole}{fraction}").parse().ok()?;
    let exponent: i32 = exponent.parse().ok()?;
    let scale = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    let power = Exact::from_integer(BigInt::from(10).pow(scale.unsigned_abs()));
    let digits = Exact::from_integer(digits);
    Some(if scale < 0 { digits / power } else { digits * power })
}

/// The number as JSON, unless no text that a float survives means just this.
pub(crate) fn to_json(exact: &Exact) -> Option<Value> {
    if exact.is_integer() {
        let whole = exact.to_integer();
        if let Some(small) = whole.to_i64() {
            return Some(Value::from(small));
        }
        if let Some(small) = whole.to_u64() {
            return Some(Value::from(small));
        }
    }
    let float: f64 = decimal(exact)?.parse().ok()?;
    let number = Number::from_f64(float)?;
    (self::exact(&number) == *exact).then_some(Value::Number(number))
}

/// The shortest decimal text, where there is one.
fn decimal(exact: &Exact) -> Option<String> {
    let ten = Exact::from_integer(BigInt::from(10));
    let mut scaled = exact.clone();
    for digits in 0..=FRACTION_DIGITS_MAX {
        if scaled.is_integer() {
            let whole = scaled.to_integer();
            return Some(format!("{whole}e-{digits}"));
        }
        scaled *= &ten;
    }
    None
}

/// The smallest number that both divide; of positive numbers only.
pub(crate) fn common_multiple(one: &Exact, two: &Exact) -> Exact {
    let numerator = lcm(one.numer(), two.numer());
    Exact::new(numerator, gcd(one.denom(), two.denom()))
}

/// True when `number` is a whole multiple of `step`, which is positive.
pub(crate) fn is_multiple(number: &Exact, step: &Exact) -> bool {
    (number / step).is_integer()
}

fn gcd(one: &BigInt, two: &BigInt) -> BigInt {
    let (mut one, mut two) = (one.abs(), two.abs());
    while !two.is_zero() {
        (one, two) = (two.clone(), one % two);
    }
    one
}

fn lcm(one: &BigInt, two: &BigInt) -> BigInt {
    one / gcd(one, two) * two
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Exact {
        let value: Value = serde_json::from_str(text).unwrap();
        exact(value.as_number().unwrap())
    }

    #[test]
    fn a_number_means_its_text() {
        assert_eq!(read("0.1") * Exact::from_integer(10.into()), read("1"));
        assert_eq!(read("1e3"), read("1000.0"));
        assert_eq!(read("-12.50"), read("-125") / Exact::from_integer(10.into()));
        assert_eq!(read("18446744073709551615").to_integer().to_u64(), Some(u64::MAX));
    }

    #[test]
    fn what_is_written_is_read_back() {
        for text in ["0", "-1", "0.01", "1e308", "9007199254740993", "18446744073709551615"] {
            assert_eq!(
                to_json(&read(text)).map(|it| exact(it.as_number().unwrap())),
                Some(read(text))
            );
        }
        assert_eq!(to_json(&(read("1") / read("3"))), None);
    }

    #[test]
    fn the_smallest_common_multiple_of_fractions() {
        assert_eq!(common_multiple(&read("0.4"), &read("0.6")), read("1.2"));
        assert_eq!(common_multiple(&read("4"), &read("6")), read("12"));
        assert!(is_multiple(&read("0.3"), &read("0.1")));
        assert!(!is_multiple(&read("0.35"), &read("0.1")));
    }
}
