// Coming in with a token, and going out: by the form, by logging out, and because a token ended.
// Refuses to look at what the pages show.
import { execFileSync } from "node:child_process";
import { driven, everywhere, expect, opened } from "./browser.mjs";

const [base, plumb, read, ingest] = process.argv.slice(2);
// What is refused here is refused on purpose, and a first judgement takes a moment.
const taken = [401, 403, 503];
const WANTED = "/findings?q=verdict%3Abroken";
const HOURS_MS = 3_600_000;
// A stream that ended is asked for again after some seconds, and then nobody is let in.
const NOTICED_MS = 60_000;

const path = (page) => page.url().slice(base.length);

async function show(page, token) {
  await page.getByLabel("Token").fill(token);
  const answered = page.waitForResponse((answer) => answer.request().method() === "POST");
  await page.getByRole("button", { name: "Log in" }).click();
  const answer = await answered;
  await page.waitForLoadState();
  return answer.status();
}

async function visit(page, address) {
  await page.goto(base + address);
  await page.waitForFunction(() => document.querySelector("h1").textContent !== "Not yet");
}

async function isTurnedAway(page, token, what) {
  const status = await show(page, token);
  expect(status === 401, base, `${what} is answered with ${status}`);
  expect(await page.getByRole("alert").isVisible(), base, `${what}: nothing is said`);
  const html = await page.content();
  expect(!html.includes(token), base, `${what} is shown again`);
  expect(!(await page.context().cookies()).length, base, `${what} gets a cookie`);
}

async function comesIn(page) {
  await visit(page, WANTED);
  expect(path(page).startsWith("/login?back="), page.url(), "nobody asks for a token");
  await everywhere(page, "/login");
  await isTurnedAway(page, "plumb_wrong", "a wrong token");
  await isTurnedAway(page, ingest, "a token that may not read");
  const status = await show(page, read);
  expect(status === 303, base, `the right token is answered with ${status}`);
  expect(path(page) === WANTED, page.url(), "the way back is forgotten");
  await visit(page, WANTED);
  const name = page.locator("header form", { hasText: "reader" });
  expect(await name.isVisible(), page.url(), "nobody is told who looks");
}

async function cookieIsKept(page) {
  const [cookie, ...others] = await page.context().cookies();
  const { name, path, secure, httpOnly, sameSite, domain, expires } = cookie ?? {};
  const told = JSON.stringify({ name, path, secure, httpOnly, sameSite, domain });
  const isRight = name === "__Host-plumb" && path === "/" && secure && httpOnly
    && sameSite === "Lax" && domain === "localhost";
  expect(isRight && !others.length, base, `the cookie is ${told}`);
  const left = expires * 1000 - Date.now();
  expect(left > 11 * HOURS_MS && left <= 12 * HOURS_MS, base, `the cookie stays ${left} ms`);
  expect(await page.evaluate(() => document.cookie === ""), base, "scripts see the cookie");
  return cookie;
}

// A page elsewhere sends the forms of this one, with what it could know.
async function isRefusedFromElsewhere(page) {
  for (const [action, fields] of [["login", { token: read }], ["logout", { ticket: "x" }]]) {
    const other = await page.context().newPage();
    const inputs = Object.entries(fields).map(([name, value]) =>
      `<input name="${name}" value="${value}">`);
    await other.setContent(`<form method="post" action="${base}/${action}">${inputs}</form>`);
    const answered = other.waitForResponse(`${base}/${action}`);
    await other.evaluate(() => document.forms[0].submit());
    const status = (await answered).status();
    expect(status === 403, action, `a page elsewhere is answered with ${status}`);
    await other.close();
    const headers = { origin: "https://elsewhere.test" };
    const told = await page.request.post(`${base}/${action}`, { headers, form: fields });
    expect(told.status() === 403, action, `another origin is answered with ${told.status()}`);
  }
  await visit(page, "/");
  expect(path(page) === "/", page.url(), "a page elsewhere ended the visit");
}

async function goesOut(page, cookie) {
  await page.getByRole("button", { name: "Log out" }).click();
  await page.waitForURL(`${base}/login`);
  expect(!(await page.context().cookies()).length, base, "the cookie is still there");
  await page.context().addCookies([cookie]);
  await page.goto(`${base}/`);
  expect(path(page).startsWith("/login"), page.url(), "the old cookie is still good");
}

// A page whose login just ended may lead to the login by itself, and then no other page is opened.
async function leave(page, url) {
  await page.goto(url).catch((err) => {
    if (!err.message.includes("interrupted by another navigation")) throw err;
    return page.goto(url);
  });
}

// Wherever somebody is led after a login, it is here.
async function staysHere(page) {
  for (const back of ["//elsewhere.test/", "https://elsewhere.test/", "/\\elsewhere.test",
    "javascript:alert(1)", "/\r\nset-cookie:a=b"]) {
    await leave(page, `${base}/login?back=${encodeURIComponent(back)}`);
    await show(page, read);
    const isHere = page.url().startsWith(`${base}/`);
    expect(isHere, page.url(), `leads away to ${back}`);
    await page.context().clearCookies();
  }
}

async function endsWithItsToken(page) {
  await leave(page, `${base}/login`);
  await show(page, read);
  await visit(page, "/seams");
  expect(path(page) === "/seams", page.url(), "is not let in again");
  execFileSync(plumb, ["token", "revoke", "reader"], { stdio: "pipe" });
  // The page that is open notices by itself, and leads back to where it was.
  await page.waitForURL((url) => url.pathname === "/login", { timeout: NOTICED_MS });
  await page.goto(`${base}/seams`);
  expect(path(page).startsWith("/login"), page.url(), "a token that was revoked is still good");
  const status = await show(page, read);
  expect(status === 401, base, `a token that was revoked is answered with ${status}`);
}

await driven(async (browser) => {
  const page = await opened(browser, base, { taken, ignoreHTTPSErrors: true });
  await comesIn(page);
  const cookie = await cookieIsKept(page);
  await isRefusedFromElsewhere(page);
  await goesOut(page, cookie);
  await page.context().clearCookies();
  await staysHere(page);
  await endsWithItsToken(page);
});
