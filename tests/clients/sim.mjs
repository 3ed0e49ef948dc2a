// bf-sim as the tests of the client libraries need it.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

// Start bf-sim with these options; resolves to { rest, ws, key, secret, stop }.
export async function startSim(...options) {
	const bin = process.env.BF_BIN ?? '';
	const child = spawn(`${bin ? bin + '/' : ''}bf-sim`, options, { stdio: ['ignore', 'pipe', 'inherit'] });
	const gone = new Promise((resolve) => child.once('exit', resolve));
	const ready = await new Promise((resolve, reject) => {
		child.once('error', reject);
		child.once('exit', (code) => reject(new Error(`bf-sim ended with status ${code}`)));
		createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line)));
	});
	return {
		...ready,
		async stop() {
			child.kill('SIGTERM');
			await gone;
		},
	};
}

// Resolves to what probe returns once that is neither false nor undefined. A
// probe that asks the exchange wants a pause that its weight allows.
export async function waitFor(what, probe, ms = 30000, pause = 20) {
	const until = Date.now() + ms;
	for (;;) {
		const found = await probe();
		if (found !== false && found !== undefined) return found;
		if (Date.now() > until) throw new Error(`waited in vain for ${what}`);
		await new Promise((resolve) => setTimeout(resolve, pause));
	}
}

// Client libraries leave timers behind (the next refresh of a listen key in half
// an hour): end all the same, once the runner has told its results.
export function leave() {
	setTimeout(() => process.exit(), 1000).unref();
}
