// ccxt on bf-sim. It starts `bf-sim --synthetic --seed 1`, which must be in PATH,
// and ends it. ccxt is on npm, and is looked for in the directory you stand in:
//
//	npm install ccxt		(or: make clients-test; cd build/clients)
//	node /where/this/is/sim-ccxt.mjs
//
// Nothing of ccxt is changed but where it finds the exchange.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const ccxt = createRequire(`${process.cwd()}/`)('ccxt');
const sim = spawn('bf-sim', ['--synthetic', '--seed', '1'], { stdio: ['ignore', 'pipe', 'inherit'] });
process.on('exit', () => sim.kill());
sim.once('error', (e) => { console.error(`bf-sim: ${e.message}`); process.exit(2); });
sim.once('exit', (status) => { console.error(`bf-sim ended with status ${status}`); process.exit(2); });
const [line] = await once(createInterface({ input: sim.stdout }), 'line');
const { rest, ws, key, secret } = JSON.parse(line);

const ex = new ccxt.pro.binanceusdm({ apiKey: key, secret, options: { fetchCurrencies: false } });
for (const [part, path] of Object.entries({
	fapiPublic: '/fapi/v1', fapiPublicV2: '/fapi/v2', fapiPublicV3: '/fapi/v3',
	fapiPrivate: '/fapi/v1', fapiPrivateV2: '/fapi/v2', fapiPrivateV3: '/fapi/v3',
	fapiData: '/futures/data',
})) ex.urls.api[part] = rest + path;
ex.urls.api.ws.future = `${ws}/ws`;
ex.urls.api.ws['ws-api'].future = `${ws}/ws-fapi/v1`;
await ex.loadHttpProxyAgent();

const symbol = 'BTC/USDT:USDT';
await ex.loadMarkets();
const book = await ex.watchOrderBook(symbol, 5);
console.log('best bid and ask', book.bids[0], book.asks[0]);
const order = await ex.createOrder(symbol, 'market', 'buy', 0.01);
console.log('bought', order.filled, 'status', order.status);
const stop = ex.priceToPrecision(symbol, book.bids[0][0] * 0.95);
const guard = await ex.createOrder(symbol, 'market', 'sell', 0.01, undefined,
	{ stopLossPrice: stop, reduceOnly: true });
console.log('stop loss', guard.id, 'at', guard.triggerPrice);
for (const p of await ex.fetchPositions([symbol])) console.log('position', p.side, p.contracts, '@', p.entryPrice);
await ex.cancelOrder(guard.id, symbol, { trigger: true });
await ex.createOrder(symbol, 'market', 'sell', 0.01, undefined, { reduceOnly: true });
await ex.close();
process.exit(0);
