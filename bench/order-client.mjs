// What bench/order-ccxt.mjs and bench/order-connector.mjs share: orders and their cancels one
// after the other, and the line that every client of bench/order prints.
export const [rest, key, secret, wanted] = process.argv.slice(2);
export const price = 58000, quantity = 0.002;

// place(id) and cancel(id, answer) resolve when the exchange has answered.
export async function load(place, cancel) {
	const count = Number(wanted), skip = Math.floor(count / 10), took = [];
	let made, wall, cpu;

	for (let i = 0; i < count; i++) {
		if (i === skip) {
			wall = process.hrtime.bigint();
			cpu = process.cpuUsage();
		}
		const from = process.hrtime.bigint();
		if (i % 2 === 0) made = await place(`n${process.pid}-${i}`);
		else await cancel(`n${process.pid}-${i - 1}`, made);
		if (i >= skip) took.push(Number(process.hrtime.bigint() - from) / 1e3);
	}
	wall = Number(process.hrtime.bigint() - wall) / 1e9;
	cpu = process.cpuUsage(cpu);
	took.sort((a, b) => a - b);
	console.log(took.length, wall.toFixed(6), ((cpu.user + cpu.system) / 1e6).toFixed(6),
		took[Math.floor(took.length / 2)].toFixed(1), took[Math.floor(took.length * 0.99)].toFixed(1),
		process.resourceUsage().maxRSS);
	process.exit(0);
}
