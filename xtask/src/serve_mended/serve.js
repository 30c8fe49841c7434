// Loads a folder of mended stubs into WireMock and asks for each of them: status and body must be
// those that the files say. Prints what differs, and how many were asked for.
//
// Usage: node serve.js JAR FOLDER
'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { freePort, ready, send } = require('../../../crates/plumb-claims/tests/it/http.js');

const FIRST_STATE = 'Started';

function stubsBelow(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) return stubsBelow(file);
    const document = JSON.parse(fs.readFileSync(file));
    return (document.mappings ?? [document]).map((stub) => ({ file: entry.name, stub }));
  });
}

// The text of a predicate that one text meets.
function exact(predicate, of) {
  if (typeof predicate === 'string') return predicate;
  const text = predicate.matches === '.*' ? 'any' : (predicate.equalTo ?? predicate.contains);
  if (text === undefined) throw new Error(`no request is made for ${JSON.stringify(of)}`);
  return text;
}

function requestOf({ request }) {
  const target = request.url ?? request.urlPath;
  if (target === undefined) throw new Error(`no request is made for ${JSON.stringify(request)}`);
  const query = Object.entries(request.queryParameters ?? {})
    .map(([name, predicate]) => `${name}=${encodeURIComponent(exact(predicate, request))}`);
  const headers = {};
  for (const [name, predicate] of Object.entries(request.headers ?? {})) {
    headers[name] = exact(predicate, request);
  }
  const [pattern] = request.bodyPatterns ?? [];
  let body = pattern && (pattern.equalToJson ?? pattern.equalTo);
  if (body !== undefined && typeof body !== 'string') body = JSON.stringify(body);
  const method = request.method === 'ANY' || !request.method ? 'GET' : request.method;
  return { method, target: query.length ? `${target}?${query.join('&')}` : target, headers, body };
}

// What the files say that a stub answers.
function said(folder, { response }) {
  const status = response.status ?? 200;
  if (response.bodyFileName !== undefined) {
    const file = path.join(folder, '__files', response.bodyFileName);
    return { status, text: fs.readFileSync(file, 'utf8') };
  }
  if (response.jsonBody !== undefined) return { status, json: response.jsonBody };
  if (response.base64Body !== undefined) {
    return { status, text: Buffer.from(response.base64Body, 'base64').toString() };
  }
  return { status, text: response.body ?? '' };
}

async function admin(port, method, target, body) {
  const headers = { 'content-type': 'application/json' };
  const answer = await send(port, { method, target: `/__admin/${target}`, headers, body });
  if (answer.status !== 200) throw new Error(`${method} ${target}: ${answer.status} ${answer.text}`);
  return answer.text ? JSON.parse(answer.text) : {};
}

async function difference(port, folder, stub) {
  await admin(port, 'POST', 'scenarios/reset');
  const state = stub.requiredScenarioState ?? FIRST_STATE;
  if (stub.scenarioName && state !== FIRST_STATE) {
    const name = encodeURIComponent(stub.scenarioName);
    await admin(port, 'PUT', `scenarios/${name}/state`, JSON.stringify({ state }));
  }
  const request = requestOf(stub);
  const expected = said(folder, stub);
  const answer = await send(port, request);
  if (answer.status !== expected.status) return `status ${answer.status}, not ${expected.status}`;
  const text = request.method === 'HEAD' ? expected.text : answer.text;
  const same = expected.json === undefined
    ? text === expected.text
    : JSON.stringify(JSON.parse(text)) === JSON.stringify(expected.json);
  if (!same) return `body ${text.slice(0, 200)}\n  not ${(expected.text ?? '').slice(0, 200)}`;
  const other = answer.headers['matched-stub-id'];
  return stub.id !== undefined && other !== stub.id ? `stub ${other} answers` : undefined;
}

async function served(port, folder) {
  const stubs = stubsBelow(path.join(folder, 'mappings'));
  const differences = [];
  const { meta } = await admin(port, 'GET', 'mappings');
  if (meta.total !== stubs.length) differences.push(`${meta.total} loaded, not ${stubs.length}`);
  for (const { file, stub } of stubs) {
    const found = await difference(port, folder, stub);
    if (found) differences.push(`${file}: ${found}`);
  }
  console.log(`${stubs.length} stubs asked for, ${differences.length} differ`);
  for (const one of differences) console.log(one);
  return differences.length === 0;
}

async function main([jar, folder]) {
  const port = await freePort();
  const options = ['--bind-address', '127.0.0.1', '--no-request-journal', '--disable-banner'];
  const args = ['-jar', jar, '--port', String(port), '--root-dir', folder, ...options];
  const server = spawn('java', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    await ready(port, '/__admin/mappings');
    if (!(await served(port, folder))) process.exitCode = 1;
  } finally {
    server.kill();
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
