// bench/order: orders by ccxt over REST.
//	node order-ccxt.mjs REST KEY SECRET COUNT		(NODE_AT: a folder with node_modules)
import { key, load, price, quantity, rest, secret } from './order-client.mjs';

const { default: ccxt } = await import(`${process.env.NODE_AT}/node_modules/ccxt/js/ccxt.js`);
const ex = new ccxt.binanceusdm({ apiKey: key, secret, enableRateLimit: false });
for (const part of Object.keys(ex.urls.api)) {
	const path = ex.urls.api[part];
	if (typeof path === 'string') ex.urls.api[part] = rest + new URL(path).pathname;
}
await ex.loadMarkets();
await load((id) => ex.createOrder('BTC/USDT:USDT', 'limit', 'buy', quantity, price, { newClientOrderId: id }),
	(id, made) => ex.cancelOrder(made.id, 'BTC/USDT:USDT'));
