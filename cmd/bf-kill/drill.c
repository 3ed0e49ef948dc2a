/*
 * A rehearsal: an exchange of its own (bf-sim) in a folder of its own, with positions and orders of both
 * kinds and markets; then the kill as it is, and its times. Nothing of the user's is read or changed.
 */
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/sys.h"
#include "kill.h"

#define READY_MS	15000
#define WITH_ORDERS	20	/* symbols with orders: more would use up the minute's orders */

struct place { enum market m; char symbol[24]; const char *amt, *mark; };

struct theatre {
	char		 dir[240];
	pid_t		 sim;
	int		 out;
	struct place	*v;
	int		 n, orders, algos;
};

static const struct place built_in[] = {
	{ MARKET_USDM, "BTCUSDT", "0.5", "60000" }, { MARKET_COINM, "BTCUSD_PERP", "-40", "60000" },
	{ MARKET_USDM, "ETHUSDT", "-3", "3000" }, { MARKET_COINM, "ETHUSD_PERP", "100", "3000" },
	{ MARKET_USDM, "SOLUSDT", "20", "150" }, { MARKET_USDM, "DOGEUSDT", "-5000", "0.2" },
};
#define BUILT_IN	((int)(sizeof built_in / sizeof *built_in))

/*
 * The folder
 */

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *w)
{
	(void)st, (void)kind, (void)w;
	return remove(path);
}

static int
make_dir(struct theatre *th, struct fault *f)
{
	static const char *const gone[] = { "BF_CONFIG", "BF_PROFILE", "BF_KEY_FD", "BF_API_KEY", "BF_API_SECRET",
		"XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME" };
	const char *base = getenv("TMPDIR");

	snprintf(th->dir, sizeof th->dir, "%.200s/bf-kill-drill.XXXXXX", base != NULL && base[0] == '/' ? base : "/tmp");
	if (mkdtemp(th->dir) == NULL) {
		th->dir[0] = '\0';
		return fault_set(f, FAULT_LOCAL, "a folder for the drill: %s", strerror(errno));
	}
	for (size_t i = 0; i < sizeof gone / sizeof *gone; i++)
		(void)unsetenv(gone[i]);
	return setenv("HOME", th->dir, 1) == 0 ? 0 : fault_set(f, FAULT_LOCAL, "out of memory");
}

/* Contracts beyond those bf-sim has of its own. */
static void
put_contract(struct buf *b, const struct place *p)
{
	buf_printf(b, "{\"symbol\":\"%s\",\"pair\":\"%s\",\"contractType\":\"PERPETUAL\",\"deliveryDate\":4133404800000,"
	    "\"onboardDate\":1569398400000,\"status\":\"TRADING\",\"maintMarginPercent\":\"2.5\","
	    "\"requiredMarginPercent\":\"5.0\",\"baseAsset\":\"%.*s\",\"quoteAsset\":\"USDT\",\"marginAsset\":\"USDT\","
	    "\"pricePrecision\":2,\"quantityPrecision\":3,\"baseAssetPrecision\":8,\"quotePrecision\":8,"
	    "\"underlyingType\":\"COIN\",\"underlyingSubType\":[],\"triggerProtect\":\"0.05\",\"liquidationFee\":\"0.0125\","
	    "\"marketTakeBound\":\"0.05\",\"maxMoveOrderLimit\":10000,\"filters\":["
	    "{\"filterType\":\"PRICE_FILTER\",\"minPrice\":\"0.10\",\"maxPrice\":\"100000\",\"tickSize\":\"0.01\"},"
	    "{\"filterType\":\"LOT_SIZE\",\"minQty\":\"0.001\",\"maxQty\":\"10000\",\"stepSize\":\"0.001\"},"
	    "{\"filterType\":\"MARKET_LOT_SIZE\",\"minQty\":\"0.001\",\"maxQty\":\"1000\",\"stepSize\":\"0.001\"},"
	    "{\"filterType\":\"MAX_NUM_ORDERS\",\"limit\":200},"
	    "{\"filterType\":\"PERCENT_PRICE\",\"multiplierUp\":\"1.1\",\"multiplierDown\":\"0.9\",\"multiplierDecimal\":\"4\"},"
	    "{\"filterType\":\"MIN_NOTIONAL\",\"notional\":\"5\"}],"
	    "\"orderTypes\":[\"LIMIT\",\"MARKET\",\"STOP\",\"STOP_MARKET\",\"TAKE_PROFIT\",\"TAKE_PROFIT_MARKET\","
	    "\"TRAILING_STOP_MARKET\"],\"timeInForce\":[\"GTC\",\"IOC\",\"FOK\",\"GTX\",\"GTD\"]}",
	    p->symbol, p->symbol, (int)strlen(p->symbol) - 4, p->symbol);
}

static int
put_file(struct theatre *th, const char *name, struct buf *b, struct fault *f)
{
	char path[256];
	int fd, r = -1;

	snprintf(path, sizeof path, "%s/%s", th->dir, name);
	fd = b->bad ? -1 : open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd != -1) {
		r = sys_write(fd, b->p, b->len);
		close(fd);
	}
	buf_free(b);
	return r == 0 ? 0 : fault_set(f, FAULT_LOCAL, "%s: %s", path, strerror(errno));
}

static int
put_contracts(struct theatre *th, struct fault *f)
{
	struct buf b = { 0 };

	buf_str(&b, "{\"timezone\":\"UTC\",\"serverTime\":0,\"rateLimits\":[],\"exchangeFilters\":[],\"assets\":[],\"symbols\":[");
	for (int i = BUILT_IN; i < th->n; i++) {
		if (i > BUILT_IN)
			buf_chr(&b, ',');
		put_contract(&b, &th->v[i]);
	}
	buf_str(&b, "]}");
	return put_file(th, "contracts", &b, f);
}

/* Their first prices: more than bf-sim takes as options. */
static int
put_marks(struct theatre *th, struct fault *f)
{
	struct buf b = { 0 };

	for (int i = BUILT_IN; i < th->n; i++)
		buf_printf(&b, "{\"e\":\"markPriceUpdate\",\"E\":1,\"s\":\"%s\",\"p\":\"%s\",\"i\":\"%s\"}\n",
		    th->v[i].symbol, th->v[i].mark, th->v[i].mark);
	return put_file(th, "marks", &b, f);
}

static int
put_account(struct theatre *th, struct fault *f)
{
	struct buf b = { 0 };

	buf_str(&b, "[drill]\nkey = drillkey\nsecret = drillsecret\n"
	    "balance = USDT=1000000000 coinm.BTC=100 coinm.ETH=1000\nposition =");
	for (int i = 0; i < th->n; i++)
		buf_printf(&b, " %s:%s%s", th->v[i].symbol, th->v[i].amt, i % 8 == 7 ? "\n\t" : "");
	buf_chr(&b, '\n');
	return put_file(th, "accounts", &b, f);
}

static int
choose(struct theatre *th, int n, struct fault *f)
{
	th->n = n;
	if ((th->v = calloc((size_t)n, sizeof *th->v)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	for (int i = 0; i < n; i++) {
		if (i < BUILT_IN) {
			th->v[i] = built_in[i];
			continue;
		}
		th->v[i] = (struct place){ .m = MARKET_USDM, .amt = i % 2 == 0 ? "10" : "-10", .mark = "100" };
		snprintf(th->v[i].symbol, sizeof th->v[i].symbol, "DRILL%03dUSDT", i);
	}
	if (put_account(th, f) == -1)
		return -1;
	return n > BUILT_IN ? (put_contracts(th, f) == -1 ? -1 : put_marks(th, f)) : 0;
}

/*
 * The exchange
 */

/* The program beside this one, or the one that was named; never one that PATH happens to have first. */
static int
find_sim(const struct app *a, char *path, size_t size, struct fault *f)
{
	ssize_t n;
	char *slash;

	if (a->sim != NULL) {
		snprintf(path, size, "%.500s", a->sim);
		return access(path, X_OK) == 0 ? 0 : fault_set(f, FAULT_USAGE, "--sim %s: %s", path, strerror(errno));
	}
	if ((n = readlink("/proc/self/exe", path, size - 1)) <= 0)
		return fault_set(f, FAULT_LOCAL, "where bf-kill is cannot be told here: --sim PATH names bf-sim");
	path[n] = '\0';
	if ((slash = strrchr(path, '/')) == NULL || (size_t)(slash - path) + sizeof "/bf-sim" > size)
		return fault_set(f, FAULT_LOCAL, "the folder of bf-kill has too long a name: --sim PATH names bf-sim");
	memcpy(slash, "/bf-sim", sizeof "/bf-sim");
	return access(path, X_OK) == 0 ? 0 :
	    fault_set(f, FAULT_LOCAL, "%s: %s; --sim PATH names another", path, strerror(errno));
}

static void
run_sim(const struct theatre *th, const char *path, int out)
{
	char accounts[256], contracts[256], marks[256];
	const char *const argv[] = { "bf-sim", "--profile-out", "drill", "--accounts", accounts,
		th->n > BUILT_IN ? "--exchange-info" : NULL, contracts, "--feed", marks, NULL };

	snprintf(accounts, sizeof accounts, "%s/accounts", th->dir);
	snprintf(contracts, sizeof contracts, "%s/contracts", th->dir);
	snprintf(marks, sizeof marks, "%s/marks", th->dir);
	if (dup2(out, STDOUT_FILENO) == -1)
		_exit(127);
	sys_close_from(3);
#ifdef PR_SET_PDEATHSIG
	prctl(PR_SET_PDEATHSIG, SIGTERM);	/* it does not outlive a drill that is killed */
#endif
	execv(path, (char *const *)(uintptr_t)argv);
	_exit(127);
}

/* Its first line says that it can be used. */
static int
await(struct theatre *th, struct fault *f)
{
	struct pollfd p = { .fd = th->out, .events = POLLIN };
	int64_t end = clock_mono_ms() + READY_MS, left;
	char text[512];
	ssize_t got;

	while ((left = end - clock_mono_ms()) > 0 && trader_stop == 0) {
		if (poll(&p, 1, (int)(left > 200 ? 200 : left)) <= 0)
			continue;
		got = read(th->out, text, sizeof text);
		if (got > 0)
			return 0;
		if (got == 0)
			break;
	}
	return fault_set(f, FAULT_LOCAL, "bf-sim does not start");
}

static int
start_sim(const struct app *a, struct theatre *th, struct fault *f)
{
	char path[512];
	int fd[2];

	if (find_sim(a, path, sizeof path, f) == -1)
		return -1;
	if (sys_pipe(fd) == -1 || (th->sim = fork()) == -1)
		return fault_set(f, FAULT_LOCAL, "starting bf-sim: %s", strerror(errno));
	if (th->sim == 0) {
		signal(SIGHUP, SIG_DFL);
		signal(SIGPIPE, SIG_DFL);
		signal(SIGINT, SIG_IGN);	/* a terminal's is for the whole group: the drill ends it */
		signal(SIGTERM, SIG_DFL);
		signal(SIGUSR1, SIG_DFL);
		run_sim(th, path, fd[1]);
	}
	close(fd[1]);
	th->out = fd[0];
	return await(th, f);
}

/*
 * Orders that stand
 */

static dec
times(const char *mark, dec by)
{
	dec d = dec_int(0);

	(void)dec_parse(&d, mark);
	(void)dec_mul(&d, d, by);
	return d;
}

static void
put_order(struct ask *k, struct app *a, const struct place *p, bool algo)
{
	bool sell = p->amt[0] != '-';
	char price[DEC_STR];

	*k = (struct ask){ .a = a, .m = p->m, .ep = algo ? EP_ALGO_PLACE : EP_ORDER_PLACE, .symbol = p->symbol };
	dec_print_short(times(p->mark, algo ? (sell ? (dec){ 90, 2 } : (dec){ 110, 2 }) :
	    sell ? (dec){ 102, 2 } : (dec){ 98, 2 }), price);
	buf_str(&k->q, algo ? "algoType=CONDITIONAL&symbol=" : "symbol=");
	query_escape(&k->q, p->symbol);
	buf_printf(&k->q, "&side=%s", sell ? "SELL" : "BUY");
	if (algo)
		buf_printf(&k->q, "&type=STOP_MARKET&triggerPrice=%s&closePosition=true", price);
	else
		buf_printf(&k->q, "&type=LIMIT&timeInForce=GTC&quantity=%s&price=%s&reduceOnly=true",
		    p->amt + !sell, price);
}

static int
place_orders(struct app *a, struct theatre *th, struct fault *f)
{
	int with = th->n < WITH_ORDERS ? th->n : WITH_ORDERS, n = 0;
	struct ask k[2 * WITH_ORDERS];

	for (int i = 0; i < with; i++) {
		put_order(&k[n++], a, &th->v[i], false);
		put_order(&k[n++], a, &th->v[i], true);
	}
	ask_all(a, k, n);
	for (int i = 0; i < n; i++) {
		if (k[i].f.kind != FAULT_NONE)
			say(a, "%s: an order for the drill was refused: %s", k[i].symbol, k[i].f.text);
		else if (k[i].ep == EP_ALGO_PLACE)
			th->algos++;
		else
			th->orders++;
	}
	ask_free(k, n);
	return th->orders > 0 && th->algos > 0 ? 0 : fault_set(f, FAULT_LOCAL, "the drill has no orders to cancel");
}

static int
prepare(struct app *a, struct theatre *th, int n, struct fault *f)
{
	if (make_dir(th, f) == -1 || choose(th, n, f) == -1 || start_sim(a, th, f) == -1)
		return -1;
	a->common.profile = "drill";
	if (profile_load(&a->prof, "drill", f) == -1)
		return -1;
	a->market[0] = MARKET_USDM;
	a->market[1] = MARKET_COINM;
	a->nmarket = MARKETS;
	a->end_ms = clock_mono_ms() + READY_MS;
	return open_all(a, f) == -1 || place_orders(a, th, f) == -1 ? -1 : 0;
}

static void
put_drill(struct app *a, const struct theatre *th, int status)
{
	step(a, "drill");
	jw_i64(&a->rec, "positions", th->n);
	jw_i64(&a->rec, "orders", th->orders);
	jw_i64(&a->rec, "algoOrders", th->algos);
	jw_bool(&a->rec, "flat", status == 0);
	jw_i64(&a->rec, "blockedMs", a->blocked_ms);
	jw_i64(&a->rec, "cancelledMs", a->cancelled_ms);
	jw_i64(&a->rec, "flatMs", a->flat_ms);
	jw_i64(&a->rec, "requests", requests(a));
	emit(a);
	say(a, "drill: %d positions, %d orders, %d conditional orders: blocked after %lld ms, cancelled after %lld ms, "
	    "flat after %lld ms, with %ld requests", th->n, th->orders, th->algos, (long long)a->blocked_ms,
	    (long long)a->cancelled_ms, (long long)a->flat_ms, requests(a));
}

static void
strike(struct theatre *th)
{
	if (th->sim > 0) {
		kill(th->sim, SIGTERM);
		while (waitpid(th->sim, NULL, 0) == -1 && errno == EINTR)
			;
	}
	if (th->out > 0)
		close(th->out);
	if (th->dir[0] != '\0')
		(void)nftw(th->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(th->v);
}

int
drill(struct app *a, int positions)
{
	struct theatre th = { .sim = -1, .out = -1 };
	struct fault f = { 0 };
	int status;

	if (!a->reason_given)
		a->reason = "drill";
	if (prepare(a, &th, positions, &f) == -1)
		status = tool_fail(a->tool, STDERR_FILENO, &f);
	else {
		a->sent0 = 0;
		a->extra = 0;
		a->sent0 = requests(a);
		a->began_ms = clock_mono_ms();
		a->end_ms = a->began_ms + a->timeout_ms;
		status = do_kill(a);
		put_drill(a, &th, status);
	}
	strike(&th);
	return status;
}
