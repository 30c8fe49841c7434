// Takes mocks from their own format to every one that is written, and from there once more: what
// comes back must answer as before, or the loss must have been told. Beside those that are named,
// takes descriptions of real interfaces and pacts that come with crates. Prints a table.
//
// Usage: node mocks.js PROGRAM FOLDER (FILE | FOLDER)...
'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { isDeepStrictEqual } = require('node:util');

const FORMATS = { wiremock: 'stubs', har: 'mock.har', pact: 'pact.json', openapi: 'api.yaml' };
const BYTES_MAX = 1 << 30;

// Crates whose tests read what others wrote, and where it lies in them.
const CRATES = { openapiv3: ['2.2.0', 'fixtures'], pact_matching: ['0.12.1', 'tests'] };

let program;
let home;

function plumb(...args) {
  const asked = ['mock', ...args, '--values', '--format', 'json'];
  const { status, stdout, stderr } = spawnSync(program, asked, {
    cwd: home, encoding: 'utf8', maxBuffer: BYTES_MAX,
  });
  return status === 0 ? JSON.parse(stdout) : { failed: stderr || 'the program cannot be run' };
}

// Every file below, and a folder of stubs as one.
function* units(from) {
  const isWhole = !fs.statSync(from).isDirectory() || fs.existsSync(path.join(from, 'mappings'));
  if (isWhole) yield from;
  else for (const name of fs.readdirSync(from).sort()) yield* units(path.join(from, name));
}

// Where the crates' files lie; cargo fetches what is missing.
function published(folder) {
  fs.mkdirSync(path.join(folder, 'src'), { recursive: true });
  fs.writeFileSync(path.join(folder, 'src', 'lib.rs'), '');
  const wanted = Object.entries(CRATES).map(([name, [version]]) => `${name} = "=${version}"`);
  fs.writeFileSync(path.join(folder, 'Cargo.toml'), [
    '[package]', 'name = "published"', 'version = "0.0.0"', 'edition = "2021"', '[workspace]',
    '[dependencies]', ...wanted, '',
  ].join('\n'));
  const asked = ['metadata', '--format-version', '1', '--filter-platform', 'x86_64-unknown-linux-gnu'];
  const { status, stdout, stderr } = spawnSync('cargo', asked, {
    cwd: folder, encoding: 'utf8', maxBuffer: BYTES_MAX,
  });
  if (status !== 0) throw new Error(stderr || 'cargo cannot be run');
  const { packages } = JSON.parse(stdout);
  return Object.entries(CRATES).map(([name, [version, below]]) => {
    const found = packages.find((one) => one.name === name && one.version === version);
    return path.join(path.dirname(found.manifest_path), below);
  });
}

function parsed(text) {
  try { return JSON.parse(text); } catch { return text; }
}

// What is answered, without names that change with the file.
function answers(listed) {
  const all = listed.dependencies.flatMap(({ operations }) => operations.flatMap(
    ({ operation, behaviours }) => behaviours.map(({ status, headers, body }) => JSON.stringify(
      [operation, status, Object.entries(headers).sort(), parsed(body)],
    )),
  ));
  return all.sort();
}

// One step from a file to a format: what is answered afterwards, and what was told as lost.
function step(from, dependency, format, folder) {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  const to = path.join(folder, FORMATS[format]);
  const written = plumb(dependency, '--import', from, '--export', `${format}=${to}`);
  if (written.failed) return { failed: written.failed };
  // A host has less room for names than other formats.
  const listed = plumb('--import', to, '--list');
  const dependencies = listed.failed ? [] : listed.dependencies;
  return { to, lost: written.lost, answers: answers({ dependencies }), name: dependencies[0]?.dependency };
}

function tried(unit, dependency, before, folder) {
  const row = { answers: before.length, same: 0, told: 0, settled: 0, wrong: [] };
  for (const format of Object.keys(FORMATS)) {
    const first = step(unit, dependency, format, path.join(folder, format));
    if (first.failed) { row.wrong.push(`${format}: ${first.failed}`); continue; }
    const isSame = isDeepStrictEqual(before, first.answers);
    if (first.lost.length) row.told += 1; else row.same += 1;
    if (!isSame && !first.lost.length) row.wrong.push(`${format}: other answers, and nothing told`);
    if (!first.answers.length) continue;
    const again = step(first.to, first.name, format, path.join(folder, `${format}-again`));
    if (again.failed) { row.wrong.push(`${format} again: ${again.failed}`); continue; }
    const isSettled = isDeepStrictEqual(first.answers, again.answers);
    if (isSettled) row.settled += 1;
    if (!isSettled && !again.lost.length) {
      row.wrong.push(`${format} again: other answers, and nothing told`);
    }
  }
  return row;
}

function main([named, folder, ...roots]) {
  program = path.resolve(named);
  home = folder;
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'plumb.toml'), 'project = "round-trip"\n');
  const totals = { files: 0, answers: 0, same: 0, told: 0, settled: 0, wrong: 0 };
  console.log('| mocks | answers | the same | loss told | settled | wrong |\n|---|---|---|---|---|---|');
  const all = [...roots, ...published(path.join(folder, 'crates'))];
  for (const unit of all.flatMap((root) => [...units(path.resolve(root))])) {
    const listed = plumb('--import', unit, '--list');
    if (listed.failed) continue;
    totals.files += 1;
    for (const { dependency, operations } of listed.dependencies) {
      const before = answers({ dependencies: [{ operations }] });
      const name = `${path.basename(unit)} ${dependency}`;
      const where = path.join(folder, `${totals.files}-${name.replace(/[^a-zA-Z0-9.-]+/g, '-')}`.slice(0, 80));
      const row = tried(unit, dependency, before, where);
      console.log(`| ${name} | ${row.answers} | ${row.same} | ${row.told} | ${row.settled} | ${row.wrong.length} |`);
      for (const one of row.wrong) console.log(`  ${one}`);
      for (const key of ['answers', 'same', 'told', 'settled']) totals[key] += row[key];
      totals.wrong += row.wrong.length;
    }
  }
  console.log(
    `${totals.files} files of mocks, ${totals.answers} answers: ${totals.same} ways without loss, `
    + `${totals.told} with what is lost told, ${totals.settled} settled, ${totals.wrong} wrong`,
  );
  if (totals.wrong || totals.files === 0) process.exitCode = 1;
}

main(process.argv.slice(2));
