// ccxt (REST and watch*) trades against bf-sim, USDⓈ-M and COIN-M.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import ccxt from 'ccxt';
import { leave, startSim, waitFor } from './sim.mjs';

const REST = {
	fapiPublic: '/fapi/v1', fapiPublicV2: '/fapi/v2', fapiPublicV3: '/fapi/v3',
	fapiPrivate: '/fapi/v1', fapiPrivateV2: '/fapi/v2', fapiPrivateV3: '/fapi/v3',
	fapiData: '/futures/data', dapiPublic: '/dapi/v1', dapiPrivate: '/dapi/v1',
	dapiPrivateV2: '/dapi/v2', dapiData: '/futures/data', sapi: '/sapi/v1', sapiV2: '/sapi/v2',
	sapiV3: '/sapi/v3', sapiV4: '/sapi/v4', eapiPublic: '/eapi/v1', public: '/api/v3', private: '/api/v3',
};

let sim;
const open = [];

// A ccxt exchange that talks to bf-sim and to nobody else.
async function client(name, more = {}) {
	const ex = new ccxt.pro[name]({ apiKey: sim.key, secret: sim.secret, enableRateLimit: false, ...more });
	for (const [part, path] of Object.entries(REST)) ex.urls.api[part] = sim.rest + path;
	ex.urls.api.ws.future = `${sim.ws}/ws`;
	ex.urls.api.ws.delivery = `${sim.ws}/ws`;
	ex.urls.api.ws['ws-api'].future = `${sim.ws}/ws-fapi/v1`;
	ex.urls.api.ws['ws-api'].delivery = `${sim.ws}/ws-dapi/v1`;
	await ex.loadHttpProxyAgent();
	open.push(ex);
	return ex;
}

before(async () => {
	sim = await startSim('--synthetic', '--regime', 'calm', '--seed', '7', '--account', '100000',
		'--balance', 'coinm.BTC=2');
});
after(async () => {
	for (const ex of open) await ex.close();
	await sim?.stop();
	leave();
});

describe('ccxt binanceusdm', () => {
	const BTC = 'BTC/USDT:USDT', ETH = 'ETH/USDT:USDT';
	let ex, mid;

	before(async () => {
		ex = await client('binanceusdm');
		await ex.loadMarkets();
	});

	it('loads the markets with their tick and step', () => {
		const m = ex.market(BTC);
		assert.equal(m.linear, true);
		assert.equal(m.precision.price, 0.1);
		assert.equal(m.precision.amount, 0.001);
		assert.equal(m.limits.cost.min, 50);
		assert.ok(ex.markets['BTC/USDC:USDC']);
	});

	it('sees the money of an account that has not traded', async () => {
		assert.ok((await ex.fetchBalance()).USDT.free > 0);
	});

	it('reads market data', async () => {
		const book = await ex.fetchOrderBook(BTC, 20);
		assert.ok(book.bids.length >= 5 && book.asks.length >= 5);
		assert.ok(book.bids[0][0] < book.asks[0][0]);
		mid = book.asks[0][0];
		const ticker = await ex.fetchTicker(BTC);
		assert.ok(ticker.last > 0 && ticker.high >= ticker.low);
		const candles = await ex.fetchOHLCV(BTC, '1h', undefined, 5);
		assert.equal(candles.length, 5);
		assert.ok(candles.every(([, o, h, l, c]) => h >= Math.max(o, c) && l <= Math.min(o, c)));
		const funding = await ex.fetchFundingRate(BTC);
		assert.ok(funding.fundingTimestamp > Date.now());
		await waitFor('a trade', async () => (await ex.fetchTrades(BTC, undefined, 10)).length > 0,
			30000, 500);
	});

	it('places, amends and cancels a limit order', async () => {
		const price = Number(ex.priceToPrecision(BTC, mid * 0.97));
		const made = await ex.createOrder(BTC, 'limit', 'buy', 0.01, price);
		assert.equal(made.status, 'open');
		const moved = await ex.editOrder(made.id, BTC, 'limit', 'buy', 0.02, price - 10);
		assert.equal(moved.id, made.id);
		assert.equal(moved.amount, 0.02);
		const [waiting] = await ex.fetchOpenOrders(BTC);
		assert.equal(waiting.price, Number(ex.priceToPrecision(BTC, price - 10)));
		const gone = await ex.cancelOrder(made.id, BTC);
		assert.equal(gone.status, 'canceled');
		assert.equal((await ex.fetchOpenOrders(BTC)).length, 0);
	});

	it('keeps all digits of an id above 2^53', async () => {
		const ask = (await ex.fetchOrderBook(ETH, 5)).asks[0][0];
		const made = await ex.createOrder(ETH, 'limit', 'buy', 0.1,
			Number(ex.priceToPrecision(ETH, ask * 0.97)));
		assert.ok(BigInt(made.id) > 2n ** 53n);
		await ex.cancelOrder(made.id, ETH);
	});

	it('fills a market order and shows the position', async () => {
		const made = await ex.createOrder(BTC, 'market', 'buy', 0.01);
		assert.equal(made.status, 'closed');
		assert.equal(made.filled, 0.01);
		const [p] = await ex.fetchPositions([BTC]);
		assert.equal(p.side, 'long');
		assert.equal(p.contracts, 0.01);
		assert.ok(p.liquidationPrice === undefined || p.liquidationPrice >= 0);
		const trades = await ex.fetchMyTrades(BTC);
		assert.equal(trades.at(-1).order, made.id);
		assert.equal(trades.at(-1).fee.currency, 'USDT');
	});

	it('places and cancels a conditional order', async () => {
		const stop = Number(ex.priceToPrecision(BTC, mid * 0.9));
		const made = await ex.createOrder(BTC, 'market', 'sell', 0.01, undefined,
			{ stopLossPrice: stop, reduceOnly: true });
		assert.equal(made.triggerPrice, stop);
		const waiting = await ex.fetchOpenOrders(BTC, undefined, undefined, { trigger: true });
		assert.deepEqual(waiting.map((o) => o.id), [made.id]);
		await ex.cancelOrder(made.id, BTC, { trigger: true });
		assert.equal((await ex.fetchOpenOrders(BTC, undefined, undefined, { trigger: true })).length, 0);
	});

	it('sets leverage and margin mode', async () => {
		await ex.setLeverage(10, ETH);
		await ex.setMarginMode('isolated', ETH);
		await ex.setMarginMode('cross', ETH);
		await assert.rejects(ex.setLeverage(126, ETH), (e) => e instanceof ccxt.BaseError);
	});

	it('throws its own classes of errors', async () => {
		await assert.rejects(ex.cancelOrder('1', BTC), ccxt.OrderNotFound);
		await assert.rejects(ex.fetchOrder('1', BTC), ccxt.OrderNotFound);
		await assert.rejects(ex.fapiPublicGetDepth({ symbol: 'NOSUCH' }), ccxt.BadSymbol);
		await assert.rejects(ex.fapiPrivatePostOrder({ symbol: 'BTCUSDT', side: 'BUY', type: 'STOP_MARKET',
			stopPrice: '1', quantity: '1' }), /-4120/);
		const stranger = await client('binanceusdm', { apiKey: 'x'.repeat(64) });
		await assert.rejects(stranger.fetchBalance(), ccxt.AuthenticationError);
		const forger = await client('binanceusdm', { secret: 'wrong' });
		await assert.rejects(forger.fetchBalance(), ccxt.AuthenticationError);
	});

	it('watches the book, trades, tickers and candles', async () => {
		const book = await ex.watchOrderBook(BTC);
		assert.ok(book.bids[0][0] < book.asks[0][0]);
		assert.ok((await ex.watchTrades(BTC)).length > 0);
		assert.ok((await ex.watchTicker(BTC)).last > 0);
		assert.ok((await ex.watchOHLCV(BTC, '1m')).length > 0);
		assert.ok((await ex.watchMarkPrice(BTC)).markPrice > 0);
	});

	it('watches own orders, balance and positions', async () => {
		const orders = ex.watchOrders(BTC), balance = ex.watchBalance();
		await waitFor('the user stream', () =>
			Object.values(ex.clients).some((c) => c.url.includes('private') && c.isConnected) || undefined);
		const made = await ex.createOrder(BTC, 'market', 'buy', 0.01);
		const seen = await orders;
		assert.ok(seen.some((o) => o.id === made.id));
		assert.ok((await balance).USDT.total > 0);
	});

	it('trades over the WebSocket API', async () => {
		const price = Number(ex.priceToPrecision(BTC, mid * 0.96));
		const made = await ex.createOrderWs(BTC, 'limit', 'buy', 0.01, price);
		assert.equal(made.status, 'open');
		const gone = await ex.cancelOrderWs(made.id, BTC);
		assert.equal(gone.status, 'canceled');
	});
});

describe('ccxt binancecoinm', () => {
	const BTC = 'BTC/USD:BTC';
	let ex;

	before(async () => {
		ex = await client('binancecoinm');
		await ex.loadMarkets();
	});

	it('loads the markets with their contract size', () => {
		assert.equal(ex.market(BTC).inverse, true);
		assert.equal(ex.market(BTC).contractSize, 100);
	});

	it('trades contracts', async () => {
		const book = await ex.fetchOrderBook(BTC, 5);
		const made = await ex.createOrder(BTC, 'limit', 'buy', 3,
			Number(ex.priceToPrecision(BTC, book.asks[0][0] * 0.97)));
		await ex.cancelOrder(made.id, BTC);
		const taken = await ex.createOrder(BTC, 'market', 'sell', 2);
		assert.equal(taken.status, 'closed');
		const p = (await ex.fetchPositions([BTC])).find((x) => x.contracts > 0);
		assert.equal(p.side, 'short');
		assert.equal(p.contracts, 2);
		assert.ok((await ex.fetchBalance()).BTC.total > 1.9);
	});

	it('watches the book and own orders', async () => {
		assert.ok((await ex.watchOrderBook(BTC)).bids.length > 0);
		const orders = ex.watchOrders(BTC);
		await waitFor('the user stream', () =>
			Object.values(ex.clients).some((c) => c.isConnected && Object.keys(c.futures).length > 0) || undefined);
		const made = await ex.createOrder(BTC, 'market', 'buy', 1);
		assert.ok((await orders).some((o) => o.id === made.id));
	});
});
