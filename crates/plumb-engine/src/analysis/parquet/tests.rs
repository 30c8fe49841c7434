//! Files that the library itself wrote, whole and damaged.

use super::*;
use parquet::basic::{Compression, Encoding, GzipLevel, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use plumb_rollout::judge::Settings;
use plumb_rollout::judgement::WayBack;
use std::io::Cursor;
use std::sync::Arc;

const SCHEMA: &str = "message events {
    required int64 time (TIMESTAMP(MICROS, true));
    optional binary version (UTF8);
    required group http { optional int32 status_code; }
    optional double latency_ms;
    optional binary locale (UTF8);
    optional group tags (LIST) { repeated group list { optional binary element (UTF8); } }
}";

fn properties() -> WriterProperties {
    WriterProperties::builder().build()
}

/// Rows of two versions, `groups` times as many as a group has.
fn file(properties: WriterProperties, rows: i64, groups: i64) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties)).unwrap();
    for group in 0..groups {
        let each = || group * rows..(group + 1) * rows;
        let text = |text: &str| ByteArray::from(text);
        let mut next = writer.next_row_group().unwrap();
        let mut column = next.next_column().unwrap().unwrap();
        let times: Vec<i64> = each().map(|at| 1_795_255_200_000_000 + at * 500_000).collect();
        column.typed::<Int64Type>().write_batch(&times, None, None).unwrap();
        column.close().unwrap();
        let mut column = next.next_column().unwrap().unwrap();
        let versions: Vec<_> = each().map(|at| text(if at % 4 == 0 { "2" } else { "1" })).collect();
        let there = vec![1; versions.len()];
        column.typed::<ByteArrayType>().write_batch(&versions, Some(&there), None).unwrap();
        column.close().unwrap();
        let mut column = next.next_column().unwrap().unwrap();
        // Every tenth has no status.
        let levels: Vec<i16> = each().map(|at| i16::from(at % 10 != 0)).collect();
        let is_bad = |at: i64| at % 4 == 0 && at % 3 == 0;
        let status = |at: i64| if is_bad(at) { 500 } else { 200 };
        let statuses: Vec<i32> = each().filter(|at| at % 10 != 0).map(status).collect();
        column.typed::<Int32Type>().write_batch(&statuses, Some(&levels), None).unwrap();
        column.close().unwrap();
        let mut column = next.next_column().unwrap().unwrap();
        let latencies: Vec<f64> = vec![12.5; there.len()];
        column.typed::<DoubleType>().write_batch(&latencies, Some(&there), None).unwrap();
        column.close().unwrap();
        let mut column = next.next_column().unwrap().unwrap();
        let locales: Vec<_> =
            each().map(|at| text(["de", "en"][usize::from(at % 2 == 0)])).collect();
        column.typed::<ByteArrayType>().write_batch(&locales, Some(&there), None).unwrap();
        column.close().unwrap();
        let mut column = next.next_column().unwrap().unwrap();
        let none = vec![0; there.len()];
        column.typed::<ByteArrayType>().write_batch(&[], Some(&none), Some(&none)).unwrap();
        column.close().unwrap();
        next.close().unwrap();
    }
    writer.close().unwrap();
    bytes
}

fn columns() -> Columns {
    let dimensions = vec!["locale".to_owned(), "tags.list.element".to_owned()];
    Columns { dimensions, ..Columns::default() }
}

/// How many events were taken in, and how many failures each arm had.
fn judged(bytes: &[u8]) -> Result<(u64, [u64; 2]), AnalysisError> {
    let mut events = Parquet::open("events", Box::new(Cursor::new(bytes.to_vec())), &columns())?;
    assert_eq!(events.lists(), ["tags.list.element"]);
    let glance = events.glance()?;
    let mut intake = Intake::new(Settings::default(), glance.arms()?, 1_000);
    events.read(None, &mut intake, &mut |_| {})?;
    let (judge, _, account) = intake.finish();
    let failures = judge.judge(0, WayBack::Open).failures;
    Ok((account.taken, [failures.control.hits, failures.canary.hits]))
}

#[test]
fn columns_are_read_however_they_are_packed() {
    let with = |properties| judged(&file(properties, 600, 2));
    let expected = Ok((1_200, [0, 80]));
    let builder = WriterProperties::builder;
    assert_eq!(with(properties()), expected);
    let packed = [
        Compression::SNAPPY,
        Compression::ZSTD(ZstdLevel::default()),
        Compression::GZIP(GzipLevel::default()),
    ];
    for codec in packed {
        for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
            let properties = builder().set_compression(codec).set_writer_version(version);
            assert_eq!(with(properties.build()), expected, "{codec} {version:?}");
        }
    }
    let small = builder().set_data_page_row_count_limit(50).set_write_batch_size(10);
    assert_eq!(with(small.set_dictionary_enabled(false).build()), expected);
}

#[test]
fn rows_have_what_their_columns_say() {
    let bytes = file(properties(), 20, 1);
    let mut events = Parquet::open("x", Box::new(Cursor::new(bytes)), &columns()).unwrap();
    let mut group = events.group(0).unwrap();
    let rows = events.batch(0, &mut group).unwrap();
    let expected = Row {
        at_ms: Some(1_795_255_206_000),
        version: Some("2".into()),
        status: Some(500),
        latency_ms: Some(12.5),
        values: std::array::from_fn(|at| (at == 0).then(|| "en".into())),
        ..Row::default()
    };
    assert_eq!((rows.len(), &rows[12]), (20, &expected));
    assert_eq!((rows[10].status, rows[11].status), (None, Some(200)));
    assert!(events.batch(0, &mut group).unwrap().is_empty());
}

#[test]
fn what_is_not_read_is_told_with_its_place() {
    let other = WriterProperties::builder()
        .set_column_dictionary_enabled("version".into(), false)
        .set_column_encoding("version".into(), Encoding::DELTA_BYTE_ARRAY);
    let bytes = file(other.build(), 30, 1);
    let told = judged(&bytes).unwrap_err().to_string();
    let column = "`events` cannot be read: group of rows 1, column `version`";
    assert_eq!(told, format!("{column}: values in an encoding that is not read"));
    let whole = file(properties(), 30, 1);
    let told = judged(&whole[..whole.len() - 1]).unwrap_err();
    assert_eq!(told.to_string(), "`events` cannot be read: it ends before its footer");
    let mut long = whole.clone();
    let at = long.len() - 5;
    long[at] = 0x7F;
    let told = judged(&long).unwrap_err();
    assert_eq!(told.to_string(), "`events` cannot be read: its footer is longer than can be");
    assert!(told.help().contains("as CSV"));
}

#[test]
fn a_table_without_a_time_holds_no_events() {
    let bytes = file(properties(), 3, 1);
    let told = Columns { unit: Some("time".to_owned()), ..columns() };
    let opened = Parquet::open("events", Box::new(Cursor::new(bytes)), &told);
    assert!(matches!(opened, Err(AnalysisError::NoEvents { .. })));
}

/// Whatever byte is wrong, the file is refused or read; nothing panics, and nothing asks for
/// memory that is not there.
#[test]
fn damage_is_an_error_wherever_it_is() {
    for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
        let properties = WriterProperties::builder().set_writer_version(version);
        let whole = file(properties.set_data_page_row_count_limit(10).build(), 25, 1);
        for at in 0..whole.len() {
            for value in [0, 1, 0x7F, 0x80, 0xFF, whole[at] ^ 1, whole[at].wrapping_add(8)] {
                let mut bytes = whole.clone();
                bytes[at] = value;
                drop(std::hint::black_box(read_any(&bytes)));
            }
        }
        for end in 0..whole.len() {
            assert!(read_any(&whole[..end]).is_err(), "cut at {end}");
        }
    }
}

fn read_any(bytes: &[u8]) -> Result<u64, AnalysisError> {
    let mut events = Parquet::open("events", Box::new(Cursor::new(bytes.to_vec())), &columns())?;
    drop(events.glance()?);
    let arms = crate::analysis::intake::Arms::of("1".to_owned(), "2".to_owned());
    let mut intake = Intake::new(Settings::default(), arms, 1_000);
    events.read(None, &mut intake, &mut |_| {})?;
    Ok(intake.account().taken)
}
