// bench/order: orders by the exchange's own connector over REST.
//	node order-connector.mjs REST KEY SECRET COUNT		(NODE_AT: a folder with node_modules)
import { createRequire } from 'node:module';
import { key, load, price, quantity, rest, secret } from './order-client.mjs';

const { DerivativesTradingUsdsFutures } =
	createRequire(`${process.env.NODE_AT}/x.js`)('@binance/derivatives-trading-usds-futures');
const { restAPI } = new DerivativesTradingUsdsFutures({
	configurationRestAPI: { apiKey: key, apiSecret: secret, basePath: rest, keepAlive: true },
});
await load(async (newClientOrderId) => (await restAPI.newOrder({ symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT',
	timeInForce: 'GTC', quantity, price, newClientOrderId })).data(),
	async (origClientOrderId) => (await restAPI.cancelOrder({ symbol: 'BTCUSDT', origClientOrderId })).data());
