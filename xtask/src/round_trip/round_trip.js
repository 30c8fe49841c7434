// Takes recordings that others published from one format to another and back: each becomes evidence,
// the evidence a mock in every format there is, and each of those claims, which must say of the
// evidence what it shows: no finding, and nothing uncovered. What was written as HAR is read as
// evidence again and goes the same way once more, and is the same HAR then. Prints a table.
//
// Usage: node round_trip.js PROGRAM FOLDER RECORDINGS ARCHIVES
'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { isDeepStrictEqual } = require('node:util');

const FORMATS = { wiremock: 'stubs', har: 'mock.har', pact: 'pact.json', openapi: 'api.yaml' };
const CONFIG = 'project = "round-trip"\n\n[assumptions]\nexclude = ["traffic.*"]\n';
const NOW = ['--as-of', '2026-11-20T12:00:00Z'];
// As often as a verdict needs.
const TIMES = 40;

let program;

function plumb(folder, ...args) {
  const { status, stdout, stderr } = spawnSync(program, [...args, ...NOW], {
    cwd: folder, encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

function must(result) {
  if (result.status !== 0) throw new Error(result.stderr);
  return result;
}

function fresh(folder) {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'plumb.toml'), CONFIG);
  return folder;
}

const moment = (second) => new Date(Date.UTC(2026, 10, 20, 10, 0, second)).toISOString();

// A list several times over, each item with a moment of its own.
function often(items, change) {
  const all = Array.from({ length: TIMES }, () => items).flat();
  return all.map((item, at) => change(item, moment(at)));
}

function headersOf({ headers = {}, rawHeaders = headers }) {
  const pairs = Array.isArray(rawHeaders)
    ? rawHeaders.flatMap((name, at) => (at % 2 ? [] : [[name, rawHeaders[at + 1]]]))
    : Object.entries(rawHeaders);
  return Object.fromEntries(pairs.map(([name, value]) => [name, [value].flat().join(', ')]));
}

// Exchanges as they are handed to `observe`, of what nock recorded.
function exchangesOf(recordings) {
  return often(recordings, (one, time) => {
    const isText = typeof one.body === 'string';
    const request = { headers: { 'content-type': isText ? 'text/plain' : 'application/json' } };
    const response = { headers: headersOf(one) };
    if (typeof one.response === 'string') response.body_text = one.response;
    else response.body = one.response;
    return JSON.stringify({
      v: 1, time, method: one.method.toUpperCase(), url: one.scope.replace(/:443$/, '') + one.path,
      status: one.status, response,
      ...(one.body === '' ? {} : { request: { ...request, [isText ? 'body_text' : 'body']: one.body } }),
    });
  }).join('\n');
}

// Name, text of the capture and its name in a project, of every recording.
function* captures(recordings, archives) {
  const folder = path.join(recordings, 'scenarios', 'api.github.com');
  for (const name of fs.readdirSync(folder).sort()) {
    for (const kind of ['normalized', 'raw']) {
      const file = path.join(folder, name, `${kind}-fixture.json`);
      const text = fs.readFileSync(file, 'utf8');
      const own = { 'recording.json': text };
      yield { name: `${name} (${kind})`, file: 'traffic.ndjson', text: exchangesOf(JSON.parse(text)), own };
    }
  }
  const examples = require(archives);
  for (const [name, archive] of Object.entries(examples.default ?? examples).sort()) {
    if (!archive?.log?.entries) continue;
    const entries = often(archive.log.entries, (one, startedDateTime) => ({ ...one, startedDateTime }));
    const text = JSON.stringify({ log: { ...archive.log, entries } });
    yield { name: `${name}.har`, file: 'traffic.har', text, own: {} };
  }
}

// What claims in a folder say of the evidence in a store: findings, the gap, how many there are.
function judged(folder, store) {
  const args = ['gap', '--format', 'json', '--store', store];
  const { stdout, stderr } = plumb(folder, ...args);
  if (stdout === '') throw new Error(stderr);
  const { findings, gap, seams } = JSON.parse(stdout);
  const claims = seams.reduce((sum, seam) => sum + seam.claims, 0);
  return { claims, gap: gap.high, findings: findings.map(({ rule, seam, place }) => `${rule} ${seam?.operation ?? ''} ${place}`) };
}

function written(folder, dependency, format, to) {
  const out = must(plumb(folder, 'mock', dependency, '--export', `${format}=${to}`));
  return `${out.stdout}\n${out.stderr}`.split('\n').filter((line) => line.startsWith('lost: '));
}

// Writes evidence in every format and judges what is read from each by that evidence.
function through(project, store, dependency, folder, wrong) {
  const row = { claims: 0, lost: 0 };
  for (const [format, name] of Object.entries(FORMATS)) {
    const beside = fresh(path.join(folder, format));
    row.lost += written(project, dependency, format, path.join(beside, name)).length;
    const found = judged(beside, store);
    row.claims += found.claims;
    const isCovered = found.gap === 0 || found.gap === null;
    if (found.claims === 0) wrong.push(`${format}: no claims`);
    if (!isCovered) wrong.push(`${format}: gap ${found.gap}`);
    wrong.push(...found.findings.map((one) => `${format}: ${one}`));
  }
  return row;
}

// The entries of an archive in an order that is not that of how often they come, which is lost.
function entriesOf(file) {
  return JSON.parse(fs.readFileSync(file)).log.entries.map((one) => JSON.stringify(one)).sort();
}

function dependencies(project) {
  const { stdout } = must(plumb(project, 'mock', '--list', '--format', 'json'));
  return [...new Set(JSON.parse(stdout).dependencies.map(({ dependency }) => dependency))];
}

function tried(capture, folder) {
  const wrong = [];
  const project = fresh(path.join(folder, 'seen'));
  fs.writeFileSync(path.join(project, capture.file), capture.text);
  for (const [name, text] of Object.entries(capture.own)) fs.writeFileSync(path.join(project, name), text);
  must(plumb(project, 'observe', 'file', capture.file));
  const store = path.join(project, '.plumb');
  const own = judged(project, store);
  wrong.push(...own.findings.map((one) => `as recorded: ${one}`));
  const row = { name: capture.name, claims: own.claims, lost: 0 };
  for (const dependency of dependencies(project)) {
    const out = path.join(folder, dependency);
    const first = through(project, store, dependency, out, wrong);
    const again = fresh(path.join(out, 'again'));
    const archive = path.join(out, 'har', FORMATS.har);
    must(plumb(again, 'observe', 'har', archive));
    const second = path.join(again, 'traffic.har');
    written(again, dependency, 'har', second);
    if (!isDeepStrictEqual(entriesOf(archive), entriesOf(second))) wrong.push('another HAR');
    const later = [];
    through(again, store, dependency, path.join(out, 'later'), later);
    wrong.push(...later.map((one) => `again, ${one}`));
    row.claims += first.claims;
    row.lost += first.lost;
  }
  return { ...row, wrong };
}

function main([named, folder, recordings, archives]) {
  program = named;
  const totals = { files: 0, claims: 0, wrong: 0 };
  console.log('| recording | claims | losses told | differences |\n|---|---|---|---|');
  for (const capture of captures(recordings, archives)) {
    const where = path.join(folder, capture.name.replace(/[^a-zA-Z0-9.-]+/g, '-'));
    const { name, claims, lost, wrong } = tried(capture, where);
    console.log(`| ${name} | ${claims} | ${lost} | ${wrong.length} |`);
    for (const one of wrong) console.log(`  ${one}`);
    totals.files += 1;
    totals.claims += claims;
    totals.wrong += wrong.length;
  }
  console.log(`${totals.files} recordings, ${totals.claims} claims, ${totals.wrong} differences`);
  if (totals.wrong || totals.files === 0) process.exitCode = 1;
}

main(process.argv.slice(2));
