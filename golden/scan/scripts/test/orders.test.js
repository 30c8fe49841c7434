const nock = require('nock');

const api = nock('https://orders.internal');

it('lists orders', async () => {
  api
    .get('/orders')
    .query({ limit: 3 })
    .reply(200, { orders: [{ id: 1001, status: 'paid' }] }, { 'X-Total-Count': '60' });
});

it('tries again', async () => {
  api.get('/orders/1001').reply(503).get('/orders/1001').reply(200, () => fixture('order'));
});
