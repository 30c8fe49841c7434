//! Metrics of OTLP, as a Collector writes them into files: how many requests each version answered,
//! how many of them failed, and how long they took, as counters.
//!
//! Takes the histograms of durations that OpenTelemetry's conventions have servers keep, since they
//! count every request by its status. Refuses to judge, and to know where lines come from.

use crate::analysis::counters::{Series, Told};
use crate::analysis::metrics_json::{Attribute, Histogram, OfResource, Request, first_of};
use crate::analysis::unread::Unread;
use plumb_gap::policy::to_f64;
use plumb_traffic::body::{Cap, unwrapped};
use plumb_traffic::grpc_code::{NAMES, is_failure};
use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read};

/// The longest line, which is all that a Collector sends at once.
const LINE_BYTES_MAX: u64 = 64 << 20;

/// The most that gzip may hold; counters that hardly move pack well.
const UNPACKED_MAX: Cap = Cap { bytes_max: 1 << 36, ratio_max: u64::MAX };

/// Histograms of durations by their names in the conventions, stable ones and those before them,
/// with the seconds that one of their units is. Of each pair only the first that is there counts,
/// since services may tell both.
const DURATIONS: [[(&str, f64); 2]; 2] = [
    [("http.server.request.duration", 1.0), ("http.server.duration", 0.001)],
    [("rpc.server.call.duration", 1.0), ("rpc.server.duration", 0.001)],
];

/// Attributes that tell how a request ended.
const STATUS: [&str; 2] = ["http.response.status_code", "http.status_code"];
const CODE: [&str; 2] = ["rpc.grpc.status_code", "rpc.response.status_code"];
const ERROR: [&str; 1] = ["error.type"];

/// The label of the version.
pub(crate) const VERSION: &str = "version";

/// Moments lie at least so far apart, as those of other counters do.
const STEP_MS_MIN: i64 = 10_000;

/// Series that are followed; points of any further one are not read.
const SERIES_MAX: usize = 50_000;

/// Points that are kept of all series together, each with its buckets.
const POINTS_MAX: usize = 4_000_000;

/// What was gathered of files of metrics.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    /// By the pair of names, whether it is the second of it, and what else tells series apart.
    series: BTreeMap<(usize, usize, String), Followed>,
    points: usize,
    /// Points that were not taken since there are too many.
    left_out: u64,
    /// Points of other components.
    pub(crate) elsewhere: u64,
    /// Points of components that name no version.
    pub(crate) nameless: u64,
}

/// One series.
#[derive(Debug)]
struct Followed {
    version: String,
    /// Whether its requests failed; none where nothing tells.
    failed: Option<bool>,
    is_delta: bool,
    /// Seconds.
    bounds: Vec<f64>,
    /// By the moment, so that what is told twice counts once.
    points: BTreeMap<i64, Counted>,
}

/// What one point of a series tells.
#[derive(Debug)]
struct Counted {
    /// Since when, Unix milliseconds.
    start_ms: Option<i64>,
    all: u64,
    /// Nothing where it tells no buckets.
    buckets: Vec<u64>,
}

impl Metrics {
    /// Takes in a file of them, one request a line, compressed or not: those of this component, of
    /// any where none is named, and of this version, where the person says it. `progress` is called
    /// with the bytes of each line.
    ///
    /// # Errors
    ///
    /// When the file cannot be read on.
    pub(crate) fn read(
        &mut self,
        input: impl Read,
        (component, version): (Option<&str>, Option<&str>),
        progress: &mut dyn FnMut(u64),
    ) -> io::Result<Unread> {
        let mut input = BufReader::new(input);
        let mut lines = unwrapped(&mut input, UNPACKED_MAX)?;
        let (mut unread, mut line) = (Unread::default(), Vec::new());
        for number in 1.. {
            line.clear();
            let taken = lines.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line);
            let bytes = match taken {
                Ok(bytes) => bytes,
                Err(err) if number == 1 => return Err(err),
                // What was read before a file breaks off counts.
                Err(err) => {
                    unread.break_off(number, &err);
                    break;
                }
            };
            if bytes == 0 {
                break;
            }
            progress(bytes as u64);
            unread.of = number;
            if !line.trim_ascii().is_empty()
                && let Err(reason) = self.take(&line, component, version)
            {
                unread.add(number, reason);
            }
        }
        Ok(unread)
    }

    /// Takes a line. Fails with the reason where it is no request of OTLP.
    fn take(
        &mut self,
        line: &[u8],
        component: Option<&str>,
        version: Option<&str>,
    ) -> Result<(), String> {
        let request: Request =
            serde_json::from_slice(line).map_err(|err| format!("no metrics of OTLP: {err}"))?;
        for of_resource in &request.of_resources {
            let attributes = &of_resource.resource.attributes;
            let name = first_of(attributes, &["service.name"]);
            let is_meant = component.is_none_or(|asked| name.as_deref() == Some(asked));
            let told = || first_of(attributes, &["service.version"]);
            let version = version.map(str::to_owned).or_else(told);
            self.take_resource(of_resource, version.as_deref(), is_meant);
        }
        Ok(())
    }

    fn take_resource(&mut self, of: &OfResource, version: Option<&str>, is_meant: bool) {
        let metrics = of.of_scopes.iter().flat_map(|scope| &scope.metrics);
        for metric in metrics {
            let named = DURATIONS.iter().enumerate().find_map(|(pair, names)| {
                let at = names.iter().position(|(name, _)| *name == metric.name)?;
                Some((pair, at))
            });
            let Some((pair, at)) = named else { continue };
            let histograms = [&metric.histogram, &metric.exponential].into_iter().flatten();
            for histogram in histograms {
                let points = histogram.points.len() as u64;
                match version {
                    _ if !is_meant => self.elsewhere += points,
                    None => self.nameless += points,
                    Some(version) => {
                        self.take_points(histogram, (pair, at), (version, &of.resource.attributes));
                    }
                }
            }
        }
    }

    fn take_points(
        &mut self,
        histogram: &Histogram,
        (pair, at): (usize, usize),
        (version, resource): (&str, &[Attribute]),
    ) {
        let of_resource = key(resource);
        for point in &histogram.points {
            let (Some(at_ms), Some(count)) = (point.at_ms(), point.count()) else { continue };
            let name = (pair, at, format!("{version}\0{of_resource}\0{}", key(&point.attributes)));
            let is_known = self.series.contains_key(&name);
            let is_full = !is_known && self.series.len() >= SERIES_MAX;
            if is_full || self.points >= POINTS_MAX {
                self.left_out += 1;
                continue;
            }
            let seconds = DURATIONS[pair][at].1;
            let followed = self.series.entry(name).or_insert_with(|| Followed {
                version: version.to_owned(),
                failed: failed(&point.attributes),
                is_delta: histogram.is_delta() == Some(true),
                bounds: point.bounds.iter().map(|bound| bound * seconds).collect(),
                points: BTreeMap::new(),
            });
            let buckets = point.buckets().filter(|all| all.len() == followed.bounds.len() + 1);
            let buckets = buckets.unwrap_or_default();
            let told = Counted { start_ms: point.start_ms(), all: count, buckets };
            self.points += usize::from(followed.points.insert(at_ms, told).is_none());
        }
    }

    /// The versions that answered, with how many requests each.
    pub(crate) fn versions(&self) -> BTreeMap<&str, u64> {
        let mut versions: BTreeMap<&str, u64> = BTreeMap::new();
        for followed in self.counted() {
            let counts = followed.points.values().map(|one| one.all);
            let all = if followed.is_delta { counts.sum() } else { counts.max().unwrap_or(0) };
            let slot = versions.entry(&followed.version).or_default();
            *slot = slot.saturating_add(all);
        }
        versions
    }

    /// Everything as counters over the same moments.
    pub(crate) fn told(&self) -> Told {
        let step_ms = self.step_ms();
        let mut since_ms: BTreeMap<&str, i64> = BTreeMap::new();
        for followed in self.counted() {
            let Some((first, _)) = followed.points.first_key_value() else { continue };
            let since = since_ms.entry(&followed.version).or_insert(*first);
            *since = (*since).min(*first);
        }
        let begin_ms = since_ms.values().copied().min().unwrap_or_default();
        let mut told = Told { latency: Some(Vec::new()), ..Told::default() };
        for (number, followed) in self.counted().enumerate() {
            let first_ms = since_ms.get(followed.version.as_str()).copied().unwrap_or(begin_ms);
            let grid = Grid { step_ms, begin_ms, first_ms };
            followed.tell(number, grid, &mut told);
        }
        told.latency = told.latency.filter(|latency| !latency.is_empty());
        if self.left_out > 0 {
            told.warnings
                .push(format!("{} points beyond what is kept were left out", self.left_out));
        }
        if told.bad.is_empty() && !told.total.is_empty() {
            told.warnings.push("no point tells a status".to_owned());
        }
        told
    }

    /// The series of the first name of each pair that is there.
    fn counted(&self) -> impl Iterator<Item = &Followed> {
        let has_first =
            [0, 1].map(|pair| self.series.keys().any(|(known, at, _)| (*known, *at) == (pair, 0)));
        let is_counted = move |pair: usize, at: usize| at == 0 || !has_first[pair];
        self.series.iter().filter(move |((pair, at, _), _)| is_counted(*pair, *at)).map(|it| it.1)
    }

    /// How far apart most series tell: what processes tell at different moments is put side by side
    /// in steps that long.
    fn step_ms(&self) -> i64 {
        let apart = |one: &Followed| {
            let times: Vec<i64> = one.points.keys().copied().collect();
            times.windows(2).map(|two| two[1] - two[0]).collect::<Vec<_>>()
        };
        let mut gaps: Vec<i64> = self.counted().flat_map(apart).collect();
        gaps.sort_unstable();
        // Up to a second, so that a little more or less is the same.
        let median =
            gaps.get(gaps.len() / 2).map_or(STEP_MS_MIN, |gap| (gap + 500) / 1_000 * 1_000);
        median.max(STEP_MS_MIN)
    }
}

/// The moments that everything is told at, Unix milliseconds.
#[derive(Clone, Copy)]
struct Grid {
    step_ms: i64,
    /// The first moment of all.
    begin_ms: i64,
    /// That of this version.
    first_ms: i64,
}

impl Grid {
    fn at(&self, at_ms: i64) -> i64 {
        at_ms.div_euclid(self.step_ms) * self.step_ms
    }
}

impl Followed {
    fn tell(&self, number: usize, grid: Grid, told: &mut Told) {
        let labels = |le: Option<f64>| {
            let mut labels = BTreeMap::from([
                (VERSION.to_owned(), self.version.clone()),
                ("series".to_owned(), number.to_string()),
            ]);
            labels.extend(le.map(|le| ("le".to_owned(), le.to_string())));
            labels
        };
        let all = Series { labels: labels(None), points: self.grown(grid, &|one| one.all) };
        if let Some(failed) = self.failed {
            let mut bad = all.clone();
            if !failed {
                bad.points.iter_mut().for_each(|(_, value)| *value = 0.0);
            }
            told.bad.push(bad);
        }
        told.total.push(all);
        let has_buckets = self.points.values().all(|one| !one.buckets.is_empty());
        if !has_buckets || self.bounds.is_empty() {
            return;
        }
        let ends = self.bounds.iter().copied().chain([f64::INFINITY]);
        for (at, end) in ends.enumerate() {
            let below = |one: &Counted| one.buckets.iter().take(at + 1).sum();
            let points = self.grown(grid, &below);
            told.latency.get_or_insert_default().push(Series { labels: labels(Some(end)), points });
        }
    }

    /// What was counted at each moment since the beginning.
    fn grown(&self, grid: Grid, count: &dyn Fn(&Counted) -> u64) -> Vec<(i64, f64)> {
        let Some((_, first)) = self.points.first_key_value() else { return Vec::new() };
        let mut points: BTreeMap<i64, f64> = BTreeMap::new();
        // What counts since nobody looked yet, it counted before; anything else begins at nought.
        let is_new = self.is_delta || first.start_ms.is_some_and(|start| start >= grid.begin_ms);
        let begins = if is_new { 0 } else { count(first) };
        let began_ms = first.start_ms.filter(|_| is_new).unwrap_or(grid.first_ms);
        points.insert(grid.at(began_ms.min(grid.first_ms)), to_f64(begins));
        let mut sum = 0_u64;
        for (at_ms, point) in &self.points {
            sum = if self.is_delta { sum.saturating_add(count(point)) } else { count(point) };
            let slot = points.entry(grid.at(*at_ms)).or_default();
            *slot = to_f64(sum);
        }
        points.into_iter().collect()
    }
}

/// Whether requests with these attributes failed; none where nothing tells how they ended.
fn failed(attributes: &[Attribute]) -> Option<bool> {
    if let Some(status) = first_of(attributes, &STATUS) {
        return Some(status.parse::<u16>().map_or(true, |status| status >= 500));
    }
    if let Some(code) = first_of(attributes, &CODE) {
        let number = NAMES.iter().position(|name| *name == code).map(|number| number.to_string());
        return Some(is_failure(number.as_deref().unwrap_or(&code)));
    }
    first_of(attributes, &ERROR).map(|_| true)
}

/// What tells one set of attributes from another, in whatever order they stand.
fn key(attributes: &[Attribute]) -> String {
    let plain = |one: &Attribute| format!("{}={}", one.key, one.text().unwrap_or_default());
    let mut parts: Vec<String> = attributes.iter().map(plain).collect();
    parts.sort_unstable();
    parts.join("\0")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::counters::Counters;
    use crate::analysis::intake::Arms;
    use plumb_rollout::judge::Settings;
    use plumb_rollout::judgement::WayBack;
    use plumb_rollout::tick::Count;

    /// A point of a histogram of both names: when and since when in seconds, of how many.
    fn line(version: &str, (start, at): (u64, u64), status: &str, count: u64) -> String {
        let point = format!(
            r#"{{"attributes":[
            {{"key":"http.response.status_code","value":{{"intValue":"{status}"}}}}],
            "startTimeUnixNano":"{start}000000000","timeUnixNano":"{at}000000000",
            "count":"{count}","bucketCounts":["{count}","0"],"explicitBounds":[0.5]}}"#
        );
        let metric = |name: &str| {
            format!(
                r#"{{"name":"{name}","histogram":{{"dataPoints":[{point}],
                "aggregationTemporality":TEMPORALITY}}}}"#
            )
        };
        let metrics = [metric("http.server.request.duration"), metric("http.server.duration")];
        format!(
            r#"{{"resourceMetrics":[{{"resource":{{"attributes":[
            {{"key":"service.name","value":{{"stringValue":"shop"}}}},
            {{"key":"service.version","value":{{"stringValue":"{version}"}}}}]}},
            "scopeMetrics":[{{"metrics":[{}]}}]}}]}}"#,
            metrics.join(",")
        )
        .replace('\n', "")
    }

    fn counted(lines: &[String], temporality: &str) -> (Count, Count) {
        let mut metrics = Metrics::default();
        let text = lines.join("\n").replace("TEMPORALITY", temporality);
        let unread = metrics.read(text.as_bytes(), (Some("shop"), None), &mut |_| {}).unwrap();
        assert_eq!(unread.lines, 0);
        let arms = Arms { control: "1".to_owned(), canary: "2".to_owned() };
        let mut counters = Counters::new(VERSION, arms, Settings::default());
        counters.take(&metrics.told());
        let failures = counters.judge().judge(0, WayBack::Open).failures;
        (failures.control, failures.canary)
    }

    #[test]
    fn what_counts_since_the_beginning_counts_what_it_grew_by() {
        let lines = [
            // It ran before anybody looked.
            line("1", (100, 1_000), "200", 5_000),
            line("1", (100, 1_010), "200", 5_040),
            // Told twice, as an exporter does that heard no answer.
            line("1", (100, 1_010), "200", 5_040),
            // A failure that is told for the first time, of a process that ran all the time.
            line("1", (1_005, 1_020), "503", 2),
            line("1", (100, 1_020), "200", 5_090),
            // The new version starts under way, a little beside the other's moments.
            line("2", (1_003, 1_014), "200", 7),
            line("2", (1_003, 1_024), "200", 9),
            line("2", (1_003, 1_024), "404", 1),
        ];
        assert_eq!(counted(&lines, "2"), (Count::new(92, 2), Count::new(10, 0)));
    }

    #[test]
    fn what_counts_since_the_point_before_is_added_up() {
        let lines = [
            line("1", (990, 1_000), "200", 30),
            line("1", (1_000, 1_010), "200", 40),
            line("2", (1_000, 1_010), "500", 4),
            line("1", (1_010, 1_020), "200", 50),
            line("2", (1_010, 1_020), "500", 5),
        ];
        let delta = "\"AGGREGATION_TEMPORALITY_DELTA\"";
        let (control, canary) = counted(&lines, delta);
        assert_eq!((control.units, control.hits), (120, 0));
        assert_eq!((canary.units, canary.hits), (9, 9));
    }

    #[test]
    fn what_is_no_metric_is_told_with_its_line() {
        let mut metrics = Metrics::default();
        let text = b"\n{\"resourceMetrics\":[]}\n{\"resourceMetrics\":7}\noops";
        let unread = metrics.read(&text[..], (None, None), &mut |_| {}).unwrap();
        assert_eq!(unread.lines, 2);
        assert_eq!(unread.first.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [3, 4]);
        assert!(metrics.versions().is_empty());
        let other = line("1", (1, 2), "200", 1).replace("TEMPORALITY", "2");
        metrics.read(other.as_bytes(), (Some("cart"), None), &mut |_| {}).unwrap();
        assert_eq!((metrics.elsewhere, metrics.versions().len()), (2, 0));
    }
}
