//! What was sent, undone of its compression, within bounds. Refuses to know what it says.

use crate::answer::{Refusal, refusal};
use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_ENCODING;
use axum::http::{HeaderMap, StatusCode};
use flate2::read::MultiGzDecoder;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use std::io::Read as _;

const SMALLER: &str = "send less at once";

/// Everything that was sent, as it came.
pub(crate) async fn received(body: Body, bytes_max: usize) -> Result<Bytes, Refusal> {
    let collected = Limited::new(body, bytes_max).collect().await.map_err(|err| {
        if err.is::<LengthLimitError>() {
            too_large(bytes_max)
        } else {
            refusal(StatusCode::BAD_REQUEST, "the request ended early", "send it again")
        }
    })?;
    Ok(collected.to_bytes())
}

/// The same without its compression. What it grows to is bounded as well.
pub(crate) fn unpacked(
    headers: &HeaderMap,
    bytes: Bytes,
    bytes_max: usize,
) -> Result<Bytes, Refusal> {
    let encoding = headers.get(CONTENT_ENCODING).map_or(&b""[..], |value| value.as_bytes());
    match encoding {
        b"" | b"identity" => Ok(bytes),
        b"gzip" => {
            let mut unpacked = Vec::new();
            let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1);
            let read = MultiGzDecoder::new(&*bytes).take(limit).read_to_end(&mut unpacked);
            match read {
                Err(_) => Err(refusal(
                    StatusCode::BAD_REQUEST,
                    "the body is not gzip, though its header says so",
                    "send it again",
                )),
                Ok(count) if count > bytes_max => Err(too_large(bytes_max)),
                Ok(_) => Ok(unpacked.into()),
            }
        }
        _ => Err(refusal(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "the body has a content encoding that is not known here",
            "send it with `gzip` or without any",
        )),
    }
}

fn too_large(bytes_max: usize) -> Refusal {
    refusal(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("more than {} MiB at once", bytes_max / (1024 * 1024)),
        SMALLER,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use std::io::Write as _;

    fn packed(bytes: &[u8]) -> Bytes {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap().into()
    }

    fn check(encoding: &'static str, bytes: Bytes, expected: Result<&[u8], u16>) {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
        let unpacked = unpacked(&headers, bytes, 10).map_err(|it| it.status.as_u16());
        assert_eq!(unpacked.as_ref().map(|bytes| &bytes[..]).map_err(|it| *it), expected);
    }

    #[test]
    fn compression_is_undone_within_bounds() {
        check("gzip", packed(b"0123456789"), Ok(b"0123456789"));
        check("gzip", packed(&[0; 1_000_000]), Err(413));
        check("gzip", Bytes::from_static(b"no"), Err(400));
        check("br", Bytes::from_static(b"no"), Err(415));
        check("identity", Bytes::from_static(b"a"), Ok(b"a"));
    }
}
