// Has Pact's own tools take pacts before and after they were mended. The stub server loads what was
// mended and gives its answers; the verifier holds recorded answers against both. A matching rule
// at whose place the verifier refused nothing must stand in the mended file as it was.
//
// Usage: node pact.js PACKAGE BEFORE AFTER
'use strict';

const { execFile, spawn } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { isDeepStrictEqual } = require('node:util');
const { freePort, ready, send } = require('../../../crates/plumb-claims/tests/it/http.js');

// The program lies in a package of its own for each platform.
function programOf(folder) {
  const platform = `${path.basename(folder)}-${process.platform}-${process.arch}`;
  const program = path.join(path.dirname(folder), platform, 'standalone', 'pact');
  fs.chmodSync(program, 0o755);
  return program;
}

// Numbers in paths name one of many documents.
const template = (target) => target.replace(/\d+/g, '{}');

// How often each answer to an interaction's request was recorded; it is the document asked for.
function recorded(folder, provider, { request }) {
  const counts = new Map();
  const lines = fs.readFileSync(path.join(folder, 'traffic.ndjson'), 'utf8').trim().split('\n');
  for (const { method, url, status, response } of lines.map((line) => JSON.parse(line))) {
    const { hostname, pathname } = new URL(url);
    const isOther = hostname !== provider || template(pathname) !== template(request.path);
    if (isOther || method !== request.method) continue;
    const [id] = /\d+$/.exec(request.path) ?? [];
    const body = id === undefined ? response.body : { ...response.body, id: Number(id) };
    const answer = JSON.stringify({ status, headers: response.headers, body });
    counts.set(answer, (counts.get(answer) ?? 0) + 1);
  }
  return counts;
}

// What the verifier says is wrong with an answer to one interaction of a file.
async function mismatches(program, file, interaction, answer) {
  const { status, headers, body } = JSON.parse(answer);
  const provider = http.createServer((_, response) => {
    response.writeHead(status, headers);
    response.end(JSON.stringify(body));
  });
  await new Promise((resolve) => provider.listen(0, '127.0.0.1', resolve));
  const report = path.join(os.tmpdir(), `plumb-pact-${process.pid}.json`);
  const args = ['verifier', '--file', file, '--json', report, '--no-colour'];
  args.push('--hostname', '127.0.0.1', '--port', String(provider.address().port));
  args.push('--filter-description', `^${interaction.description}$`);
  try {
    const printed = await new Promise((resolve) => {
      execFile(program, args, (_, stdout, stderr) => resolve(stdout + stderr));
    });
    if (!fs.existsSync(report)) throw new Error(printed);
    const { errors, result, output } = JSON.parse(fs.readFileSync(report));
    const isAsked = output.some((line) => line.includes(interaction.request.path))
      || output.some((line) => line.includes(interaction.description));
    if (!isAsked) throw new Error(`not verified: ${output.join('\n')}`);
    if (!result && errors.length === 0) throw new Error(printed);
    return errors.flatMap(({ mismatch }) => mismatch.mismatches ?? [mismatch]);
  } finally {
    provider.close();
    fs.rmSync(report, { force: true });
  }
}

// How many recorded answers the verifier refuses, and where.
async function refused(program, file, folder, provider, interaction) {
  let [count, all] = [0, 0];
  const places = new Set();
  for (const [answer, times] of recorded(folder, provider, interaction)) {
    const found = await mismatches(program, file, interaction, answer);
    all += times;
    if (found.length) count += times;
    for (const { path: place, mismatch } of found) {
      const missing = /missing the following keys: (.*)/.exec(mismatch)?.[1].split(', ') ?? [];
      const below = missing.map((key) => `${place}.${key}`);
      for (const one of missing.length ? below : [place]) places.add(one);
    }
  }
  return { count, all, places };
}

// The rules of an interaction's answer by their place in the body, whatever the version.
function rulesOf({ response }) {
  const rules = response.matchingRules ?? {};
  const flat = Object.entries(rules).filter(([place]) => place.startsWith('$.body'));
  const old = flat.map(([place, rule]) => [place.replace('$.body', '$'), rule]);
  return new Map([...old, ...Object.entries(rules.body ?? {})]);
}

const loose = (place) => place.replace(/\[[^\]]*\]/g, '[*]');

// Rules that were changed or lost although nothing was refused at their place or above it.
function touched(before, after, places) {
  const wrong = [...places].map(loose);
  const rules = rulesOf(after);
  const isRefused = (place) => wrong.some((one) => loose(place) === one || loose(place).startsWith(`${one}.`));
  return [...rulesOf(before)]
    .filter(([place, rule]) => !isRefused(place) && !isDeepStrictEqual(rules.get(place), rule))
    .map(([place]) => place);
}

function bodyOf({ response: { body } }) {
  return body && body.contentType !== undefined ? body.content : body;
}

// Takes the values out that the tool makes up for each answer.
function generated({ response: { generators } }) {
  return (body) => {
    const known = structuredClone(body);
    for (const place of Object.keys(generators?.body ?? {})) {
      const steps = place.split('.').slice(1);
      const holder = steps.slice(0, -1).reduce((node, step) => node[step], known);
      delete holder[steps.at(-1)];
    }
    return known;
  };
}

// What the stub server answers otherwise than the file says.
async function unserved(port, { request, ...interaction }) {
  const query = new URLSearchParams(request.query ?? '').toString();
  const target = query ? `${request.path}?${query}` : request.path;
  const headers = Object.entries(request.headers ?? {}).map(([name, value]) => [name, String(value)]);
  const sent = { method: request.method, target, headers: Object.fromEntries(headers) };
  const answer = await send(port, sent);
  const isSame = answer.status === interaction.response.status
    && isDeepStrictEqual(...[JSON.parse(answer.text), bodyOf(interaction)].map(generated(interaction)));
  return isSame ? undefined : `${request.path} answers ${answer.status} ${answer.text}`;
}

async function served(program, file, { interactions }) {
  const port = await freePort();
  const args = ['stub', '--file', file, '--port', String(port), '--loglevel', 'error'];
  const server = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const differences = [];
  try {
    await ready(port);
    for (const interaction of interactions) differences.push(await unserved(port, interaction));
  } finally {
    server.kill();
  }
  console.log(`${path.basename(file)}: ${differences.length} answers of Pact's stub server asked for`);
  return differences.filter((one) => one !== undefined);
}

// Answers that rules of version 2 cannot take, as `fix` says beside them: null beside a type.
function remaining(version, { response }, counts) {
  if (!version.startsWith('2')) return 0;
  const holds = (value) => value === null
    || (typeof value === 'object' && Object.values(value).some(holds));
  const wanted = JSON.stringify(bodyOf({ response }));
  const bad = [...counts].filter(([answer]) => holds(JSON.parse(answer).body) && !wanted.includes('null'));
  return bad.reduce((sum, [, times]) => sum + times, 0);
}

async function main([folder, before, after]) {
  const program = programOf(folder);
  const names = fs.readdirSync(path.join(after, 'pacts')).sort();
  const read = (where, name) => JSON.parse(fs.readFileSync(path.join(where, 'pacts', name)));
  const wrong = [];
  for (const name of names) {
    const document = read(after, name);
    const { provider, interactions, metadata } = document;
    wrong.push(...await served(program, path.join(after, 'pacts', name), document));
    const { version } = metadata.pactSpecification;
    for (const [at, interaction] of interactions.entries()) {
      const of = (where) => refused(program, path.join(where, 'pacts', name), after, provider.name, interaction);
      const [was, is] = [await of(before), await of(after)];
      const counts = recorded(after, provider.name, interaction);
      const stays = remaining(version, interaction, counts);
      console.log(`${name}: ${interaction.description}: Pact ${version} refuses ${was.count} of ${was.all} `
        + `answers, mended ${is.count}`);
      if (was.count === 0 || is.count !== stays) {
        wrong.push(`${name}: ${is.count} refused and not ${stays}: ${[...is.places].join(', ')}`);
      }
      const lost = touched(read(before, name).interactions[at], interaction, was.places);
      if (lost.length) wrong.push(`${name}: rules that held were changed: ${lost.join(', ')}`);
    }
  }
  for (const one of wrong) console.log(one);
  if (wrong.length) process.exitCode = 1;
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
