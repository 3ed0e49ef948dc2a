// The exchange's own connector for JavaScript against bf-sim.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { DerivativesTradingUsdsFutures } from '@binance/derivatives-trading-usds-futures';
import { leave, startSim } from './sim.mjs';

describe('connector for USDⓈ-M futures', () => {
	let sim, client, price;

	const keys = () => ({ apiKey: sim.key, apiSecret: sim.secret });
	const rest = async (promise) => (await promise).data();
	const tick = (p) => (Math.round(p * 10) / 10).toFixed(1);

	before(async () => {
		sim = await startSim('--synthetic', '--regime', 'calm', '--seed', '9', '--account', '50000');
		client = new DerivativesTradingUsdsFutures({
			configurationRestAPI: { ...keys(), basePath: sim.rest },
			configurationWebsocketAPI: { ...keys(), wsURL: `${sim.ws}/ws-fapi/v1` },
			configurationWebsocketStreams: { wsURL: sim.ws },
		});
	});
	after(async () => {
		await sim?.stop();
		leave();
	});

	it('reads the rules and the book', async () => {
		const info = await rest(client.restAPI.exchangeInformation());
		assert.ok(info.symbols.some((s) => s.symbol === 'BTCUSDT' && s.status === 'TRADING'));
		const book = await rest(client.restAPI.orderBook({ symbol: 'BTCUSDT', limit: 5 }));
		price = Number(book.asks[0][0]);
		assert.ok(price > Number(book.bids[0][0]));
	});

	it('places, modifies and cancels over REST', async () => {
		const made = await rest(client.restAPI.newOrder({ symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT',
			timeInForce: 'GTC', quantity: 0.01, price: Number(tick(price * 0.97)) }));
		assert.equal(made.status, 'NEW');
		const moved = await rest(client.restAPI.modifyOrder({ symbol: 'BTCUSDT', side: 'BUY',
			orderId: made.orderId, quantity: 0.02, price: Number(tick(price * 0.96)) }));
		assert.equal(Number(moved.origQty), 0.02);
		const gone = await rest(client.restAPI.cancelOrder({ symbol: 'BTCUSDT', orderId: made.orderId }));
		assert.equal(gone.status, 'CANCELED');
	});

	it('places and cancels a conditional order', async () => {
		const made = await rest(client.restAPI.newAlgoOrder({ algoType: 'CONDITIONAL', symbol: 'BTCUSDT',
			side: 'SELL', type: 'STOP_MARKET', triggerPrice: Number(tick(price * 0.9)), quantity: 0.01 }));
		assert.equal(made.algoStatus, 'NEW');
		const gone = await rest(client.restAPI.cancelAlgoOrder({ algoId: made.algoId }));
		assert.equal(gone.msg, 'success');
	});

	it('rejects with the class of the status and the code of the exchange', async () => {
		await assert.rejects(client.restAPI.cancelOrder({ symbol: 'BTCUSDT', orderId: 1 }),
			(e) => e.name === 'BadRequestError' && e.code === -2011);
		const stranger = new DerivativesTradingUsdsFutures({
			configurationRestAPI: { apiKey: 'x'.repeat(64), apiSecret: 'y', basePath: sim.rest },
		});
		await assert.rejects(stranger.restAPI.positionInformationV3(),
			(e) => e.name === 'UnauthorizedError');
	});

	it('trades over the WebSocket API', async () => {
		const api = await client.websocketAPI.connect();
		try {
			const answer = await api.newOrder({ symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT',
				timeInForce: 'GTC', quantity: 0.01, price: Number(tick(price * 0.97)) });
			assert.equal(answer.data.status, 'NEW');
			assert.ok(answer.rateLimits.length > 0);
			const gone = await api.cancelOrder({ symbol: 'BTCUSDT', orderId: answer.data.orderId });
			assert.equal(gone.data.status, 'CANCELED');
			await assert.rejects(api.cancelOrder({ symbol: 'BTCUSDT', orderId: 1 }), (e) => e.code === -2011);
		} finally {
			await api.disconnect();
		}
	});

	it('hears market and user streams', async () => {
		const streams = await client.websocketStreams.connect();
		try {
			const mark = new Promise((resolve) => {
				streams.markPriceStream({ symbol: 'btcusdt', updateSpeed: '1s' }).on('message', resolve);
			});
			assert.ok(Number((await mark).p) > 0);
			const { listenKey } = await rest(client.restAPI.startUserDataStream());
			const filled = new Promise((resolve) => {
				streams.userData(listenKey).on('message', (m) => {
					if (m.e === 'ORDER_TRADE_UPDATE' && m.o?.X === 'FILLED') resolve(m);
				});
			});
			let done = false;
			filled.then(() => { done = true; });
			while (!done) {	// the subscription is under way: trade until it is heard
				await rest(client.restAPI.newOrder({ symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET',
					quantity: 0.002 }));
				await new Promise((resolve) => setTimeout(resolve, 100));
			}
			assert.equal((await filled).o.s, 'BTCUSDT');
		} finally {
			await streams.disconnect();
		}
	});
});
