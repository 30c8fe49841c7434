const nock = require('nock');

beforeEach(() => {
  nock('https://carts')
    .get('/carts/7')
    .reply(200, { id: 7, total: 12.5, is_old: true, note: "leave it" }, { 'Content-Type': 'application/json' });
});
