import { http, HttpResponse, passthrough } from 'msw';
import { API_URL } from '../config';

const customer = { name: 'Ann Smith', email: 'ann@example.org' };

export const handlers = [
  http.get('https://orders.internal/orders/:id', ({ params }) =>
    HttpResponse.json({ id: params.id, status: 'paid', total: 1999, customer }),
  ),
  http.post('https://orders.internal/orders', async ({ request }) => {
    const order = await request.json();
    if (!order.sku) {
      return HttpResponse.json({ error: { code: 'sku_missing' } }, { status: 400 });
    }
    return HttpResponse.json({ id: 2001, status: 'pending' }, { status: 201 });
  }),
  http.delete(`${API_URL}/orders/:id`, () => new HttpResponse(null, { status: 204 })),
  http.get('*/assets/*', () => passthrough()),
];
