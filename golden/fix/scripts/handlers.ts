import { http, HttpResponse } from 'msw';

// The order that all tests use.
const order = {
  id: 7,
  total: 12.5, // in euros
  is_old: true,
  note: 'leave it',
};

export const handlers = [
  http.get('https://orders/orders/:id', () => HttpResponse.json(order)),
];
